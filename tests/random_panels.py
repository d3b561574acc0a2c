"""Panels from words and by chance, made without any model: what the tests of the counting stand on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from hypothesis import strategies as st

from panelsynth.comparison import Comparison, compare
from panelsynth.panel import Missing, Panel
from panelsynth.tally import Vote
from panelsynth.tool import Tool
from panelsynth.verdict import Verdict

REVIEWERS = ("developer", "skeptic", "futurist", "business", "auditor", "student", "editor", "teacher")
NAMES = ("Acme", "Bolt", "Cask", "Dune", "Echo", "Fern", "Gust")


def verdict(reviewer: str, decision: str | None, **signed: object) -> Verdict:
    """Sign a vote; `signed` changes its provenance."""
    stamp = {"key": "0" * 64, "model": "m", "answered_by": "m-1", "source": "live", "prompt_version": "a1b2c3d4e5f6"}
    return Verdict.model_validate(
        {
            "reviewer": reviewer,
            "title": reviewer.title(),
            "decision": decision,
            "score": 70,
            "review": "A paragraph.",
            "rubric": {"why": "Because."},
            "evidence": [{"quote": "words of the vendor", "verbatim": False}],
            "counter_case": "A case.",
            "would_change": "A change.",
            "provenance": stamp | {"answered_at": "2026-11-23T10:00:00Z"} | signed,
        }
    )


def missing(reviewer: str, **fields: object) -> Missing:
    """Say why a reviewer has no vote."""
    given = {"reviewer": reviewer, "state": "failed", "cause": "timeout", "message": "no answer in 120 s"}
    return Missing.model_validate(given | fields)


def panel(name: str = "Acme", votes: str | Sequence[Vote | None] = "ship ship ship skip", /, **tool: object) -> Panel:
    """Make a panel from decisions, `fail` or None for a reviewer without one; `tool` gives fields of the tool."""
    words: Sequence[str | None] = votes.split() if isinstance(votes, str) else votes
    seats = dict(zip(REVIEWERS, words, strict=False))
    described = {"id": name.lower().replace(" ", "-").strip("."), "name": name, "description": f"{name} is a tool."}
    cast = {who: word for who, word in seats.items() if word in {"ship", "skip"}}
    return Panel(
        tool=Tool.model_validate(described | tool),
        verdicts=tuple(verdict(who, word) for who, word in cast.items()),
        missing=tuple(missing(who) for who in seats if who not in cast),
    )


def signed(one: Panel, **changes: object) -> Panel:
    """Copy a panel with every verdict's provenance changed."""
    return one.model_copy(update={"verdicts": tuple(verdict(v.reviewer, v.decision, **changes) for v in one.verdicts)})


decisions: st.SearchStrategy[list[Vote | None]] = st.lists(st.sampled_from(["ship", "skip", None]), max_size=8)
plans = st.fixed_dictionaries(
    {"kind": st.sampled_from(["free", "freemium", "usage", "subscription", "one-time", "contact"])},
    optional={
        "amount": st.decimals(0, 999, places=2).map(str),
        "unit": st.sampled_from(["month", "seat", "1M tokens"]),
    },
).map(lambda plan: plan | {"currency": "USD"})
pricings = st.none() | st.fixed_dictionaries(
    {"plans": st.lists(plans, max_size=3)},
    optional={
        "summary": st.sampled_from(["Free: open weights", "Paid", "It depends."]),
        "entry": st.sampled_from(["Free", "From $5"]),
        "as_of": st.just(date(2026, 11, 20)),
    },
)
communities = st.none() | st.fixed_dictionaries({"ship": st.integers(0, 10**6), "skip": st.integers(0, 10**6)})


@st.composite
def panels(draw: st.DrawFn, name: str = "Acme") -> Panel:
    """Draw a panel with any votes, community and pricing."""
    votes = draw(decisions.filter(bool))
    relationship = draw(st.sampled_from([None, "affiliated"]))
    return panel(name, votes, votes=draw(communities), pricing=draw(pricings), relationship=relationship)


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    """Draw a comparison of two to four tools, of one or several origins."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
    made = [
        signed(
            draw(panels(name)),
            source=draw(st.sampled_from(["live", "batch", "authored"])),
            answered_by=draw(st.sampled_from(["m-1", "m-2"])),
            answered_at=draw(st.sampled_from(["2026-11-23T10:00:00Z", "2026-11-25T10:00:00Z"])),
        )
        for name in names
    ]
    return compare(*made)
