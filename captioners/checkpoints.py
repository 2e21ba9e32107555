"""Weights of models: where they lie on this machine, what is missing, and how they come when that is allowed.

Only safetensors are loaded. A checkpoint that exists only as a pickle, which can run code when it is read, is refused
until :mod:`captioners.conversion` has made safetensors of it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from captioners.base import CaptionerError
from captioners.options import ModelOptions
from captioners.safetensors_files import CONFIGURATION, configuration_digest, digest, weight_files
from renderers.kept_files import ENVIRONMENT, cache_folder
from renderers.registry import AVAILABLE, Availability

PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "adapter_model.bin")

_HUB = re.compile(r"[\w.-]+/[\w.-]+(?:@[\w./-]+)?")


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
        weightless: whether only its tokenizer and configuration are needed.
    """

    repository: str
    revision: str = "main"
    commit: str = ""
    size: str = ""
    licence: str = ""
    gated: bool = False
    pickled: bool = False
    local: bool = False
    weightless: bool = False

    def placed(self, place: str) -> Checkpoint:
        """The same model from elsewhere: an existing path, or ``HUB_ID[@REVISION]``."""
        return replace(at(place), licence=self.licence) if place else self

    def __str__(self) -> str:
        return self.repository if self.local or self.revision == "main" else f"{self.repository}@{self.revision}"


def at(place: str) -> Checkpoint:
    """The checkpoint of a path, or of ``HUB_ID[@REVISION]`` where there is no such path."""
    path = Path(place).expanduser()
    if path.exists() or place.startswith((".", "~")) or not _HUB.fullmatch(place):
        return Checkpoint(str(path), local=True)
    repository, _, revision = place.partition("@")
    return Checkpoint(repository, revision or "main")


@runtime_checkable
class Weighted(Protocol):
    """A captioner with weights; ``benchmark fetch`` gets them, and ``list`` says what they are."""

    @property
    def checkpoints(self) -> Sequence[Checkpoint]:
        """All that it loads, under its present options."""
        ...


def chosen(name: str, published: Checkpoint, options: ModelOptions) -> Checkpoint:
    """The checkpoint of a captioner: its published one, or the place that ``--weights NAME=…`` names."""
    return published.placed(options.weights.get(name, ""))


