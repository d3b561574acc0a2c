"""View: a comparison as the plain strings that every template shares; templates never meet a model object."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast
from urllib.parse import quote

from ..comparison import Comparison
from ..panel import Panel
from ..reading import plan_text, price
from ..tally import interval
from .plain import line, mapped, paragraphs
from .scorecard import changes, provenance, scorecard, writer

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_LABELS = {
    "ship": ("gets more votes to ship than to skip", "get more votes to ship than to skip"),
    "skip": ("gets more votes to skip than to ship", "get more votes to skip than to ship"),
    "split": ("splits the panel evenly", "split the panel evenly"),
    "incomplete": ("has too few votes to count", "have too few votes to count"),
}
"""What panels say of one tool, and of several."""
_SHORT = 900
"""Up to three descriptions of at most this many characters are shown unfolded."""


_GUIDE = {
    "": "The percent is the share of votes to ship among the votes given. Where half of the reviewers or more gave "
    "none, there is no quorum, and a dash in its place.",
    "missing (": "A range behind missing votes is what the share could be, had they all been skip or all been ship.",
    "if reviewers were independent": "The range for independent reviewers is Wilson's 95% interval. Roles that one "
    "model plays are not independent, so the doubt is larger still.",
    "One vote apart": "One vote apart: two panels differ in the vote of that one reviewer, and in no other.",
    "self-reported": "A score out of 100 is the reviewer's own and enters no other number.",
    " sample": "Samples: a reviewer was asked the same several times. Its one vote is what most of its answers say; "
    "where they tie, it abstains.",
    "verbatim": "Verbatim: the quote stands in the tool's data, which does not make it true.",
}
"""How to read the page, for a first-time reader: words that may stand on it, and what they mean."""


def view(comparison: Comparison) -> dict[str, object]:
    """Turn a comparison into nested dicts and lists of clean single-line strings."""
    panels, reading = comparison.panels, comparison.reading
    draft = comparison.status == "draft"
    categories = {panel.tool.category for panel in panels}
    shared = categories.pop() if len(categories) == 1 else None
    rows = {
        "title": comparison.title,
        "slug": comparison.slug,
        "status": comparison.status,
        "draft": draft,
        "names": [panel.tool.name for panel in panels],
        "crumbs": ["Compare", *([shared] if shared else []), comparison.title],
        "headline": reading.headline,
        "lead": _lead(comparison),
        "notice": _notice(comparison),
        "date": _date(comparison),
        "mark": comparison.disclosed.mark,
        "writers": sorted({name for panel in panels for v in panel.verdicts if (name := writer(v))}),
        "versus": comparison.title == " vs ".join(panel.tool.name for panel in panels),
        "summary": _summary(panels),
        "intro": paragraphs(comparison.intro),
        "approval": _approval(comparison),
        "approved_at": comparison.approved_at,
        "retired": _retired(comparison),
        "tools": [_card(panel, comparison.reviewers, unfolded=len(panels) <= 3) for panel in panels],
        "decisions": _decisions(panels),
        "community": reading.community if any(panel.community.percent is not None for panel in panels) else "",
        "pricing": [*reading.pricing],
        "split": [*reading.split] or [f"No reviewer voted on {'both tools' if len(panels) == 2 else 'every tool'}."],
        "power": _power(panels),
        "scorecard": scorecard(comparison),
        "changes_title": "When the other one wins" if len(panels) == 2 else "When another one wins",
        "changes": changes(panels),
        "notes": [*reading.notes, *_waived(comparison)],
        "flags": _flags(panels) if draft else [],
        "provenance": provenance(comparison),
        "disclosure": comparison.disclosure,
    }
    written = str(rows)
    guide = [meaning for words, meaning in _GUIDE.items() if words in written]
    return cast("dict[str, object]", mapped({**rows, "guide": guide}, line))


def _sources(comparison: Comparison) -> set[str]:
    return {v.provenance.source for panel in comparison.panels for v in panel.verdicts}


def _lead(comparison: Comparison) -> str:
    count = len(comparison.reviewers)
    roles = f"{_word(count)} reviewer role{'' if count == 1 else 's'}"
    played = "" if _sources(comparison) == {"authored"} else ", played by AI,"
    return f"{roles[0].upper()}{roles[1:]}{played} ship each tool or skip it, going by its vendor's description."


def _notice(comparison: Comparison) -> str:
    sources = _sources(comparison)
    if "authored" not in sources:
        return ""
    if sources == {"authored"}:
        return "Example: replies written by hand, no model."
    return "Example in part: some of the replies were written by hand, not by a model."


def _summary(panels: Sequence[Panel]) -> str:
    """Count the labels, where there are too many tools to name each one's share."""
    if len(panels) <= 3:
        return ""
    found = [panel.tally.label for panel in panels]
    counted = [
        f"{_word(found.count(label))} {words[found.count(label) > 1]}"
        for label, words in _LABELS.items()
        if label in found
    ]
    return f"Of {_word(len(panels))} tools, {', '.join(counted[:-1])}{' and ' if counted[1:] else ''}{counted[-1]}."


def _word(count: int) -> str:
    return _WORDS[count] if count < len(_WORDS) else str(count)


def _approval(comparison: Comparison) -> str:
    if comparison.status == "draft" or not comparison.approved_by:
        return ""
    return f"Approved by {comparison.approved_by}{_on(comparison.approved_at)}"


def _retired(comparison: Comparison) -> str:
    if comparison.status != "retired":
        return ""
    reason = f": {comparison.retired_reason}" if comparison.retired_reason else "."
    return f"This page is no longer kept up. It was retired{_on(comparison.retired_at)}{reason}"


