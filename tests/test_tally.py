"""The counting, held against exact fractions and decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from math import floor
from statistics import NormalDist

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError
from random_panels import decisions

from panelsynth.tally import Tally, Vote, interval, label, percent, tally

Share = tuple[int, int]
SHIP: Vote = "ship"
SKIP: Vote = "skip"

shares = st.integers(1, 2000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
large = st.integers(1, 10**12).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))


def rounded(exact: Fraction) -> int:
    return floor(exact + Fraction(1, 2))


def wilson(part: int, whole: int) -> tuple[Decimal, Decimal]:
    """Give the two shares p at which the observed one lies z standard errors off: (k/n - p)² = z² p (1 - p) / n."""
    with localcontext(prec=60):
        square = Decimal(NormalDist().inv_cdf(0.975)) ** 2
        a, b, c = whole + square, -(2 * part + square), Decimal(part) ** 2 / whole
        root = (b * b - 4 * a * c).sqrt()
        return 100 * (-b - root) / (2 * a), 100 * (-b + root) / (2 * a)


# percent


@given(shares | large)
@example((1, 8))
@example((3, 8))
@example((1, 200))
def test_a_percent_is_rounded_half_up(share: Share) -> None:
    part, whole = share
    shown = percent(part, whole)
    if part in {0, whole}:
        assert shown == 100 * part // whole
    else:
        assert shown == min(99, max(1, rounded(Fraction(100 * part, whole))))


@given(shares | large)
def test_0_and_100_percent_are_kept_for_the_unanimous(share: Share) -> None:
    part, whole = share
    assert (percent(part, whole) == 0) == (part == 0)
    assert (percent(part, whole) == 100) == (part == whole)


@given(shares, shares)
def test_a_larger_share_never_has_a_smaller_percent(one: Share, other: Share) -> None:
    low, high = sorted([one, other], key=lambda share: Fraction(*share))
    assert (percent(*low) or 0) <= (percent(*high) or 0)


def test_of_nothing_there_is_no_percent_and_no_interval() -> None:
    assert percent(0, 0) is None
    assert interval(0, 0) is None


# interval


@given(shares | large)
def test_the_interval_is_wilsons_half_up_and_holds_the_percent_shown(share: Share) -> None:
    shown = percent(*share)
    assert shown is not None
    low, high = (int(bound.quantize(Decimal(1), ROUND_HALF_UP)) for bound in wilson(*share))
    assert interval(*share) == (min(low, shown), max(high, shown))


@given(shares | large)
def test_the_interval_stays_within_0_and_100_and_around_the_percent(share: Share) -> None:
    found, shown = interval(*share), percent(*share)
    assert found is not None
    assert shown is not None
    assert 0 <= found[0] <= shown <= found[1] <= 100


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        ((4, 4), (51, 100)),
        ((3, 4), (30, 95)),
        ((0, 4), (0, 49)),
        ((31, 50), (48, 74)),
        ((1, 100_000), (0, 1)),
        ((99_999, 100_000), (99, 100)),
    ],
)
def test_these_intervals_are_known(share: Share, expected: Share) -> None:
    assert interval(*share) == expected


def test_a_count_too_large_for_a_float_still_has_an_interval() -> None:
    assert interval(10**400, 2 * 10**400) == (50, 50)


@given(shares)
def test_the_interval_of_the_other_side_is_the_mirror_image_up_to_rounding(share: Share) -> None:
    part, whole = share
    found, mirrored = interval(part, whole), interval(whole - part, whole)
    assert found is not None
    assert mirrored is not None
    assert abs(found[0] + mirrored[1] - 100) <= 1
    assert abs(found[1] + mirrored[0] - 100) <= 1


# tally


@given(decisions)
def test_every_reviewer_is_counted_once(votes: list[Vote | None]) -> None:
    count = tally(votes)
    assert count.reviewers == len(votes)
    assert count.ships == sum(vote == "ship" for vote in votes)
    assert count.skips == sum(vote == "skip" for vote in votes)
    assert count.missing == sum(vote is None for vote in votes)
    assert count.voted == count.reviewers - count.missing


@given(decisions)
def test_the_percent_is_of_those_who_voted_and_stands_only_when_most_did(votes: list[Vote | None]) -> None:
    cast = [vote for vote in votes if vote]
    quorum = Fraction(len(cast), len(votes) or 1) > Fraction(1, 2)
    count = tally(votes)
    assert count.percent == (percent(cast.count("ship"), len(cast)) if quorum else None)
    assert count.interval == (interval(cast.count("ship"), len(cast)) if quorum else None)
    assert (count.label == "incomplete") == (not quorum)


@pytest.mark.parametrize(
    ("votes", "quorum"), [("s", True), ("s-", False), ("ss-", True), ("ss--", False), ("sss--", True), ("--", False)]
)
def test_half_of_the_reviewers_are_no_quorum(votes: str, *, quorum: bool) -> None:
    assert (tally(["ship" if vote == "s" else None for vote in votes]).percent is not None) == quorum


@given(decisions.filter(bool))
def test_the_range_is_reached_exactly_when_all_missing_votes_come_in_alike(votes: list[Vote | None]) -> None:
    count = tally(votes)
    assert tally([vote or "skip" for vote in votes]).percent == count.lowest
    assert tally([vote or "ship" for vote in votes]).percent == count.highest


@given(decisions.filter(bool), st.data())
def test_however_the_missing_votes_come_in_the_percent_lies_in_the_range(
    votes: list[Vote | None], data: st.DataObject
) -> None:
    count = tally(votes)
    late: st.SearchStrategy[Vote] = st.sampled_from(["ship", "skip"])
    filled = tally([vote or data.draw(late) for vote in votes]).percent
    assert filled is not None
    assert count.lowest <= filled <= count.highest
    if count.percent is not None:
        assert count.lowest <= count.percent <= count.highest


@given(st.integers(0, 20), st.integers(0, 20))
def test_the_label_says_what_most_votes_say(ships: int, skips: int) -> None:
    votes = [SHIP] * ships + [SKIP] * skips
    exact = Fraction(ships, ships + skips) if votes else None
    half = Fraction(1, 2)
    expected = "incomplete" if exact is None else "ship" if exact > half else "skip" if exact < half else "split"
    assert tally(votes).label == expected
    if votes:
        assert label(ships, skips) == expected


@given(decisions.flatmap(lambda votes: st.tuples(st.just(votes), st.permutations(votes))))
def test_the_order_of_reviewers_changes_no_number(pair: tuple[list[Vote | None], list[Vote | None]]) -> None:
    assert tally(pair[1]) == tally(pair[0])


@given(decisions)
def test_swapping_ship_and_skip_turns_counts_and_label_around(votes: list[Vote | None]) -> None:
    other: dict[Vote | None, Vote | None] = {"ship": "skip", "skip": "ship", None: None}
    turned = {"ship": "skip", "skip": "ship"}
    count, swapped = tally(votes), tally(other[vote] for vote in votes)
    assert (swapped.ships, swapped.skips) == (count.skips, count.ships)
    assert swapped.label == turned.get(count.label, count.label)


@pytest.mark.parametrize(
    ("votes", "text"),
    [
        (["ship", "ship", "ship", "skip"], "3 ship / 1 skip"),
        (["skip"], "0 ship / 1 skip"),
        (["ship", None, "skip", None], "1 ship / 1 skip / 2 missing"),
    ],
)
def test_the_text_is_the_counts_in_words(votes: list[Vote | None], text: str) -> None:
    assert tally(votes).text == text


def test_one_of_four_missing_is_67_of_those_who_voted_and_50_to_75_of_all() -> None:
    count = tally(["ship", "ship", "skip", None])
    assert (count.percent, count.lowest, count.highest) == (67, 50, 75)


def test_nobody_asked_leaves_everything_open() -> None:
    empty = tally([])
    assert (empty.percent, empty.interval, empty.label) == (None, None, "incomplete")
    assert (empty.lowest, empty.highest) == (0, 100)


def test_a_tally_refuses_counts_below_zero_and_percents_over_100() -> None:
    fields = tally(["ship"]).model_dump()
    for wrong in ({"skips": -1}, {"percent": 101}, {"highest": 101}, {"interval": (-1, 100)}, {"stray": 1}):
        with pytest.raises(ValidationError):
            Tally.model_validate(fields | wrong)


def test_a_tally_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        tally(["ship"]).ships = 2
