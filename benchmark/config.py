"""What a run is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark import defaults
from benchmark.errors import UserError
from benchmark.metrics import cider
from benchmark.metrics.base import METRICS, Metric
from benchmark.metrics.clip_score.metric import ClipScore
from benchmark.metrics.clip_score.options import ClipOptions
from benchmark.store import Shard
from captioners import ModelOptions
from renderers import RENDERERS, Limits, RenderOptions
from renderers.base import TRANSPARENT


@dataclass(frozen=True)
class RunConfig:
    """What ``python -m benchmark run`` is asked for; the fields are its options.

    Where no metric is named, ``metrics`` becomes those of the profile. Raises UserError for an unknown profile.
    """

    captioners: tuple[str, ...] = ("all",)
    dataset: str = "openmoji"
    split: str = "test"
    limit: int | None = None
    seed: int = 0
    profile: str = defaults.PROFILE
    metrics: tuple[str, ...] = ()
    cider_df: Path | None = None
    renderer: str = "auto"
    background: str = "white"
    repair: bool = True
    font_dir: Path | None = None
    svg_limits: tuple[str, ...] = ()
    clip_model: str = defaults.CLIP_MODEL
    clip_checkpoint: Path | None = None
    clip_dtype: str = defaults.CLIP_DTYPES[0]
    models: ModelOptions = field(default_factory=ModelOptions)
    batch_size: int = 8
    shard: Shard = field(default_factory=Shard)
    output_dir: Path = Path("results")
    overwrite: bool = False
    retry_failed: bool = False
    own_data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "metrics", defaults.metrics_of(self.profile, self.metrics))
        if (self.limit is not None and self.limit < 1) or self.batch_size < 1:
            raise ValueError(f"limit ({self.limit}) and batch_size ({self.batch_size}) are at least 1")

    def options(self) -> dict[str, Any]:
        """The options that determine a run's captions, under the names that a configuration file takes."""
        chosen = {
            "dataset": self.dataset,
            "split": self.split,
            "limit": self.limit,
            "seed": self.seed,
            "metrics": ",".join(self.metrics),
            "cider_df": str(self.cider_df) if self.cider_df else None,
            "renderer": self.renderer,
            "background": self.background,
            "repair": self.repair,
            "font_dir": str(self.font_dir) if self.font_dir else None,
            "svg_limits": list(self.svg_limits),
            **self.models.chosen(),
            **(self._clip() if "clip_score" in self.metrics else {}),
            "batch_size": self.batch_size,
            **self.own_data,
        }
        return {name: value for name, value in chosen.items() if value not in (None, (), [])}

    def render_options(self) -> RenderOptions:
        """How pictures are drawn. Raises UserError for a wrong colour or limit, UnknownName for an unknown renderer."""
        if self.renderer != "auto":
            RENDERERS[self.renderer]
        if self.background == TRANSPARENT:
            raise UserError(f"background is {TRANSPARENT!r}; captioners look at pictures on an opaque colour.")
        try:
            return RenderOptions(
                background=self.background,
                backend=self.renderer,
                repair=self.repair,
                font_dir=self.font_dir,
                limits=Limits.parse(self.svg_limits),
            )
        except ValueError as error:
            raise UserError(str(error)) from error

    def check_metrics(self) -> None:
        """Raise UnknownName for a metric that does not exist."""
        for name in self.metrics:
            METRICS[name]

    def configured_metrics(self) -> dict[str, Metric]:
        """The metrics that are to be used in the place of registered ones. Raises UserError for what cannot be."""
        configured = cider.configured(self.cider_df, self.metrics)
        if "clip_score" not in self.metrics:
            return configured
        try:
            clip = ClipOptions(
                self.clip_model,
                self.clip_checkpoint,
                self.models.device,
                self.clip_dtype,
                allow_download=self.models.allow_download,
            )
        except ValueError as error:
            raise UserError(str(error)) from error
        return configured | {"clip_score": ClipScore(clip)}

    def _clip(self) -> dict[str, Any]:
        return {
            "clip_model": self.clip_model,
            "clip_checkpoint": str(self.clip_checkpoint) if self.clip_checkpoint else None,
            "clip_dtype": self.clip_dtype,
        }
