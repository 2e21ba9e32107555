"""What a server is sent, and what is made of its answer."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from captioners import Answer, Drawing, prompts
from captioners.prompts import INSTRUCTION, PICTURE_INSTRUCTION
from captioners.served.captioner import Served
from captioners.svg_text import simplify
from tests.captioners.served.conftest import numbered, said
from tests.captioners.served.small_server import PROBE, SmallServer, completion, status
from tests.conftest import Outcome

DETAILED = completion(
    "Here is a caption: a cat",
    model="tiny-2026-01",
    system_fingerprint="fp_1",
    usage={"prompt_tokens": 40, "completion_tokens": 5, "total_tokens": 45, "cost": 0.1},
)


def one_answer(server: SmallServer, one: Served, document: Any) -> Answer:
    server.faults = lambda number, attempt: None if number == PROBE else status(200, document)
    one.fit([])
    (answer,) = one.caption([Drawing("a", svg=numbered(1))])
    assert isinstance(answer, Answer)
    return answer


def test_text_goes_simplified_under_the_instruction_and_is_asked_greedily(
    server: SmallServer, served: Callable[..., Served]
) -> None:
    one = served(max_new_tokens=50)
    one.fit([])
    one.caption([Drawing("a", svg=numbered(1))])
    assert server.bodies[-1] == {
        "model": "tiny",
        "messages": [{"role": "user", "content": f"{INSTRUCTION}\n\n{simplify(numbered(1)).text}"}],
        "max_tokens": 50,
        "temperature": 0,
        "seed": 0,
    }
    assert "xmlns" not in server.bodies[-1]["messages"][0]["content"]


def test_a_server_is_asked_in_the_words_in_which_a_model_that_runs_here_is(
    server: SmallServer, served: Callable[..., Served]
) -> None:
    one = served()
    one.fit([])
    one.caption([Drawing("a", svg=numbered(1))])
    assert server.bodies[-1]["messages"] == [prompts.question(simplify(numbered(1)).text)]


def test_a_lone_surrogate_in_a_drawing_is_sent_all_the_same(server: SmallServer, served: Callable[..., Served]) -> None:
    one = served()
    one.fit([])
    (answer,) = one.caption([Drawing("\ud800", svg=numbered(5).replace("number 5", "number 5 \ud800"))])
    assert answer.caption == "a drawing of number 5"


def test_pictures_go_as_png_of_the_very_pixels(server: SmallServer, served: Callable[..., Served]) -> None:
    one = served(endpoint_input="image")
    assert (one.reads, one.image_size) == ("image", 512)
    one.fit([])
    picture = Image.effect_noise((512, 512), 80).convert("RGB")
    one.caption([Drawing("a", image=picture)])
    text, image = server.bodies[-1]["messages"][0]["content"]
    assert text == {"type": "text", "text": PICTURE_INSTRUCTION}
    assert image["type"] == "image_url"
    head, data = image["image_url"]["url"].split(",")
    assert head == "data:image/png;base64"
    received = Image.open(io.BytesIO(base64.b64decode(data)))
    assert (received.format, received.mode, received.tobytes()) == ("PNG", "RGB", picture.tobytes())


def test_pictures_of_a_run_get_their_own_captions(
    run: Callable[..., Outcome], drawings: Callable[[int], Path], tmp_path: Path
) -> None:
    assert run(drawings(10), "--endpoint-input", "image").code == 0
    assert [p.caption for p in said(tmp_path / "results")] == [f"a drawing of number {n}" for n in range(10)]


def test_an_answer_is_cleaned_and_what_the_server_said_of_it_is_kept(
    server: SmallServer, served: Callable[..., Served]
) -> None:
    assert one_answer(server, served(), DETAILED) == Answer(
        "a cat",
        raw="Here is a caption: a cat",
        details={
            "prompt_tokens": 40,
            "completion_tokens": 5,
            "model": "tiny-2026-01",
            "system_fingerprint": "fp_1",
            "cleaned": ["preamble"],
        },
    )


@pytest.mark.parametrize(
    ("document", "caption", "cut", "details"),
    [
        (completion("a red", "length"), "a red", True, {}),
        (completion(None, "length"), "", True, {}),  # all tokens went into thinking
        (completion("a red", "content_filter"), "a red", False, {"finish_reason": "content_filter"}),
        ({"choices": [{"message": {"content": None, "refusal": "I cannot do that."}}]}, "I cannot do that.", False, {}),
        ({"choices": [{"message": {"content": "x"}, "finish_reason": None}], "usage": [], "model": 3}, "x", False, {}),
    ],
)
def test_what_ended_an_answer_is_known(
    server: SmallServer, served: Callable[..., Served], document: Any, caption: str, cut: bool, details: Any
) -> None:
    answer = one_answer(server, served(), document)
    assert (answer.caption, answer.cut, answer.details) == (caption, cut, details)


def test_captions_do_not_depend_on_batches(
    run: Callable[..., Outcome], drawings: Callable[[int], Path], tmp_path: Path
) -> None:
    for size in (1, 8, 50):
        assert (
            run(drawings(40), "--batch-size", size, "--endpoint-concurrency", 2, output=tmp_path / str(size)).code == 0
        )
    one, eight, fifty = (
        [(p.id, p.caption, p.raw, p.details) for p in said(tmp_path / size)] for size in ("1", "8", "50")
    )
    assert one == eight == fifty
