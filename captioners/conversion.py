"""Checkpoints that exist only as pickles: read with nothing but tensors allowed, and kept as safetensors."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from captioners.base import CaptionerError
from captioners.checkpoints import PICKLES, Checkpoint, converted_folder, download

_BESIDE = ("*.json", "*.txt", "tokenizer.model", "*.jinja")


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
    source = (
        Path(checkpoint.repository)
        if checkpoint.local
        else download(checkpoint, (*_BESIDE, *(name for name in PICKLES if name.endswith(".bin"))))
    )
    pickle = next((source / name for name in PICKLES if (source / name).is_file()), None)
    if pickle is None or pickle.suffix != ".bin":
        raise CaptionerError(f"{source} has no weights in one file, {' or '.join(PICKLES[::2])}: nothing to convert")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=target.parent, prefix=".part-"))
    try:
        _write(
            pickle, part / pickle.name.replace("pytorch_model.bin", "model.safetensors").replace(".bin", ".safetensors")
        )
        for pattern in _BESIDE:
            for file in source.glob(pattern):
                shutil.copy(file, part / file.name)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target


def _write(pickle: Path, target: Path) -> None:
    import torch
    from safetensors.torch import save_file

    try:
        loaded = torch.load(pickle, map_location="cpu", weights_only=True, mmap=True)
        tensors = {str(name): tensor for name, tensor in loaded.items()}
    except Exception as error:  # whatever a file that is no checkpoint, or a hostile one, leads to
        reason = " ".join(str(error).split())[:300]
        raise CaptionerError(f"{pickle} cannot be read as tensors alone, and nothing else is read: {reason}") from error
    if odd := [name for name, tensor in tensors.items() if not isinstance(tensor, torch.Tensor)]:
        raise CaptionerError(f"{pickle} holds {odd[0]!r}, which is no tensor")
    # Tied weights share their memory, which the format cannot say: each becomes a tensor of its own.
    save_file(
        {name: tensor.clone().contiguous() for name, tensor in tensors.items()}, target, metadata={"format": "pt"}
    )
