from __future__ import annotations

from captioners.torchvision_operators import declare_missing

declare_missing()  # before anything here imports transformers
