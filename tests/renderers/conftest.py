from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from renderers import RENDERERS

if TYPE_CHECKING:
    from pathlib import Path

# A renderer of another package that does what the id in the SVG says, and else fills the canvas with one colour.
OBEDIENT = """
import os, signal, time
from PIL import Image
from renderers.registry import AVAILABLE

class Obedient:
    name = "obedient"

    def availability(self):
        return AVAILABLE

    def version(self):
        return "1"

    def draw(self, svg, canvas):
        if 'id="sleep"' in svg:
            time.sleep(60)
        if 'id="once ' in svg:
            marker = svg.partition('id="once ')[2].partition('"')[0]
            if not os.path.exists(marker):
                open(marker, "w").close()
                os.kill(os.getpid(), signal.SIGKILL)
        if 'id="die"' in svg:
            os.kill(os.getpid(), signal.SIGKILL)
        if 'id="grow"' in svg:
            bytearray(256 * 2**20)
        if 'id="linger"' in svg:
            time.sleep(0.3)
        red = int(svg.partition('x="')[2].partition('"')[0] or 0)
        return Image.new("RGBA", canvas.size, (red, 0, 0, 255))
"""


@pytest.fixture(autouse=True)
def cache_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty base directory for the cache of this test."""
    base = tmp_path / "cache"
    monkeypatch.setenv("SVG_CAPTION_BENCH_CACHE", str(base))
    return base


@pytest.fixture
def obedient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a renderer that another package brings through an entry point, also in spawned processes."""
    RENDERERS.names()  # the project's own first, as they register only once
    site = tmp_path / "site"
    about = site / "obedient-1.dist-info"
    about.mkdir(parents=True)
    (site / "obedient_renderer.py").write_text(OBEDIENT)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: obedient\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[svg_caption_bench.renderers]\nobedient = obedient_renderer:Obedient\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.setattr(RENDERERS, "_parts", dict(RENDERERS._parts))
    monkeypatch.setattr(RENDERERS, "_loaded", False)
    return "obedient"
