"""How captioners that are models are to run: where their weights lie, in which precision, on which device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

Input = Literal["svg", "image"]

DTYPES = ("auto", "float32", "bfloat16", "float16")
QUANTIZATIONS = ("auto", "none", "nf4")


@dataclass(frozen=True)
class ModelOptions:
    """How models caption; the fields are options of ``run``. Raises ValueError for values that cannot be.

    Attributes:
        weights: captioner -> where its weights are instead of the published place: a folder, a GGUF file, or
            ``HUB_ID[@REVISION]``.
        adapters: captioner to make -> its LoRA adapter: a folder, or ``HUB_ID[@REVISION]``.
        device: ``auto`` (a CUDA GPU where there is one, else the CPU), or a device of torch: ``cpu``, ``cuda:1``, …
        dtype: one of :data:`DTYPES`: of weights that are not quantized, and of computing; ``auto`` is bfloat16 on
            CUDA and float32 on the CPU.
        quantization: one of :data:`QUANTIZATIONS`; ``auto`` is nf4 for causal language models on CUDA, else none.
        max_new_tokens: bound on a caption; None for the captioner's own.
        context: tokens of prompt and caption together that a language model is given at most.
        batch_tokens: prompt tokens of a batch, padding included, at most; a longer drawing goes alone.
        allow_download: whether weights that are not here may come from the network.
        force: use an adapter whose card says that it was trained for something else; the fingerprint says so.
        endpoint: base address of an OpenAI-compatible server, e.g. ``http://localhost:8000/v1``.
        endpoint_input: what of a drawing the server is sent.
        endpoint_concurrency: requests at a time.
        endpoint_timeout: seconds that one request may take.
    """

    weights: Mapping[str, str] = field(default_factory=dict)
    adapters: Mapping[str, str] = field(default_factory=dict)
    device: str = "auto"
    dtype: str = "auto"
    quantization: str = "auto"
    max_new_tokens: int | None = None
    context: int = 8192
    batch_tokens: int = 16384
    allow_download: bool = False
    force: bool = False
    endpoint: str = ""
    endpoint_input: Input = "svg"
    endpoint_concurrency: int = 8
    endpoint_timeout: float = 120.0

    def __post_init__(self) -> None:
        for name, value, known in (
            ("dtype", self.dtype, DTYPES),
            ("quantization", self.quantization, QUANTIZATIONS),
            ("endpoint_input", self.endpoint_input, get_args(Input)),
        ):
            if value not in known:
                raise ValueError(f"{name} is one of {', '.join(known)}, not {value!r}")
        for name in ("max_new_tokens", "context", "batch_tokens", "endpoint_concurrency", "endpoint_timeout"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ValueError(f"{name} is {value}; it must be above 0")

    def chosen(self) -> dict[str, Any]:
        """The fields that are not at their defaults, as configuration files take them; not device and permission."""
        default = ModelOptions()
        values: dict[str, Any] = {
            "weights": [f"{name}={place}" for name, place in self.weights.items()],
            "adapter": [f"{name}={place}" for name, place in self.adapters.items()],
        }
        names = (
            *("dtype", "quantization", "max_new_tokens", "context", "batch_tokens", "force"),
            *("endpoint", "endpoint_input", "endpoint_concurrency", "endpoint_timeout"),
        )
        values |= {name: getattr(self, name) for name in names if getattr(self, name) != getattr(default, name)}
        return {name: value for name, value in values.items() if value}
