"""Agreement over many tools, held against four libraries and against the definitions counted pair by pair."""

from __future__ import annotations

import doctest
import warnings
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations, permutations
from math import comb, isnan
from typing import Any

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa, to_table
from statsmodels.stats.inter_rater import fleiss_kappa as fleiss
from statsmodels.stats.proportion import proportion_confint

from panelsynth.tally import Share, Vote, agreement, interval, label, tally, weight
from panelsynth.tally.agreement import (
    Row,
    cohen_kappa,
    consistency,
    diversity,
    fleiss_kappa,
    krippendorff_alpha,
    mean_consistency,
    pairwise,
    raw_agreement,
)
from panelsynth.tally.weight import effective_votes, pivots

SHIP: Vote = "ship"
SKIP: Vote = "skip"
LETTERS: dict[str, Vote | None] = {"s": SHIP, "k": SKIP, "-": None}


def rows(*words: str) -> list[list[Vote | None]]:
    """Read rows such as `sk-`: ship, skip, no vote."""
    return [[LETTERS[letter] for letter in word] for word in words]


def numbers(grid: list[list[Vote | None]]) -> np.ndarray[Any, Any]:
    return np.array([[np.nan if vote is None else float(vote == "ship") for vote in row] for row in grid])


def grids(votes: str) -> st.SearchStrategy[list[list[Vote | None]]]:
    """Draw up to eight tools of two to five personas."""
    return st.integers(2, 5).flatmap(
        lambda wide: st.lists(
            st.lists(st.sampled_from([LETTERS[letter] for letter in votes]), min_size=wide, max_size=wide),
            min_size=1,
            max_size=8,
        )
    )


full = grids("sk")
gappy = grids("sk-")