def located(checkpoint: Checkpoint) -> Path | None:
    """The folder (or GGUF file) with configuration and safetensors, or None. Never uses the network.

    Raises CaptionerError for a place that holds something else: no such folder, no weights, a pickle only.
    """
    folder = Path(checkpoint.repository) if checkpoint.local else _snapshot(checkpoint)
    if folder is not None and folder.suffix == ".gguf" and folder.is_file():
        return folder
    if folder is not None and not folder.is_dir():
        raise CaptionerError(f"{folder}: no such folder of weights")
    if folder is not None and not checkpoint.pickled and is_whole(folder):
        return folder
    if (converted := converted_folder(checkpoint)).is_dir():
        return converted
    if folder is not None and checkpoint.local:
        raise CaptionerError(_what_is_wrong(folder))
    return None


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
        about = "" if checkpoint.local else f"; weights: {described(checkpoint)}"
        return Availability(f"needs {', '.join(missing)}", f"pip install -e '.[{extra}]'{about}")
    try:
        if located(checkpoint) is not None:
            return AVAILABLE
    except CaptionerError as error:
        return Availability(str(error))
    fetch = f"`python -m benchmark fetch {options.weights.get(name) or name or checkpoint}`"
    if checkpoint.pickled:
        return Availability(
            f"{described(checkpoint)} exists only as a pickle, which can run code when it is read",
            f"{fetch} gets it and makes safetensors of it",
        )
    if options.allow_download:
        return AVAILABLE
    token = "; log in first (hf auth login), with an account that has accepted the licence" if checkpoint.gated else ""
    named = f", --weights {name}=FOLDER names them" if name else ""
    return Availability(
        f"the weights are not on this machine: {described(checkpoint)}",
        f"{fetch} or --allow-download gets them once{named}{token}",
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
        download(checkpoint)
        folder = located(checkpoint)
    if folder is None:
        raise CaptionerError(
            f"{checkpoint} was downloaded and holds no safetensors, and nothing else is loaded: "
            f"`python -m benchmark fetch {checkpoint}` makes some of a pickle"
        )
    return folder


def identity(checkpoint: Checkpoint, options: ModelOptions, name: str) -> dict[str, object]:
    """What a fingerprint says of weights: repository, commit and SHA-256; without ``weights`` where there are none.

    A folder has no commit, and may be moved: its weights and its configuration say which it is. Where the options allow
    it, weights that are not here are fetched. Raises CaptionerError as :func:`fetched`.
    """
    folder = fetched(checkpoint, options, name) if options.allow_download else located(checkpoint)
    if checkpoint.local:
        return {} if folder is None else {"weights": digest(folder), "configuration": configuration_digest(folder)}
    if folder is None:
        return {"repository": checkpoint.repository, "revision": checkpoint.revision}
    snapshot = re.fullmatch(r"[0-9a-f]{40}", folder.name)
    revision = folder.name if snapshot else checkpoint.revision
    return {"repository": checkpoint.repository, "revision": revision, "weights": digest(folder)}


def require_model(folder: Path, model: str) -> None:
    """Raise CaptionerError unless a folder's configuration names this class of transformers, or none."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        held = config.get("architectures") or [model]
        if model in held:
            return
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CaptionerError(f"{folder} has no readable config.json: {error}") from error
    raise CaptionerError(f"{folder} holds a model of class {', '.join(map(str, held))}, and {model} is needed")


def download(checkpoint: Checkpoint, weights: Iterable[str] = ("*.safetensors",)) -> Path:
    """Get weights and configuration of a revision from the hub; what is there is not got again.

    Raises CaptionerError for what the hub refuses, for a reference that has moved, and without a network.
    """
    if importlib.util.find_spec("huggingface_hub") is None:
        raise CaptionerError("needs huggingface_hub: pip install -e '.[models]'")
    from huggingface_hub import errors, snapshot_download

    try:
        folder = snapshot_download(
            checkpoint.repository,
            revision=checkpoint.revision,
            allow_patterns=[*weights, *CONFIGURATION],
            ignore_patterns=["*/*"],  # other formats, checkpoints of the training
        )
        return _pinned(Path(folder), checkpoint)
    except errors.GatedRepoError as error:
        raise CaptionerError(
            f"{checkpoint.repository} is gated: accept its licence on its page, then log in here (hf auth login)"
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise CaptionerError(
            f"the hub has no {checkpoint.repository}, or it is gated and nobody is logged in here (hf auth login)"
        ) from error
    except errors.RevisionNotFoundError as error:
        raise CaptionerError(
            f"{checkpoint.repository} has no revision {checkpoint.revision!r}: name another one, "
            f"{checkpoint.repository}@REVISION"
        ) from error
    except CaptionerError:
        raise
    except Exception as error:  # whatever a network does
        reason = " ".join(str(error).split())[:300]
        raise CaptionerError(f"{checkpoint} could not be downloaded: {reason}") from error


def converted_folder(checkpoint: Checkpoint) -> Path:
    """Where :mod:`captioners.conversion` leaves the safetensors of a checkpoint that is a pickle.

    A local pickle that has changed since is another checkpoint. Raises CaptionerError for a user without a home.
    """
    place, state = checkpoint.repository, ""
    if checkpoint.local:
        folder = Path(place).resolve()
        place, state = folder.name, f"{folder} {_state_of(folder)}"
    readable = re.sub(r"[^\w.-]", "_", f"{place}@{checkpoint.revision}")[-100:].lstrip(".")
    exact = hashlib.sha256(f"{checkpoint} {state}".encode()).hexdigest()[:16]
    try:
        return cache_folder("checkpoints") / f"{readable}-{exact}"
    except RuntimeError as error:
        raise CaptionerError(f"{error}: set {ENVIRONMENT} to a folder for converted weights") from error


def _state_of(folder: Path) -> list[tuple[str, int, int]]:
    """Name, size and time of the pickles in a folder."""
    found = [(name, (folder / name).stat()) for name in PICKLES if (folder / name).is_file()]
    return [(name, state.st_size, state.st_mtime_ns) for name, state in found]


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


def is_whole(folder: Path) -> bool:
    """Whether a folder holds safetensors, and all that its index names."""
    files = weight_files(folder)
    return bool(files) and all(file.is_file() for file in files)


def _what_is_wrong(folder: Path) -> str:
    """Why nothing can be loaded from a folder."""
    if missing := [file for file in weight_files(folder) if not file.is_file()]:
        return f"{folder} lacks {missing[0].name}, which its index names"
    if pickles := [name for name in PICKLES if (folder / name).exists()]:
        return (
            f"{folder} holds its weights only as a pickle ({pickles[0]}), which can run code when it is read: "
            f"`python -m benchmark fetch {folder}` makes safetensors of it"
        )
    return (
        f"{folder} is no folder of weights: it holds neither model.safetensors (or its index) nor "
        "adapter_model.safetensors"
    )