def _on(moment: str) -> str:
    return f" on {moment[:10]}" if moment else ""


def _waived(comparison: Comparison) -> list[str]:
    """Say which loud flags were open when the page was approved, and who let them stand."""
    return [
        f"When the page was approved, {waiver.by} let a flag stand ({waiver.kind}): {waiver.reason}"
        for waiver in comparison.waivers
    ]


def _date(comparison: Comparison) -> str:
    """Give the day of the latest verdict, so that a page needs no clock."""
    stamps = (v.provenance.answered_at[:10] for panel in comparison.panels for v in panel.verdicts)
    return max((day for day in stamps if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day, re.ASCII)), default="")


def _card(panel: Panel, reviewers: Sequence[str], *, unfolded: bool) -> dict[str, object]:
    tool, count = panel.tool, panel.tally
    voted = {verdict.reviewer: verdict.decision for verdict in panel.verdicts}
    facts = [
        {"claim": fact.claim, "source": ", ".join(str(part) for part in (fact.source, fact.verified_on) if part)}
        for fact in tool.facts
    ]
    return {
        "id": tool.id,
        "name": tool.name,
        "letter": next((sign for sign in tool.name if sign.isalnum()), "?").upper(),
        "language": tool.language or "",
        "category": tool.category or "",
        "tagline": tool.tagline or "",
        # The host names what is linked to; quoting leaves nothing that could end an address in HTML or Markdown.
        "site": tool.url.split("/")[2] if tool.url else "",
        "href": quote(tool.url, safe=":/?#[]@!$&'()*+,;=%~") if tool.url else "",
        "affiliated": tool.relationship == "affiliated",
        "label": count.label,
        "badge": count.label.capitalize(),
        "percent": "—" if count.percent is None else f"{count.percent}%",
        "share": count.percent,
        "counts": _counts(panel),
        "ballot": [voted.get(name, "missing") for name in reviewers if name in panel.reviewers],
        "votes": [panel.community.ships, panel.community.skips],
        "community": panel.community.text,
        "community_share": panel.community.percent,
        "entry": panel.entry,
        "description": paragraphs(tool.description),
        "open": unfolded and len(tool.description) <= _SHORT,
        "facts": facts,
    }


def _counts(panel: Panel) -> str:
    count = panel.tally
    votes = f"{count.ships} of {count.voted} ship"
    if not count.missing:
        return votes
    reach = "no quorum" if count.percent is None else f"{count.lowest}-{count.highest}%"
    return f"{votes}, {count.missing} of {count.reviewers} missing ({reach})"


def _decisions(panels: Sequence[Panel]) -> list[dict[str, object]]:
    """Lay out the decision table: a row per question, a cell per tool, each a text with smaller lines under it."""
    alike = len({panel.reviewers for panel in panels}) == 1
    rows: dict[str, list[dict[str, object]]] = {
        "Panel verdict": [
            _cell(f"{p.tally.label.capitalize()} · {p.tally.text}", _reach(p, alike=alike)) for p in panels
        ],
        "Community": [_cell(*_community(panel)) for panel in panels],
        "Entry": [_cell(panel.entry) for panel in panels],
        "Pricing": [_cell(price(panel.tool.pricing), _plans(panel), panel) for panel in panels],
        "Best for": [_cell(panel.tool.best_for or panel.tool.tagline or "—", [], panel) for panel in panels],
        "Category": [_cell(panel.tool.category or "—", [], panel) for panel in panels],
    }
    return [{"label": name, "cells": cells} for name, cells in rows.items()]


def _cell(text: str, small: Sequence[str] = (), panel: Panel | None = None) -> dict[str, object]:
    return {"text": text, "small": [*small], "language": (panel.tool.language or "") if panel else ""}


def _reach(panel: Panel, *, alike: bool) -> list[str]:
    """Give the percent's interval; withheld where panels with different reviewers would be set side by side."""
    count = panel.tally
    if count.percent is None:
        return []
    reach = count.interval if alike else None
    return [f"{count.percent}%" + (f" ({reach[0]}-{reach[1]}% if reviewers were independent)" if reach else "")]


def _community(panel: Panel) -> tuple[str, list[str]]:
    votes = panel.community
    reach = interval(votes.ships, votes.ships + votes.skips)
    if reach is None:
        return "No community votes yet", []
    day = panel.tool.votes.as_of if panel.tool.votes else None
    dated = [f"as of {day}"] if day else []
    return votes.text, [f"{reach[0]}-{reach[1]}% if voters were independent", *dated]


def _plans(panel: Panel) -> list[str]:
    pricing = panel.tool.pricing
    if pricing is None:
        return []
    plans = [plan_text(plan) for plan in pricing.plans] if pricing.summary else []
    return [*plans, *([f"source: {pricing.source}"] if pricing.source else [])]


def _power(panels: Sequence[Panel]) -> str:
    """Say that a panel this small cannot tell two tools apart, where that is so."""
    voters = max(panel.tally.voted for panel in panels)
    # All of n paired votes differ, one way or the other, with p = 2 / 2**n: 0.0625 for five, below 0.05 from six.
    if not 2 <= voters <= 5:
        return ""
    return (
        f"With {_WORDS[voters]} voters no test can tell two tools apart at the usual 5% level: even if all of them "
        f"voted against one and for the other, an exact paired test would give p = {2 ** (1 - voters):g}."
    )


def _flags(panels: Sequence[Panel]) -> list[str]:
    return [f"{panel.tool.name}: {flag.text} ({flag.severity})" for panel in panels for flag in panel.flags]
