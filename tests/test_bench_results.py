"""What `make bench` says of its own figures: the tables, and when noise forbids a word."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from results import Figure, contest, figures, ratio


@pytest.mark.parametrize(
    ("rounds", "verdict"),
    [
        ((0.40, 0.41, 0.42), "kept"),
        ((0.70, 0.71, 0.72), "**missed**"),
        ((0.44, 0.44, 0.46), "meaningless: noise"),
        ((0.30, 0.40, 0.44), "meaningless: noise"),
        ((0.10, 0.10), "too few rounds to tell"),
    ],
)
def test_a_target_is_kept_or_missed_only_where_the_rounds_lie_closer_than_the_margin(
    rounds: tuple[float, ...], verdict: str
) -> None:
    assert Figure("any", rounds, target=0.45).verdict == verdict


def test_a_ratio_is_taken_within_each_round() -> None:
    assert ratio("any", [2, 40, 6], [1, 10, 2]).rounds == (2, 4, 3)


def test_a_figure_shows_its_median_its_rounds_and_its_target() -> None:
    written = figures([Figure("pages", (1.0, 3.0, 2.0), " ms", 5), Figure("only shown", (1234.5,) * 3)])
    assert written.splitlines()[2:] == [
        "| pages | 2.00 ms | 1.00 to 3.00 | 5.00 ms | kept |",
        "| only shown | 1,234 | 1,234 to 1,234 | — | — |",
    ]


def test_contenders_stand_cheapest_first_and_those_that_noise_hides_are_not_told_apart() -> None:
    measured = {"sdk": (2.0, 2.0, 2.0), "dear": (4.0, 4.1, 4.2), "like it": (1.8, 1.9, 2.2)}
    assert contest(measured, "sdk").splitlines()[2:] == [
        "| like it | 1.90 ms | 1.80 to 2.20 | meaningless: noise |",
        "| sdk | 2.00 ms | 2.00 to 2.00 | 1.00x |",
        "| dear | 4.10 ms | 4.00 to 4.20 | 2.05x |",
    ]
