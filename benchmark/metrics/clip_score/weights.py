"""Where the weights of a CLIP model lie on this machine; from the network only when that is allowed."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

from benchmark import defaults
from benchmark.metrics.base import MetricError
from benchmark.metrics.clip_score.options import ClipOptions
from captioners import safetensors_files
from renderers.registry import AVAILABLE, Availability

CONFIG = "open_clip_config.json"
FILES = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin")
"""What open_clip looks for in a folder, in its order."""

# open_clip says so too, but only after it has imported torch, which takes seconds.
DEFAULT_HUB = "timm/vit_base_patch32_clip_224.openai/"

_SUFFIXES = (".safetensors", ".bin", ".pt", ".pth", ".ckpt")
_INSTALL = "pip install -e '.[clip]'"


def availability(options: ClipOptions) -> Availability:
    """Whether packages and weights are here; imports torch only for another model than the default one."""
    missing = [name for name in ("torch", "open_clip") if importlib.util.find_spec(name) is None]
    if missing:
        return Availability(f"CLIP Score needs {' and '.join(missing)}", _INSTALL)
    try:
        if options.allow_download or located(options):
            return AVAILABLE
    except MetricError as error:
        return Availability(str(error))
    return Availability(
        f"the weights of {options.model} are not on this machine",
        "--allow-download gets them once, or --clip-checkpoint FILE names them",
    )


def located(options: ClipOptions) -> Path | None:
    """The file with the weights, or None when it is not on this machine. Never uses the network.

    Raises MetricError for a checkpoint that cannot be, and for a model that open_clip does not know.
    """
    if options.checkpoint is not None:
        return _in_checkpoint(options.checkpoint)
    return next(_in_caches(options), None)


def fetched(options: ClipOptions) -> Path:
    """As :func:`located`, or from the network where the options allow it. Raises MetricError."""
    path = located(options)
    if path is None:
        if not options.allow_download:
            raise MetricError(str(availability(options)))
        from open_clip.pretrained import download_pretrained

        try:
            path = Path(download_pretrained(pretrained_config(options)))
        except Exception as error:  # whatever a network does
            raise MetricError(f"the weights of {options.model} could not be downloaded: {error}") from error
    return path


def pretrained_config(options: ClipOptions) -> dict[str, object]:
    """What open_clip knows of the weights: where they come from, activation, mean and deviation of pictures.

    Empty for a checkpoint of a model without a tag. Raises MetricError for unknown names.
    """
    from benchmark.metrics.clip_score.torchvision_operators import open_clip

    package = open_clip()
    if options.name not in package.list_models():
        near = [name for name in package.list_models() if name.lower() == options.name.lower()]
        raise MetricError(f"open_clip has no model {options.name!r}{f'; it has {near[0]!r}' if near else ''}")
    config: dict[str, object] = package.get_pretrained_cfg(options.name, options.pretrained)
    if options.pretrained and not config:
        tags = ", ".join(package.list_pretrained_tags_by_model(options.name)) or "none"
        raise MetricError(f"open_clip has no weights {options.pretrained!r} of {options.name}; it has: {tags}")
    return config


def named(options: ClipOptions) -> list[str]:
    """Parts of a signature: what the model is called, and a hash of its weights where they are on this machine."""
    name = options.model
    if options.checkpoint is not None:
        name = "checkpoint" if options.checkpoint.is_dir() else f"checkpoint:{options.model}"
    if not availability(options) or not (path := located(options)):
        return [name]
    return [name, f"sha256:{digest(options, path)[:12]}"]


def digest(options: ClipOptions, path: Path) -> str:
    """SHA-256 (hex) of the file of weights; for a folder over its configuration too.

    The Hugging Face cache calls its files by their SHA-256, which saves reading them.
    """
    own = safetensors_files.digest(path)
    if options.checkpoint is None or not options.checkpoint.is_dir():
        return own
    return hashlib.sha256(own.encode() + (options.checkpoint / CONFIG).read_bytes()).hexdigest()


def _in_checkpoint(path: Path) -> Path:
    if path.is_dir():
        found = [path / name for name in FILES if (path / name).is_file()]
        if not found or not (path / CONFIG).is_file():
            raise MetricError(f"{path} does not hold {CONFIG} and one of {', '.join(FILES)}, as open_clip saves them")
        return found[0]
    if not path.is_file():
        raise MetricError(f"{path}: no such file or folder")
    if path.suffix not in _SUFFIXES:
        raise MetricError(f"{path} is no file of weights: their names end in {', '.join(_SUFFIXES)}")
    return path


def _in_caches(options: ClipOptions) -> Iterator[Path]:
    """Files of the weights in the caches of Hugging Face and open_clip, the preferred one first."""
    from huggingface_hub import try_to_load_from_cache

    hub, url = DEFAULT_HUB, ""
    if options.model != defaults.CLIP_MODEL:
        config = pretrained_config(options)
        hub, url = str(config.get("hf_hub", "")), str(config.get("url", ""))
    repository, _, name = hub.rpartition("/")
    names = (str(Path(name).with_suffix(".safetensors")), name) if name else (FILES[0], FILES[2])
    for name in names if repository else ():
        cached = try_to_load_from_cache(repository, name)
        if isinstance(cached, str):
            yield Path(cached)
    old = Path("~/.cache/clip").expanduser() / url.rpartition("/")[2]
    # OpenAI's own files are TorchScript programs, which cannot be read as mere weights.
    if url and "openaipublic" not in url and old.is_file():
        yield old
