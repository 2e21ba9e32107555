"""Checkpoints that exist only as pickles: read with nothing but tensors allowed, and kept as safetensors."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
import zipfile
from pathlib import Path

from captioners.base import CaptionerError
from captioners.checkpoints import PICKLES, Checkpoint, converted_folder, download, is_whole, located
from captioners.safetensors_files import CONFIGURATION

_IN_ONE_FILE = tuple(name for name in PICKLES if name.endswith(".bin"))


def obtained(checkpoint: Checkpoint) -> Path:
    """The folder with the safetensors of a checkpoint: as it lies here, from the hub, or made of its pickle.

    Raises:
        CaptionerError: as :func:`download` and :func:`convert`.
    """
    if checkpoint.weightless:
        return download(checkpoint, ())
    if not checkpoint.local and not checkpoint.pickled:
        download(checkpoint)
    local = Path(checkpoint.repository)
    if not checkpoint.local or not local.is_dir() or is_whole(local):
        folder = located(checkpoint)
        if folder is not None:
            return folder
    return convert(checkpoint)


def convert(checkpoint: Checkpoint) -> Path:
    """Make safetensors of a checkpoint's pickle, once; a hub's is fetched first. Returns the new folder.

    The pickle is read by ``torch.load(weights_only=True)``, which builds tensors and plain containers and runs
    nothing that the file names. The folder appears when it is whole.

    Raises:
        CaptionerError: no network, no pickle of a single file, or one that holds more than tensors.
    """
    target = converted_folder(checkpoint)
    if target.is_dir():
        return target
    source = Path(checkpoint.repository) if checkpoint.local else download(checkpoint, _IN_ONE_FILE)
    pickle = next((source / name for name in _IN_ONE_FILE if (source / name).is_file()), None)
    if pickle is None:
        raise CaptionerError(f"{source} holds neither safetensors nor one of {', '.join(_IN_ONE_FILE)} to convert")
    if missing := [package for package in ("torch", "safetensors") if importlib.util.find_spec(package) is None]:
        raise CaptionerError(f"converting needs {' and '.join(missing)}: pip install -e '.[models]'")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".part-") as made:
            part = Path(made) / target.name
            part.mkdir()
            _write(pickle, part / pickle.with_suffix(".safetensors").name.replace("pytorch_model", "model"))
            for file in {file for pattern in CONFIGURATION for file in source.glob(pattern)}:
                shutil.copy(file, part / file.name)
            part.rename(target)
    except OSError as error:
        if not target.is_dir():  # which another process may have made in the meantime
            raise CaptionerError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def _write(pickle: Path, target: Path) -> None:
    import torch
    from safetensors.torch import save_file

    try:
        # Files of torch before 1.6 are no archives, which alone can be mapped into memory.
        loaded = torch.load(pickle, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(pickle))
        tensors = {str(name): tensor for name, tensor in loaded.items()}
    except Exception as error:  # whatever a file that is no checkpoint, or a hostile one, leads to
        reason = " ".join(str(error).split())[:300]
        raise CaptionerError(f"{pickle} cannot be read as tensors alone, and nothing else is read: {reason}") from error
    if odd := [name for name, tensor in tensors.items() if not isinstance(tensor, torch.Tensor)]:
        raise CaptionerError(f"{pickle} holds {odd[0]!r}, which is no tensor")
    # Tied weights share their memory, which the format cannot say: each becomes a tensor of its own.
    copies = {name: tensor.clone().contiguous() for name, tensor in tensors.items()}
    save_file(copies, target, metadata={"format": "pt"})
