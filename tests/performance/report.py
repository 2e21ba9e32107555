"""How long the report takes to write, and how long a browser takes to show and to filter it.

    python -m benchmark run --captioners all --output-dir openmoji
    python -m benchmark run --captioners all --dataset shapes:size=10000 --limit 2000 --output-dir shapes
    python tests/performance/report.py openmoji shapes [--repeat 5] [--json] [--screenshots FOLDER]

Each sample set is written with an empty cache of renderings and again with a full one, without and with plots; then a
fresh page of headless Chromium opens it. "first paint" is the browser's own first-contentful-paint, "ready" when the
first samples are on the page; "keystroke" is the time from a key in the search to the next frame, for each letter of a
word; "j" that from a sample to the next. Medians over the repetitions, the longest keystroke beside them. Console
messages, requests other than for the page itself, and what an audit by axe-core finds are listed; there should be none.

``--screenshots FOLDER`` keeps the pictures of the README: of the first folder's report on a desktop, dark, on a phone.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmark import report
from benchmark.store import SampleSet, sample_sets
from renderers import chromium

WORD = "circle red"
# From the event to the frame after the one that shows its effect.
TYPE = """async text => {
    const box = document.getElementById("q");
    const times = [];
    for (let end = 1; end <= text.length; end++) {
        const start = performance.now();
        box.value = text.slice(0, end);
        box.dispatchEvent(new InputEvent("input", {bubbles: true}));
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        times.push(performance.now() - start);
    }
    box.value = "";
    box.dispatchEvent(new InputEvent("input", {bubbles: true}));
    return times;
}"""
STEP = """async count => {
    const times = [];
    for (let i = 0; i < count; i++) {
        const start = performance.now();
        document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "j", bubbles: true}));
        await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        times.push(performance.now() - start);
    }
    return times;
}"""


def write(sample_set: SampleSet, folder: Path) -> dict[str, Any]:
    """Seconds to write the page with an empty and with a full cache, and with plots; bytes of the page."""
    os.environ["SVG_CAPTION_BENCH_CACHE"] = str(folder / "cache")
    file = folder / "report.html"
    seconds = {}
    for name, plots in (("empty cache", False), ("full cache", False), ("with plots", True)):
        start = time.perf_counter()
        report.write(sample_set, file, plots=plots)
        seconds[name] = time.perf_counter() - start
    return {"seconds": seconds, "bytes": file.stat().st_size, "file": file}


def visit(file: Path, repeat: int) -> tuple[dict[str, float], list[str]]:
    """Milliseconds in the browser, and what should not have happened."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    wrong: list[str] = []
    asked: list[str] = []
    found: dict[str, list[float]] = {"first paint": [], "ready": [], "keystroke": [], "j": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium._executable(), args=["--no-sandbox"])
        for _ in range(repeat):
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.on("console", lambda message: wrong.append(f"console: {message.text}"))
            page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
            page.on("request", lambda request: asked.append(request.url))
            page.add_init_script(
                "new MutationObserver((_, observer) => { if (document.querySelector('article.sample')) {"
                " window.ready = performance.now(); observer.disconnect(); } })"
                ".observe(document, {childList: true, subtree: true});"
            )
            page.goto(file.as_uri())
            page.wait_for_selector("article.sample", state="attached")
            page.wait_for_timeout(300)
            paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
            found["first paint"].append(page.evaluate(paint))
            found["ready"].append(page.evaluate("window.ready"))
            found["keystroke"] += page.evaluate(TYPE, WORD)
            found["j"] += page.evaluate(STEP, 40)
            page.close()
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(file.as_uri())
        page.wait_for_selector("article.sample", state="attached")
        audit = Axe().run(page).response
        browser.close()
    strange = [address for address in asked if address != file.as_uri() and not address.startswith("data:")]
    wrong.extend(f"request: {address}" for address in strange)
    wrong.extend(f"axe: {finding['impact']}: {finding['help']}" for finding in audit["violations"])
    medians = {name: statistics.median(times) for name, times in found.items()}
    return medians | {"longest keystroke": max(found["keystroke"])}, wrong


def screenshots(file: Path, folder: Path) -> None:
    """Three pictures as WebP."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    views: dict[str, tuple[dict[str, Any], str, str]] = {
        "desktop": ({"viewport": {"width": 1280, "height": 860}}, "#sort=spread&q=cat", "#gallery"),
        "dark": ({"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"}, "", "#charts"),
        "phone": ({"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2}, "#q=cat", "#samples"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium._executable(), args=["--no-sandbox"])
        for name, (options, fragment, shown) in views.items():
            page = browser.new_context(**options).new_page()
            page.goto(file.as_uri() + fragment)
            page.wait_for_selector("article.sample", state="attached")
            page.locator(shown).evaluate("element => element.scrollIntoView()")
            page.wait_for_timeout(500)
            picture = Image.open(io.BytesIO(page.screenshot()))
            picture.convert("RGB").save(folder / f"report-{name}.webp", quality=80, method=6)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("results", type=Path, nargs="+", help="folders that runs have written")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--screenshots", type=Path)
    arguments = parser.parse_args()
    documents = []
    for sample_set in (one for folder in arguments.results for one in sample_sets(folder)):
        with tempfile.TemporaryDirectory() as folder:
            written = write(sample_set, Path(folder))
            file = written.pop("file")
            times, wrong = visit(file, arguments.repeat)
            if arguments.screenshots and not documents:
                screenshots(file, arguments.screenshots)
        document = {"sample set": sample_set.path.name, **written, "milliseconds": times, "wrong": wrong}
        documents.append(document)
    if arguments.json:
        print(json.dumps(documents, indent=2))
        return
    for document in documents:
        print(f"{document['sample set']}: {document['bytes'] / 1e6:.2f} MB")
        print("  seconds to write: " + ", ".join(f"{name} {s:.1f}" for name, s in document["seconds"].items()))
        print("  milliseconds: " + ", ".join(f"{name} {ms:.0f}" for name, ms in document["milliseconds"].items()))
        print("  wrong: " + ("; ".join(document["wrong"]) or "nothing"))


if __name__ == "__main__":
    main()
