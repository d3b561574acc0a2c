"""The labelled flag cases are well formed: enough of them, balanced, and their spans stand where they should."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain

import pytest
from flag_cases import KINDS, NEUTRAL, Case, all_cases, load_cases

CASES = all_cases()
SPANLESS = {"length", "price-missing", "price-undated", "price-stale", "input-truncated"}


def of_kind(kind: str) -> list[Case]:
    return [case for case in CASES if case.kind == kind]


def test_there_are_enough_cases_of_known_kinds() -> None:
    assert len(CASES) >= 150
    assert {case.kind for case in CASES} == set(KINDS)


def test_ids_are_unique() -> None:
    ids = [case.id for case in CASES]

    assert len(ids) == len(set(ids))


def test_no_case_is_given_twice() -> None:
    seen = defaultdict(list)
    for case in CASES:
        content = (case.kind, case.tool.data, case.answer, case.banned, case.others, case.limit)
        seen[repr((*content, case.today, case.tool.pricing))].append(case.id)

    assert [ids for ids in seen.values() if len(ids) > 1] == []


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_cases_of_both_signs(kind: str) -> None:
    cases = of_kind(kind)
    negatives = [case for case in cases if not case.is_positive]

    assert len(cases) >= 8
    assert 0.4 <= len(negatives) / len(cases) <= 0.6


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("positive", [True, False])
def test_every_third_case_of_a_kind_and_sign_is_kept(kind: str, *, positive: bool) -> None:
    cases = [case for case in CASES if (case.kind, case.is_positive) == (kind, positive)]

    assert [case.part for case in cases] == ["open" if place % 3 else "kept" for place in range(1, len(cases) + 1)]
    assert len(cases) >= 3


def test_parts_are_loaded_apart() -> None:
    opened, kept = load_cases("open"), load_cases("kept")

    assert {case.part for case in opened} == {"open"}
    assert {case.part for case in kept} == {"kept"}
    assert len(opened) + len(kept) == len(CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case.is_positive], ids=lambda case: case.id)
def test_spans_stand_in_the_texts_that_are_flagged(case: Case) -> None:
    if case.kind in SPANLESS or (case.kind == "decision-mismatch" and case.answer.review == NEUTRAL["review"]):
        assert case.expect == ("",)
    else:
        assert all(case.expect)
        assert [span for span in case.expect if not any(span in text for text in case.texts)] == []


def test_whole_quotes_are_expected() -> None:
    for case in of_kind("quote-not-verbatim"):
        assert set(case.expect) <= set(case.answer.evidence), case.id


def test_kinds_have_what_they_are_about() -> None:
    for case in CASES:
        assert bool(case.others) == (case.kind == "reviewer-conflict"), case.id
        assert (case.limit is not None) == (case.kind == "input-truncated"), case.id
        assert not case.banned or case.kind == "banned-phrase", case.id


def test_neutral_words_are_within_the_window_and_take_no_side() -> None:
    words = " ".join(chain([NEUTRAL["review"], NEUTRAL["counter_case"], NEUTRAL["would_change"]])).lower()

    assert 80 <= len(NEUTRAL["review"].split()) <= 220
    assert not {"ship", "skip"} & set(words.replace(".", " ").split())
    assert not any(character.isdigit() for character in words)
