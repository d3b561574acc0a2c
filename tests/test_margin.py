"""Margin marks: a draft shows, in the text itself, the words that a flag is about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_panels import panel

from panelsynth.comparison import compare
from panelsynth.pages.margin import cuts
from panelsynth.pages.plain import line
from panelsynth.verdict import Flag

TEXTS = st.text(st.sampled_from("ab .,4%Ä日"), max_size=40).map(line)


def flag(span: str, severity: str = "loud") -> Flag:
    return Flag.model_validate({"kind": "unsupported-figure", "severity": severity, "text": "Why.", "span": span})


def pieces(text: str, flags: list[Flag]) -> list[tuple[str, Any]]:
    """Take each piece's words and the number of its flag."""
    made: Any = cuts(text, flags)
    return [(text[piece["start"] : piece["end"]], piece["flag"]) for piece in made]


@given(TEXTS, st.lists(TEXTS.map(flag), max_size=4))
def test_the_pieces_are_the_text_whole_and_in_order(text: str, flags: list[Flag]) -> None:
    assert "".join(words for words, _ in pieces(text, flags)) in {text, ""}


@given(TEXTS.filter(bool), TEXTS, TEXTS)
def test_words_that_a_flag_names_are_marked_wherever_they_stand_alone(span: str, before: str, after: str) -> None:
    text = line(f"{before} {span} {after}")
    marked = [words for words, number in pieces(text, [flag(span)]) if number]
    assert span.lower() in "".join(marked).lower()


@pytest.mark.parametrize(
    ("span", "marked"),
    [("40%", ["40%"]), ("EASY", ["easy", "Easy"]), ("as", []), ("", []), ("not there", [])],
)
def test_marks_are_whole_words_in_any_case(span: str, marked: list[str]) -> None:
    text = "It is 40% faster and easy. Easy enough."
    assert [words for words, number in pieces(text, [flag(span)]) if number] == marked


def test_words_that_two_flags_name_are_the_firsts() -> None:
    assert pieces("up to 40% faster", [flag("40% faster"), flag("40%", "soft")]) == [("up to ", 0), ("40% faster", 1)]


def test_a_draft_shows_the_marks_and_an_approved_page_does_not() -> None:
    made = panel("Acme", "ship")
    [vote] = made.verdicts
    vote = vote.model_copy(update={"review": "It is <40%> faster.", "flags": (flag("<40%>"),)})
    page = compare(made.model_copy(update={"verdicts": (vote,)}), panel("Bolt", "ship"))
    html = page.to_html()
    assert 'It is <mark class="loud">&lt;40%&gt;<sup class="margin">1</sup></mark> faster.' in html
    assert "1 Flag (loud)" in html
    approved = page.model_copy(update={"status": "approved"}).to_html()
    assert "<mark" not in approved
    assert "It is &lt;40%&gt; faster." in approved
