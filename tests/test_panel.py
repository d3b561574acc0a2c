"""A panel counts its own verdicts, and believes no number that it is handed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError
from random_panels import decisions, missing, panel, panels, verdict

from panelsynth.documents import Document, Tree
from panelsynth.errors import DocumentError
from panelsynth.panel import Community, Panel
from panelsynth.tally import Vote, tally

Path = tuple[str | int, ...]
Dumped = dict[str, JsonValue]
COMPUTED = ("tally", "community", "entry")


def leaves(value: JsonValue, path: Path = ()) -> Iterator[Path]:
    """Walk to every text, number and null of a JSON value."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*path, key))
    else:
        yield path


def at(value: Any, path: Path) -> Any:
    for key in path:
        value = value[key]
    return value


def put(value: JsonValue, path: Path, new: JsonValue) -> None:
    at(value, path[:-1])[path[-1]] = new


def dumped(one: Panel) -> Dumped:
    loaded: Dumped = json.loads(one.model_dump_json())
    return loaded


def place(path: Path) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")


@given(decisions.filter(bool))
def test_a_panels_tally_is_counted_from_its_verdicts(votes: list[Vote | None]) -> None:
    one = panel("Acme", votes)
    assert one.tally == tally(votes)
    assert len(one.ships) == one.tally.ships
    assert len(one.skips) == one.tally.skips
    assert {v.reviewer for v in one.ships + one.skips} | {m.reviewer for m in one.missing} == one.reviewers


@given(panels())
def test_a_reviewers_verdict_is_found_by_its_name(one: Panel) -> None:
    for v in one.verdicts:
        assert one.verdict_of(v.reviewer) is v
    for m in one.missing:
        assert one.verdict_of(m.reviewer) is None
    assert one.verdict_of("nobody") is None


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_the_communitys_share_is_counted_apart_from_the_panels(ships: int, skips: int) -> None:
    one = panel("Acme", "skip", votes={"ship": ships, "skip": skips})
    assert one.tally.percent == 0
    if not ships + skips:
        assert one.community == Community(percent=None, ships=0, skips=0, text="—")
    else:
        exact = Fraction(100 * ships, ships + skips)
        shown = one.community.percent
        assert shown is not None
        assert abs(shown - exact) <= (Fraction(1, 2) if 1 <= exact <= 99 else 1)
        assert one.community.text == f"{shown}% ({ships} of {ships + skips})"


def test_no_votes_and_no_pricing_are_dashes() -> None:
    one = panel("Acme")
    assert (one.community.text, one.community.percent, one.entry) == ("—", None, "—")


@pytest.mark.parametrize(
    ("pricing", "entry"),
    [
        ("Free: open weights", "Free"),
        ("Paid: 5 USD", "Paid"),
        ("It depends", "—"),
        ({"entry": "From $5"}, "From $5"),
        ({}, "—"),
    ],
)
def test_the_entry_is_read_off_the_pricing_and_never_guessed(pricing: object, entry: str) -> None:
    assert panel("Acme", pricing=pricing).entry == entry


def test_a_reviewer_has_one_vote() -> None:
    acme = panel("Acme").tool
    one = verdict("skeptic", "ship")
    for verdicts, gaps in (([one, one], []), ([one], [missing("skeptic")]), ([], [missing("skeptic")] * 2)):
        with pytest.raises(ValidationError, match="'skeptic' stands in this panel twice: one vote each"):
            Panel(tool=acme, verdicts=tuple(verdicts), missing=tuple(gaps))


def test_a_panel_without_reviewers_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least one reviewer"):
        Panel(tool=panel("Acme").tool, verdicts=())


@given(panels())
def test_a_saved_panel_loads_as_itself(one: Panel) -> None:
    assert Panel.model_validate_json(one.model_dump_json()) == one
    assert Panel.model_validate(one.model_dump()) == one
    assert dumped(Panel.model_validate(dumped(one))) == dumped(one)


