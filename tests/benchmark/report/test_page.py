"""The page in headless Chromium: it works, loads nothing, runs nothing of strangers, and all can use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from benchmark.report import Written
from renderers import chromium
from tests.benchmark.report.made_up import CAPTIONERS, HOSTILE_CAPTION, HOSTILE_ID, SCENES

pytest.importorskip("playwright")
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, sync_playwright

ALL = SCENES + 4
# Cards out of sight are not laid out, and are not seen by who measures.
SHOW_ALL = "document.querySelectorAll('article').forEach(card => { card.style.contentVisibility = 'visible'; })"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not (available := chromium.Chromium().availability()):
        pytest.skip(str(available))
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium._executable(), args=["--no-sandbox"])
        yield found
        found.close()


class Visit:
    """A page that is open, and what it asked for and complained of meanwhile."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        page.context.route("**/*", self._record)

    def _record(self, route: Route) -> None:
        if route.request.url.partition("#")[0] == self.address:
            route.continue_()
        else:
            self.requests.append(route.request.url)
            route.abort()

    def open(self, fragment: str = "") -> Visit:
        self.page.goto("about:blank")
        self.page.goto(self.address + fragment)
        self.page.wait_for_selector("article.sample")
        return self

    def ids(self) -> list[str]:
        return self.page.locator("article.sample h3").all_text_contents()

    def status(self) -> str:
        return str(self.page.locator("#status").text_content())

    def until(self, condition: str) -> None:
        """Wait for a condition; Playwright's own way evaluates strings, which the policy of the page forbids."""
        for _ in range(100):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(30)
        raise AssertionError(f"never: {condition}")

    def choose(self, **values: str) -> Visit:
        for name, value in values.items():
            self.page.select_option(f"#{name}", value)
        return self

    def focused(self) -> str:
        """The id of the sample that has the focus."""
        return str(self.page.evaluate("document.activeElement.querySelector('h3')?.textContent"))


@pytest.fixture
def visit(browser: Browser, written: Written) -> Iterator[Visit]:
    """The page on a desktop; at the end nothing may have been asked for or complained of."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    visit = Visit(context.new_page(), written.page.as_uri())
    yield visit.open()
    context.close()
    assert (visit.requests, visit.complaints) == ([], [])


def test_hostile_drawings_and_texts_do_nothing(visit: Visit) -> None:
    page = visit.page
    page.fill("#q", "onerror")
    card = page.locator("article.sample")
    assert card.locator("h3").inner_text() == HOSTILE_ID
    assert card.locator(".caption").first.inner_text() == HOSTILE_CAPTION
    card.locator("summary").first.click()
    assert card.locator(".raw").first.inner_text() == f"user {HOSTILE_CAPTION} assistant {HOSTILE_CAPTION}"
    assert card.locator(".references li").all_text_contents() == ["a green circle", HOSTILE_CAPTION]
    assert card.locator(".group").inner_text() == "<b>odd</b>"
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img:not([src^='data:image/webp;base64,'])").count() == 0
    assert page.locator("b, iframe, object, embed, foreignObject, image, a[href^=javascript]").count() == 0
    assert page.evaluate("document.scripts.length") == 2  # the data and the page's own
    assert "</title>" not in page.title()


def test_the_drawings_are_there_and_say_what_they_show(visit: Visit) -> None:
    picture = visit.page.locator("article.sample img").first
    size = picture.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])")
    assert size == [224, 224]
    first_reference = visit.page.locator("article.sample .references li").first.text_content()
    assert picture.get_attribute("alt") == f"Drawing: {first_reference}"
    visit.choose(flag="not drawn")
    assert visit.ids() == ["undrawable"]
    assert visit.page.locator("article.sample .undrawn").text_content() == "could not be drawn"
    visit.choose(flag="blank")
    assert visit.ids() == ["white"]
    visit.choose(flag="repaired")
    assert "mended" in visit.ids()


def test_what_got_in_all_the_same_would_load_and_run_nothing(browser: Browser, written: Written) -> None:
    context = browser.new_context()
    visit = Visit(context.new_page(), written.page.as_uri()).open()
    refused = visit.page.evaluate(
        """async () => {
            const refused = [];
            document.addEventListener("securitypolicyviolation", event => refused.push(event.effectiveDirective));
            const holder = document.createElement("div");
            holder.innerHTML = `<img src="https://a.example/x.png"><img src="data:," onerror="window.hacked = 1">
                <link rel="stylesheet" href="https://a.example/x.css"><p style="color: red">x</p>`;
            document.body.append(holder);
            const script = document.createElement("script");
            script.textContent = "window.hacked = 2";
            document.body.append(script);
            await fetch("https://a.example/").catch(() => {});
            await new Promise(resolve => setTimeout(resolve, 200));
            return [...new Set(refused)].sort();
        }"""
    )
    inline = ["script-src-attr", "script-src-elem", "style-src-attr", "style-src-elem"]
    assert refused == ["connect-src", "img-src", *inline]
    assert visit.page.evaluate("window.hacked") is None
    assert visit.requests == []
    context.close()


def test_search_finds_captions_references_and_ids_in_any_case(visit: Visit) -> None:
    assert visit.status() == f"{ALL} samples"
    visit.page.fill("#q", "SCENE-01")
    assert visit.ids() == [f"scene-01{i}" for i in range(10)]
    assert visit.status() == f"10 of {ALL} samples"
    visit.page.fill("#q", "page blank")
    assert visit.ids() == ["white"]
    visit.page.fill("#q", "captioner 11 made up nowhere")
    assert visit.ids() == []
    visit.page.click("#controls button[type=reset]")
    visit.until(f"document.querySelector('#status').textContent === '{ALL} samples'")


def test_groups_and_flags_filter(visit: Visit) -> None:
    visit.choose(group="=<b>odd</b>")
    assert visit.ids() == [HOSTILE_ID, "undrawable", "white", "mended"]
    visit.choose(group="=many")
    assert visit.status() == f"10 of {ALL} samples"
    visit.choose(group="", flag="failed")
    assert visit.ids() == ["scene-005"]
    assert "RuntimeError: out of <memory>" in visit.page.locator(".error").all_text_contents()
    visit.choose(flag="looping")
    assert visit.ids() == ["scene-007"]
    assert visit.page.locator("article.sample .chips li", has_text="looping").count() == 1
    visit.page.uncheck("#captioners input >> nth=1")  # who loops
    assert visit.ids() == []


def test_sorted_by_a_captioners_score_by_disagreement_and_by_id(visit: Visit) -> None:
    def scores(captioner: int, metric: int) -> list[float]:
        shown = f"article.sample .answers > li:nth-child({captioner}) .scores div:nth-child({metric}) dd"
        return [float(text) for text in visit.page.locator(shown).all_text_contents()]

    visit.choose(sort="score", metric="BLEU-1", captioner=CAPTIONERS[1], order="up")
    ascending = scores(2, 1)
    assert ascending == sorted(ascending)
    assert ascending[0] < ascending[-1]
    visit.choose(order="down", metric="CIDEr")
    descending = scores(2, 6)
    assert descending == sorted(descending, reverse=True)
    visit.choose(sort="spread")
    spreads = [max(row) - min(row) for row in zip(*(scores(i, 6) for i in range(1, len(CAPTIONERS) + 1)), strict=True)]
    assert spreads == pytest.approx(sorted(spreads, reverse=True), abs=0.002)
    visit.choose(sort="id", order="up")
    assert visit.ids()[1:4] == ["mended", "scene-000", "scene-001"]


def test_only_disagreements(visit: Visit) -> None:
    for place in range(2, len(CAPTIONERS)):  # the first two of them differ where the second is wrong or loops
        visit.page.uncheck(f"#captioners input >> nth={place}")
    visit.choose(show="differ")
    wrong = [f"scene-{i:03}" for i in range(SCENES) if i % 12 == 0 or i == 7]
    assert visit.ids() == wrong
    visit.choose(show="upset")
    assert visit.status() == f"0 of {ALL} samples"
    visit.page.check("#captioners input >> nth=2")
    visit.page.uncheck("#captioners input >> nth=0")  # the second is the first now; the third is right where it loops
    assert visit.ids() == ["scene-007"]


def test_keys_lead_from_sample_to_sample_and_to_search_and_help(visit: Visit) -> None:
    keys = visit.page.keyboard
    for key in "jjjk":
        keys.press(key)
    assert visit.focused() == "scene-001"
    box = visit.page.locator("article.sample:focus").bounding_box()
    assert box is not None
    assert 0 <= box["y"] < 450
    visit.until("location.hash === '#sample=scene-001'")
    for _ in range(30):  # farther than what was on the page
        keys.press("j")
    assert visit.focused() == "scene-031"
    keys.press("/")
    keys.type("jk?")
    assert visit.page.input_value("#q") == "jk?"
    keys.press("Escape")
    assert visit.page.input_value("#q") == ""
    assert visit.status() == f"{ALL} samples"
    keys.press("?")
    assert visit.page.locator("#help").is_visible()
    visit.page.uncheck("#keys")
    keys.press("Escape")
    assert visit.page.locator("#help").is_hidden()
    keys.press("j")
    assert visit.focused() != "scene-000"  # single keys are off


def test_a_link_leads_to_its_sample_in_its_state(visit: Visit) -> None:
    visit.page.fill("#q", "scene")
    visit.choose(sort="id", order="down")
    visit.page.uncheck("#captioners input >> nth=3")
    visit.page.locator("article.sample", has_text="scene-050").locator("a.link").click()
    visit.until("location.hash.includes('sample=scene-050')")
    address = visit.page.evaluate("location.hash")
    visit.open(address)
    assert visit.focused() == "scene-050"
    assert visit.page.input_value("#q") == "scene"
    assert visit.ids()[0] == "scene-059"
    assert not visit.page.is_checked("#captioners input >> nth=3")
    visit.open("#sample=scene-055")  # farther than what the page shows at first
    assert visit.focused() == "scene-055"
    visit.open("#sample=scene-005&q=blank")  # hidden by its own filter
    assert visit.focused() == "scene-005"
    visit.open("#sample=nobody")
    assert visit.status() == "there is no sample nobody in this report"
    visit.open(f"#sample={HOSTILE_ID.replace('<', '%3C').replace(' ', '+')}")
    assert visit.focused() == HOSTILE_ID


def test_the_samples_come_as_the_reader_scrolls(visit: Visit) -> None:
    assert len(visit.ids()) < ALL
    for _ in range(10):
        visit.page.keyboard.press("End")
        visit.page.wait_for_timeout(50)
        if len(visit.ids()) == ALL:
            break
    assert len(visit.ids()) == ALL
    assert visit.page.locator("#later").is_hidden()


def test_the_leaderboard_is_sorted_by_its_heads(visit: Visit) -> None:
    page = visit.page
    names = page.locator("#leaderboard tbody th")
    assert [name.strip() for name in names.all_text_contents()] == list(CAPTIONERS)
    page.click("#leaderboard thead button:has-text('coverage')")
    page.click("#leaderboard thead button:has-text('coverage')")
    assert names.first.inner_text().strip() == CAPTIONERS[2]  # the one that failed once
    assert page.locator("#leaderboard th[aria-sort=ascending]").inner_text() == "coverage"
    assert page.locator("#leaderboard th:has-text('BLEU-2')").is_hidden()
    page.check("#all-metrics")
    assert page.locator("#leaderboard th:has-text('BLEU-2')").is_visible()
    assert page.locator("article.sample dt", has_text="BLEU-2").first.is_visible()


def test_the_charts_follow_the_reader(visit: Visit) -> None:
    page = visit.page
    assert page.locator("#scatter canvas").count() == len(CAPTIONERS)
    drawn = "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(v => v > 0)"
    visit.until(f"({drawn})(document.querySelector('#scatter canvas'))")
    label = page.locator("#scatter canvas").nth(1).get_attribute("aria-label")
    assert label is not None
    assert label.startswith(f"CIDEr against ROUGE-L of {ALL} captions of {CAPTIONERS[1]}: ρ = 0.")
    page.uncheck(f".radar .legend label:has-text('{CAPTIONERS[0]}') input")
    assert page.locator(".radar .shape:visible").count() == len(CAPTIONERS) - 1
    page.select_option("#groups-column", "ROUGE-L")
    assert page.locator("#groups table:visible caption").inner_text() == "ROUGE-L"
    # All samples of this captioner without a caption lie in the corner of the last plot.
    page.locator("#scatter canvas").nth(11).click(position={"x": 8, "y": 212})
    page.wait_for_selector("article.sample:focus")
    assert page.locator("article.sample:focus .answers > li:nth-child(12) .caption").inner_text() == "(no caption)"


@pytest.mark.parametrize(("scheme", "rules"), [("light", []), ("dark", ["color-contrast"])])
def test_an_audit_of_accessibility_finds_nothing(
    browser: Browser, written: Written, scheme: Any, rules: list[str]
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    hidden = "".join(f"&hide={name}" for name in CAPTIONERS[4:])
    page = Visit(context.new_page(), written.page.as_uri()).open(f"#group=%3D%3Cb%3Eodd%3C%2Fb%3E{hidden}").page
    for details in page.locator("details").all():
        details.evaluate("details => { details.open = true; }")
    page.evaluate(SHOW_ALL)
    only = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
    result = Axe().run(page, options=only).response
    assert {found["id"]: [node["html"] for node in found["nodes"]] for found in result["violations"]} == {}
    assert len(result["passes"]) >= (len(rules) or 30)
    context.close()


def test_on_a_phone_nothing_is_wider_than_the_screen(browser: Browser, written: Written) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    page = Visit(context.new_page(), written.page.as_uri()).open("#sort=id").page
    page.evaluate(SHOW_ALL)
    assert page.evaluate("[document.documentElement.scrollWidth, innerWidth, document.body.scrollWidth]") == [360] * 3
    assert page.locator("article.sample").first.evaluate("card => card.getBoundingClientRect().right") <= 360
    context.close()


def test_the_theme_is_the_systems_or_the_readers(visit: Visit) -> None:
    page = visit.page
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(ground) == "rgb(20, 23, 26)"
    page.click("#theme")  # light
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="light")
    page.click("#theme")  # dark
    assert page.evaluate(ground) == "rgb(20, 23, 26)"
