"""Weights of models: where they lie on this machine, what is missing, and how they come when that is allowed.

Only safetensors are loaded. A checkpoint that exists only as a pickle, which can run code when it is read, is refused
until :mod:`captioners.conversion` has made safetensors of it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from captioners.base import CaptionerError
from captioners.options import ModelOptions
from captioners.safetensors_files import weight_files
from renderers.kept_files import cache_folder
from renderers.registry import AVAILABLE, Availability

PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "adapter_model.bin")

# What is fetched: weights, configuration, tokenizers. Python files and pickles are not.
_PATTERNS = ("*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "tokenizer.model", "*.jinja")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model's weights and configuration, on the hub or in a folder.

    Attributes:
        repository: id on the model hub, or the folder or GGUF file of a local one.
        revision: what the hub is asked for: a commit, or a reference such as ``refs/pr/38``.
        commit: the digits that the commit begins with; a reference that has moved elsewhere is refused.
        size: of the download, as people say it: ``990 MB``.
        licence: of the weights.
        gated: whether the hub wants an account that has accepted the licence.
        pickled: whether this revision has its weights as a pickle only.
        local: whether ``repository`` is a path.
    """

    repository: str
    revision: str = "main"
    commit: str = ""
    size: str = ""
    licence: str = ""
    gated: bool = False
    pickled: bool = False
    local: bool = False

    def placed(self, place: str) -> Checkpoint:
        """The same model from elsewhere: an existing path, or ``HUB_ID[@REVISION]``."""
        return replace(at(place), licence=self.licence) if place else self

    def __str__(self) -> str:
        return self.repository if self.local or self.revision == "main" else f"{self.repository}@{self.revision}"


def at(place: str) -> Checkpoint:
    """The checkpoint of a path, or of ``HUB_ID[@REVISION]`` where there is no such path."""
    if Path(place).expanduser().exists() or place.startswith(("/", ".", "~")) or place.count("/") != 1:
        return Checkpoint(str(Path(place).expanduser()), local=True)
    repository, _, revision = place.partition("@")
    return Checkpoint(repository, revision or "main")


def chosen(name: str, published: Checkpoint, options: ModelOptions) -> Checkpoint:
    """The checkpoint of a captioner: its published one, or the place that ``--weights NAME=…`` names."""
    return published.placed(options.weights.get(name, ""))


def located(checkpoint: Checkpoint) -> Path | None:
    """The folder (or GGUF file) with configuration and safetensors, or None. Never uses the network.

    Raises CaptionerError for a place that holds something else: no such folder, no weights, a pickle only.
    """
    if (converted := converted_folder(checkpoint)).is_dir():
        return converted
    folder = Path(checkpoint.repository) if checkpoint.local else _snapshot(checkpoint)
    if folder is None or checkpoint.pickled:
        return None
    if folder.suffix == ".gguf" and folder.is_file():
        return folder
    if not folder.is_dir():
        raise CaptionerError(f"{folder}: no such folder of weights")
    return folder if _is_whole(folder, checkpoint) else None


def availability(
    checkpoint: Checkpoint, packages: Sequence[str], options: ModelOptions, *, extra: str = "models", name: str = ""
) -> Availability:
    """Whether packages and weights are here; imports neither torch nor the packages.

    Args:
        checkpoint: of the captioner.
        packages: that it imports.
        options: whether weights may be fetched.
        extra: of this project, which installs the packages.
        name: of the captioner, for the commands that are proposed; "" for one that has no registered name.
    """
    if missing := [package for package in packages if importlib.util.find_spec(package) is None]:
        about = f"; weights {described(checkpoint)}" if not checkpoint.local else ""
        return Availability(f"needs {', '.join(missing)}", f"pip install -e '.[{extra}]'{about}")
    try:
        if located(checkpoint) is not None:
            return AVAILABLE
    except CaptionerError as error:
        return Availability(str(error))
    if checkpoint.pickled:
        return Availability(
            f"{described(checkpoint)} exists only as a pickle, which can run code when it is read",
            f"`python -m benchmark fetch {name}` gets it and converts it safely",
        )
    if options.allow_download:
        return AVAILABLE
    token = "; log in first (hf auth login), with an account that has accepted the licence" if checkpoint.gated else ""
    fetch, named = (
        (f"`python -m benchmark fetch {name}` or ", f", --weights {name}=FOLDER names them") if name else ("", "")
    )
    return Availability(
        f"the weights are not on this machine: {described(checkpoint)}",
        f"{fetch}--allow-download gets them once{named}{token}",
    )