@given(panels(), st.data())
def test_a_changed_number_anywhere_is_refused_by_its_place(one: Panel, data: st.DataObject) -> None:
    saved = dumped(one)
    path = data.draw(st.sampled_from([path for path in leaves(saved) if path[0] in COMPUTED]))
    said = at(saved, path)
    other: st.SearchStrategy[JsonValue] = (
        st.none() | st.booleans() | st.integers(0, 100) | st.text(max_size=5) | st.just([]) | st.just({})
    )
    # 1 and True are different in JSON, but equal in Python.
    put(saved, path, data.draw(other.filter(lambda new: json.dumps(new) != json.dumps(said))))
    with pytest.raises(ValidationError) as refused:
        Panel.model_validate_json(json.dumps(saved))
    [error] = refused.value.errors()
    assert f"{place(path)} says " in error["msg"]
    assert f"counting again gives {json.dumps(said, ensure_ascii=False)}" in error["msg"]


@given(panels(), st.data())
def test_a_flipped_decision_no_longer_fits_the_numbers(one: Panel, data: st.DataObject) -> None:
    saved = dumped(one)
    paths = [path for path in leaves(saved) if path[0] == "verdicts" and path[-1] == "decision"]
    if paths:
        path = data.draw(st.sampled_from(paths))
        put(saved, path, "skip" if at(saved, path) == "ship" else "ship")
        with pytest.raises(ValidationError, match=r"tally\.ships says"):
            Panel.model_validate(saved)


@given(panels(), st.data())
def test_numbers_left_out_are_counted_again(one: Panel, data: st.DataObject) -> None:
    saved = dumped(one)
    for path in data.draw(
        st.lists(st.sampled_from([path for path in leaves(saved) if path[0] in {"tally", "community"}]))
    ):
        inner = saved[str(path[0])]
        assert isinstance(inner, dict)
        inner.pop(str(path[1]), None)
    for name in data.draw(st.lists(st.sampled_from(COMPUTED))):
        saved.pop(name, None)
    assert Panel.model_validate(saved) == one


@pytest.mark.parametrize("value", [None, 1, "x"])
@pytest.mark.parametrize(
    "path", [("tally",), ("community",), ("tool",), ("verdicts", 0), ("verdicts", 0, "provenance"), ()]
)
def test_a_key_that_nobody_knows_is_refused(path: Path, value: JsonValue) -> None:
    """Even one whose value is null, inside what is computed."""
    saved = dumped(panel("Acme"))
    put(saved, (*path, "stray"), value)
    with pytest.raises(ValidationError, match="stray"):
        Panel.model_validate(saved)


def held(quote: str, *, verbatim: bool) -> Dumped:
    saved = dumped(panel("Acme", "ship", description="It runs on edge devices. It is not yet free for all."))
    put(saved, ("verdicts", 0, "evidence"), [{"quote": quote, "verbatim": verbatim}])
    return saved


@pytest.mark.parametrize(
    ("quote", "verbatim"), [("runs on edge devices", True), ("free for all", False), ("the best of all", False)]
)
def test_a_files_quotes_are_looked_up_again(quote: str, *, verbatim: bool) -> None:
    assert Panel.model_validate(held(quote, verbatim=verbatim)).verdicts[0].evidence[0].verbatim == verbatim
    said, found = json.dumps(not verbatim), json.dumps(verbatim)
    with pytest.raises(ValidationError, match=rf"verdicts\[0\]\.evidence\[0\]\.verbatim says {said}.* gives {found}"):
        Panel.model_validate(held(quote, verbatim=not verbatim))


def test_a_refused_file_says_what_to_do() -> None:
    """Also where it was a check of ours, and no type, that refused it."""
    wrong = dumped(panel("Acme")) | {"entry": "From $5"}
    twice = dumped(panel("Acme"))
    twice["verdicts"] = [*list(at(twice, ("verdicts",))), at(twice, ("verdicts", 0))]
    for saved, remedy in (
        (wrong, "Every number is counted from the verdicts: change those, or leave the number out."),
        (held("free for all", verbatim=True), "Mend the quote or its mark"),
        (twice, "Take one of the two out."),
    ):
        with pytest.raises(DocumentError) as refused:
            Document("file", cast("dict[str, Tree]", saved)).validate(Panel)
        assert remedy in refused.value.remedy
        assert "\n" not in refused.value.message


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(ValidationError) as refused:
        Panel.model_validate({**dumped(panel("Acme")), "entry": "x" * 1000})
    assert len(refused.value.errors()[0]["msg"]) < 250


def test_a_value_of_another_kind_is_no_panel() -> None:
    with pytest.raises(ValidationError, match="valid dictionary"):
        Panel.model_validate(["ship"])