def quietly(call: Callable[[], Any]) -> float:
    """Call a library that warns where it divides by zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(call())


def approx(value: Fraction | None) -> object:
    return pytest.approx(float(value), abs=1e-9) if value is not None else None


# held against libraries


@given(st.integers(1, 3000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_interval_is_that_of_statsmodels_and_scipy_up_to_rounding(share: tuple[int, int]) -> None:
    found = interval(*share)
    other = stats.binomtest(*share).proportion_ci(0.95, method="wilson")
    assert found is not None
    for bounds in (proportion_confint(*share, alpha=0.05, method="wilson"), (other.low, other.high)):
        assert all(abs(mine - 100 * theirs) <= 1 for mine, theirs in zip(found, bounds, strict=True))


@given(full)
def test_fleiss_kappa_is_that_of_statsmodels(grid: list[list[Vote | None]]) -> None:
    assume(len({vote for row in grid for vote in row}) == 2)
    table = [[row.count("ship"), row.count("skip")] for row in grid]
    assert fleiss(np.array(table), method="fleiss") == approx(fleiss_kappa(grid))


@given(st.lists(st.tuples(st.sampled_from([SHIP, SKIP]), st.sampled_from([SHIP, SKIP])), min_size=1, max_size=20))
def test_cohen_kappa_is_that_of_scikit_learn_and_statsmodels(pairs: list[tuple[Vote, Vote]]) -> None:
    assume(len({vote for pair in pairs for vote in pair}) == 2)
    expected = approx(cohen_kappa(pairs))
    ones, others = zip(*pairs, strict=True)
    assert quietly(lambda: cohen_kappa_score(ones, others)) == expected
    table, _ = to_table(np.array([[vote == "ship" for vote in pair] for pair in pairs], dtype=int), bins=2)
    assert quietly(lambda: cohens_kappa(table, return_results=False)) == expected


@given(gappy)
def test_alpha_is_that_of_krippendorff_with_gaps(grid: list[list[Vote | None]]) -> None:
    paired = [row for row in grid if sum(vote is not None for vote in row) > 1]
    assume(len({vote for row in paired for vote in row if vote}) == 2)
    # The library counts levels of measurement over all values, so it is handed those that can be paired.
    theirs = krippendorff.alpha(reliability_data=numbers(paired).T, level_of_measurement="nominal")
    assert theirs == approx(krippendorff_alpha(grid))


@given(full)
def test_the_correlation_behind_effective_votes_is_pearsons_of_scipy(grid: list[list[Vote | None]]) -> None:
    columns = [column for column in numbers(grid).T if len(set(column)) == 2]
    assume(len(columns) > 1)
    found = effective_votes(grid)
    assert found is not None
    each = [stats.pearsonr(one, other).statistic for one, other in combinations(columns, 2)]
    assert (found.personas, found.pairs) == (len(columns), len(each))
    assert found.correlation == pytest.approx(sum(each) / len(each), abs=1e-9)


def test_statsmodels_and_scikit_learn_say_nan_of_constant_votes_and_here_it_is_undefined() -> None:
    constant = rows("ss", "ss", "ss")
    assert isnan(quietly(lambda: fleiss(np.array([[2, 0], [2, 0], [2, 0]]))))
    assert isnan(quietly(lambda: cohen_kappa_score(["ship"] * 3, ["ship"] * 3)))
    assert isnan(quietly(lambda: cohens_kappa(np.array([[3, 0], [0, 0]]), return_results=False)))
    assert (fleiss_kappa(constant), cohen_kappa([(SHIP, SHIP)] * 3), krippendorff_alpha(constant)) == (None, None, None)
    assert raw_agreement(constant) == Share(3, 3)


def test_krippendorff_refuses_one_word_throughout_and_here_it_is_undefined() -> None:
    with pytest.raises(ValueError, match=r"."):
        krippendorff.alpha(reliability_data=numbers(rows("ss", "ss")).T, level_of_measurement="nominal")
    assert krippendorff_alpha(rows("ss", "ss")) is None


def test_krippendorff_says_nan_or_refuses_where_nothing_can_be_paired_and_here_it_is_undefined() -> None:
    apart = rows("s-", "-k", "k-")
    try:
        theirs = quietly(lambda: krippendorff.alpha(reliability_data=numbers(apart).T, level_of_measurement="nominal"))
    except ValueError:
        theirs = float("nan")
    assert isnan(theirs)
    assert krippendorff_alpha(apart) is None
    assert raw_agreement(apart) == Share(0, 0)


def test_of_nothing_statsmodels_divides_by_zero_and_here_it_is_undefined() -> None:
    assert isnan(quietly(lambda: proportion_confint(0, 0, method="wilson")[0]))
    with pytest.raises(ValueError, match=r"."):
        stats.binomtest(0, 0).proportion_ci(method="wilson")
    assert interval(0, 0) is None


@pytest.mark.parametrize("grid", [[], [[]], rows("s"), rows("s", "k"), rows("--"), rows("s-", "k-")])
def test_with_nobody_or_one_rater_every_figure_is_undefined(grid: list[list[Vote | None]]) -> None:
    assert raw_agreement(grid) == Share(0, 0)
    assert raw_agreement(grid).exact is None
    assert fleiss_kappa(grid) is None
    assert krippendorff_alpha(grid) is None
    assert diversity(grid) is None
    assert effective_votes(grid) is None
    assert all(pair.kappa is None and pair.agreement == Share(0, 0) for pair in pairwise(grid))
    assert cohen_kappa([]) is None


# held against the definitions


@given(gappy)
def test_raw_agreement_counts_every_pair_of_votes_on_one_tool(grid: list[list[Vote | None]]) -> None:
    pairs = [pair for row in grid for pair in combinations([vote for vote in row if vote], 2)]
    assert raw_agreement(grid) == Share(sum(one == other for one, other in pairs), len(pairs))


@given(gappy)
def test_pairs_of_personas_add_up_to_the_raw_agreement(grid: list[list[Vote | None]]) -> None:
    found = pairwise(grid)
    assert len(found) == comb(len(grid[0]), 2)
    assert Share(sum(p.agreement.part for p in found), sum(p.agreement.whole for p in found)) == raw_agreement(grid)
    for pair in found:
        assert pair.kappa == cohen_kappa([(row[pair.first], row[pair.second]) for row in grid])


@given(gappy)
def test_diversity_is_the_mean_share_of_pairs_that_differ(grid: list[list[Vote | None]]) -> None:
    each = [1 - share.exact for row in grid if (share := raw_agreement([row])).exact is not None]
    assert diversity(grid) == (sum(each, Fraction(0)) / len(each) if each else None)


def test_personas_who_always_vote_alike_are_one_vote_and_unrelated_ones_are_all() -> None:
    alike, unrelated = effective_votes(rows("sss", "kkk", "sss")), effective_votes(rows("ss", "sk", "ks", "kk"))
    assert alike is not None
    assert unrelated is not None
    assert (alike.personas, alike.pairs) == (3, 3)
    assert alike.votes == pytest.approx(1)
    assert alike.correlation == pytest.approx(1)
    assert unrelated == (2.0, 2, 0.0, 1)


def test_opposed_personas_are_never_more_votes_than_personas() -> None:
    opposed = effective_votes(rows("sk", "ks"))
    assert opposed is not None
    assert opposed[:2] == (2.0, 2)
    assert opposed.correlation == pytest.approx(-1)


def test_a_persona_that_always_says_the_same_has_no_part_in_effective_votes() -> None:
    found = effective_votes(rows("sss", "kks", "sss", "kks"))
    assert found is not None
    assert (found.personas, found.pairs) == (2, 1)


def test_a_known_mean_correlation_gives_a_known_number_of_votes() -> None:
    found = effective_votes(rows("ss", "ss", "ss", "sk", "ks", "kk", "kk", "kk"))
    assert found is not None
    assert found.correlation == pytest.approx(0.5)
    assert found.votes == pytest.approx(2 / 1.5)


@given(gappy)
def test_effective_votes_lie_between_one_and_the_personas_counted(grid: list[list[Vote | None]]) -> None:
    if found := effective_votes(grid):
        assert 1 - 1e-9 <= found.votes <= found.personas


@pytest.mark.parametrize(
    ("samples", "expected"),
    [("ssk", (2, 3)), ("kk-", (2, 2)), ("sk", (1, 2)), ("-", (0, 0)), ("", (0, 0)), ("s", (1, 1))],
)
def test_consistency_is_the_share_of_samples_that_say_what_most_say(samples: str, expected: tuple[int, int]) -> None:
    assert consistency(LETTERS[letter] for letter in samples) == expected


def test_mean_consistency_counts_each_tool_once_and_leaves_single_samples_out() -> None:
    assert mean_consistency([Share(2, 3), Share(3, 3), Share(3, 3), Share(1, 1), Share(0, 0)]) == Fraction(8, 9)
    assert mean_consistency([Share(1, 1)]) is None
    assert mean_consistency([]) is None


@given(st.lists(st.sampled_from([SHIP, SKIP, None]), max_size=8))
@example([SHIP, None])
@example([None])
@example([])
def test_a_pivot_is_a_voter_without_whom_the_label_is_another(votes: list[Vote | None]) -> None:
    whole = tally(votes).label
    expected = [at for at, vote in enumerate(votes) if vote and tally(votes[:at] + votes[at + 1 :]).label != whole]
    assert list(pivots(votes)) == expected


def test_three_to_one_has_no_pivot_and_two_to_one_has_the_two() -> None:
    assert pivots(rows("sssk")[0]) == ()
    assert pivots(rows("ssk")[0]) == (0, 1)
    assert label(2, 1) == "ship"


# no order counts


def figures(grid: list[list[Vote | None]]) -> tuple[object, ...]:
    votes = effective_votes(grid)
    return (
        *(raw_agreement(grid), fleiss_kappa(grid), krippendorff_alpha(grid), diversity(grid), votes),
        mean_consistency(map(consistency, grid)),
        sorted((pair.agreement, str(pair.kappa)) for pair in pairwise(grid)),
        sorted(len(pivots(row)) for row in grid),
    )


@given(gappy, st.data())
def test_no_order_of_tools_or_personas_changes_a_figure(grid: list[list[Vote | None]], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(grid[0]))))
    shuffled = [[row[at] for at in order] for row in data.draw(st.permutations(grid))]
    assert figures(shuffled) == figures(grid)


@given(st.lists(st.sampled_from([SHIP, SKIP, None]), max_size=4))
def test_no_order_of_samples_changes_the_consistency(samples: list[Vote | None]) -> None:
    assert {consistency(order) for order in permutations(samples)} == {consistency(samples)}


@given(gappy)
def test_swapping_ship_and_skip_changes_no_agreement(grid: list[list[Vote | None]]) -> None:
    other: dict[Vote | None, Vote | None] = {SHIP: SKIP, SKIP: SHIP, None: None}
    assert figures([[other[vote] for vote in row] for row in grid]) == figures(grid)


def test_rows_may_be_any_sequence() -> None:
    grid: list[Row] = [("ship", "skip"), ["ship", "ship"]]
    assert raw_agreement(grid) == Share(1, 2)


@pytest.mark.parametrize("module", [agreement, weight])
def test_the_examples_hold(module: Any) -> None:
    assert doctest.testmod(module).failed == 0


def test_two_samples_are_enough_for_a_consistency_and_one_is_not() -> None:
    assert mean_consistency([Share(1, 2), Share(2, 2), Share(1, 1)]) == Fraction(3, 4)


def test_one_rater_has_no_fleiss_kappa() -> None:
    assert fleiss_kappa(rows("s", "k")) is None
