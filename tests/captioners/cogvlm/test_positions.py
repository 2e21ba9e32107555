from __future__ import annotations

import numpy as np
import pytest
import torch

from captioners.cogvlm.experts import Routing
from captioners.cogvlm.language import Visibility
from captioners.cogvlm.positions import position_ids, rotate, rotation
from tests.captioners.cogvlm import reference


@pytest.mark.parametrize(
    ("types", "mask", "positions"),
    [
        # A picture of four patches: bos 0, its begin 1, patches 2, its end 3, then text.
        ("0 111111 000", "1 111111 111", "0 122223 456"),
        ("0 111111", "1 111111", "0 122223"),
        ("0000", "1111", "0123"),
        # Padding on the left: bos is 1, and all else one further.
        ("00 0 111111 00", "00 1 111111 11", "00 1 233334 56"),
        ("00 0 111111", "00 1 111111", "00 1 233334"),
        # On the right: behind text nothing changes; an end that padding follows is not recognised.
        ("0 111111 0 00", "1 111111 1 00", "0 122223 4 44"),
        ("0 111111 00", "1 111111 00", "0 122222 22"),
        ("111111 0", "111111 1", "011112 3"),  # a picture in front
    ],
)
def test_patches_share_a_position(types: str, mask: str, positions: str) -> None:
    rows = [torch.tensor([[int(c) for c in text if c != " "]]) for text in (types, mask, positions)]
    assert position_ids(rows[0], rows[1]).tolist() == rows[2].tolist()


def test_positions_of_many_rows_follow_the_rule_token_by_token() -> None:
    random = np.random.default_rng(0)
    types, mask = random.integers(0, 2, (500, 9)), random.integers(0, 4, (500, 9)) > 0
    types[:, 4:7], mask[:250] = 1, True
    got = position_ids(torch.from_numpy(types), torch.from_numpy(mask.astype(int))).tolist()
    assert got == [reference.position_ids(t.tolist(), m.tolist()) for t, m in zip(types, mask, strict=True)]


def test_the_begin_of_a_picture_goes_to_the_vision_experts_and_its_end_does_not() -> None:
    routing = Routing.of(torch.tensor([[0, 1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 1, 1, 1]]))
    assert routing.vision.tolist() == [1, 2, 3, 7, 11, 12]  # the last token of a row is never theirs
    assert routing.language.tolist() == [0, 4, 5, 6, 8, 9, 10, 13]


def test_tokens_see_what_is_before_them_and_no_padding() -> None:
    visibility = Visibility.of(torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1]]), queries=4)
    assert visibility.mask is not None
    assert visibility.mask.int().tolist() == [
        [[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 1]]],  # padding sees itself: a softmax needs something
        [[[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]]],
    ]
    step = Visibility.of(torch.tensor([[0, 1, 1], [1, 1, 1]]), queries=1)
    assert step.mask is not None
    assert step.mask.int().tolist() == [[[[0, 1, 1]]], [[[1, 1, 1]]]]
    for queries, causal in ((3, True), (1, False)):
        unpadded = Visibility.of(torch.ones(2, 3), queries=queries)
        assert (unpadded.mask, unpadded.causal) == (None, causal)
    rest = Visibility.of(torch.ones(1, 4), queries=2)  # text that follows what a cache holds
    assert rest.mask is not None
    assert rest.mask.int().tolist() == [[[[1, 1, 1, 0], [1, 1, 1, 1]]]]


def test_heads_turn_by_halves() -> None:
    x = np.random.default_rng(0).normal(size=(1, 2, 3, 8))
    cos, sin = rotation(torch.tensor([[0, 7, 2000]]), 8, torch.float64)
    turned = rotate(torch.from_numpy(x), cos, sin).numpy()
    for head in range(2):
        for token, position in enumerate((0, 7, 2000)):
            expected = reference.turned(x[0, head, token], position)
            assert turned[0, head, token] == pytest.approx(expected, abs=3e-4)  # angles are float32


def test_angles_are_exact_in_half_precision() -> None:
    """Neighbours above position 256 stay apart; each entry is the nearest number of its kind."""
    positions = torch.arange(250, 1300)[None]
    cos, sin = rotation(positions, 128, torch.bfloat16)
    angles = positions[0, :, None].double() * 10000.0 ** -(torch.arange(0, 128, 2).double() / 128)
    assert cos.dtype == torch.bfloat16
    assert (cos[0, 0].double() - angles.cos()).abs().max() < 2**-8
    assert (sin[0, 0].double() - angles.sin()).abs().max() < 2**-8