def described(checkpoint: Checkpoint) -> str:
    """``ID@REVISION, 990 MB, BSD-3-Clause, gated``."""
    parts = (str(checkpoint), checkpoint.size, checkpoint.licence, "gated" if checkpoint.gated else "")
    return ", ".join(filter(None, parts))


def fetched(checkpoint: Checkpoint, options: ModelOptions, name: str) -> Path:
    """As :func:`located`, or from the network where the options allow it. Raises CaptionerError."""
    folder = located(checkpoint)
    if folder is None:
        if not options.allow_download or checkpoint.local:
            raise CaptionerError(str(availability(checkpoint, (), options, name=name)))
        download(checkpoint, _PATTERNS)
        folder = located(checkpoint)
    if folder is None:
        raise CaptionerError(f"{checkpoint} was downloaded and holds no safetensors; nothing else is loaded")
    return folder


def download(checkpoint: Checkpoint, patterns: Iterable[str] = _PATTERNS) -> Path:
    """Get the files of a revision from the hub; what is there is not got again. Raises CaptionerError."""
    from huggingface_hub import errors, snapshot_download

    try:
        return _pinned(
            Path(snapshot_download(checkpoint.repository, revision=checkpoint.revision, allow_patterns=list(patterns))),
            checkpoint,
        )
    except errors.GatedRepoError as error:
        raise CaptionerError(
            f"{checkpoint.repository} is gated: accept its licence on its page, then log in here (hf auth login)"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise CaptionerError(
            f"the hub has no {checkpoint.repository}, or it is gated and nobody is logged in here (hf auth login)"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise CaptionerError(f"{checkpoint.repository} has no revision {checkpoint.revision!r} any more") from error
    except CaptionerError:
        raise
    except Exception as error:  # whatever a network does
        reason = " ".join(str(error).split())[:300]
        raise CaptionerError(f"{checkpoint} could not be downloaded: {reason}") from error


def converted_folder(checkpoint: Checkpoint) -> Path:
    """Where :mod:`captioners.conversion` leaves the safetensors of a checkpoint that is a pickle."""
    place = Path(checkpoint.repository).resolve().as_posix() if checkpoint.local else checkpoint.repository
    safe = "".join(c if c.isalnum() or c in "-._" else "_" for c in f"{place}@{checkpoint.revision}").strip("._")
    return cache_folder("checkpoints") / safe[-150:]


def _snapshot(checkpoint: Checkpoint) -> Path | None:
    """The folder of that revision in the hub's cache."""
    from huggingface_hub import try_to_load_from_cache

    for file in ("config.json", "adapter_config.json"):
        found = try_to_load_from_cache(checkpoint.repository, file, revision=checkpoint.revision)
        if isinstance(found, str):
            return _pinned(Path(found).parent, checkpoint)
    return None


def _pinned(folder: Path, checkpoint: Checkpoint) -> Path:
    """The folder, if it is that of the pinned commit: the cache calls folders by their commits."""
    if not folder.name.startswith(checkpoint.commit):
        raise CaptionerError(
            f"{checkpoint} is now commit {folder.name[:12]}, and {checkpoint.commit} is what this project knows: "
            f"name what you want with --weights NAME={checkpoint.repository}@COMMIT"
        )
    return folder


def _is_whole(folder: Path, checkpoint: Checkpoint) -> bool:
    """Whether a folder has all its safetensors. Raises CaptionerError for a local one that has not."""
    missing = [file for file in weight_files(folder) if not file.is_file()]
    if weight_files(folder) and not missing:
        return True
    if not checkpoint.local:
        return False
    if missing:
        raise CaptionerError(f"{folder} lacks {missing[0].name}, which its index names")
    if pickles := [name for name in PICKLES if (folder / name).exists()]:
        raise CaptionerError(
            f"{folder} holds its weights only as a pickle ({pickles[0]}), which can run code when it is read: "
            f"`python -m benchmark fetch {folder}` makes safetensors of it"
        )
    raise CaptionerError(
        f"{folder} is no folder of weights: it holds neither model.safetensors (or its index) nor "
        "adapter_model.safetensors"
    )
