"""The sums of docs/scale.md are right, and its model prices are what the cost follows from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SCALE = (Path(__file__).parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")
GIVEN, TAKEN = 1_130, 535
ROWS = re.findall(r"^\| `([\w.-]+)` \| (.*) \|$", SCALE, re.MULTILINE)


def numbers(cells: str) -> list[float]:
    return [float(cell.strip(" $").replace(",", "")) for cell in cells.split("|")]


def test_tokens_are_a_quarter_of_the_bytes() -> None:
    sent, answered = (
        int(found.replace(",", "")) for found in re.findall(r"has (4,\d+) bytes, and its\s+reply (2,\d+)", SCALE)[0]
    )
    assert (-(-sent // 4), round(answered / 4)) == (GIVEN, TAKEN)
    assert f"{GIVEN:,} tokens in" in SCALE


@pytest.mark.parametrize(("model", "cells"), ROWS)
def test_costs_follow_from_tokens_and_prices(model: str, cells: str) -> None:
    price_in, price_out, *costs = numbers(cells)
    review = (GIVEN * price_in + TAKEN * price_out) / 1_000_000
    assert [round(review * count + 1e-9, 2) for count in (100, 10_000, 1_000_000)] == costs


def test_several_models_are_priced() -> None:
    assert len(ROWS) >= 2
