"""View: a comparison as the plain strings that every template shares; templates never meet a model object."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast
from urllib.parse import quote

from ..comparison import Comparison
from ..language import Language, language_of
from ..panel import Panel
from ..reading import community_share, plan_text, price
from ..tally import interval
from .plain import line, mapped, paragraphs
from .scorecard import changes, provenance, scorecard, writer
from .words import words

_SHORT = 900
"""Up to three descriptions of at most this many characters are shown unfolded."""


def view(comparison: Comparison) -> dict[str, object]:
    """Turn a comparison into nested dicts and lists of clean single-line strings."""
    panels, reading, said = comparison.panels, comparison.reading, language_of(comparison.language)
    draft = comparison.status == "draft"
    categories = {panel.tool.category for panel in panels}
    shared = categories.pop() if len(categories) == 1 else None
    rows = {
        "language": comparison.language,
        "direction": said.direction,
        "title": comparison.title,
        "slug": comparison.slug,
        "status": comparison.status,
        "draft": draft,
        "names": [panel.tool.name for panel in panels],
        "crumbs": [said.say("compare"), *([shared] if shared else []), comparison.title],
        "headline": reading.headline,
        "lead": _lead(comparison, said),
        "notice": _notice(comparison, said),
        "date": (date := _date(comparison)),
        "day": said.day(date),
        "mark": comparison.disclosed.mark,
        "writers": sorted({name for panel in panels for v in panel.verdicts if (name := writer(v))}),
        "versus": comparison.title == " vs ".join(panel.tool.name for panel in panels),
        "summary": _summary(panels, said),
        "intro": paragraphs(comparison.intro),
        "approval": _approval(comparison, said),
        "approved_at": comparison.approved_at,
        "retired": _retired(comparison, said),
        "tools": [_card(panel, comparison.reviewers, said, unfolded=len(panels) <= 3) for panel in panels],
        "decisions": _decisions(panels, said),
        "community": reading.community if any(panel.community.percent is not None for panel in panels) else "",
        "pricing": [*reading.pricing],
        "split": [*reading.split] or [said.say("nobody_on_both" if len(panels) == 2 else "nobody_on_every")],
        "power": _power(panels, said),
        "scorecard": scorecard(comparison),
        "changes_title": said.say("other_wins" if len(panels) == 2 else "another_wins"),
        "changes": changes(panels, said),
        "notes": [*reading.notes, *_waived(comparison, said)],
        "flags": _flags(panels, said) if draft else [],
        "provenance": provenance(comparison),
        "disclosure": comparison.disclosure,
    }
    clean = cast("dict[str, object]", mapped({**rows, "guide": _guide(comparison, said)}, line))
    return {**clean, "say": words(said)}


def _guide(comparison: Comparison, said: Language) -> list[str]:
    """Say how to read what stands on the page, for a first-time reader."""
    panels = comparison.panels
    verdicts = [verdict for panel in panels for verdict in panel.verdicts]
    apart = tuple(said.words[key]["other"].partition("{")[0] for key in ("apart", "apart_between"))
    stands = {
        "guide_percent": True,
        "guide_missing": any(panel.tally.missing for panel in panels),
        "guide_independent": _alike(panels) and any(panel.tally.interval for panel in panels),
        "guide_apart": any(sentence.startswith(apart) for sentence in comparison.reading.split),
        "guide_score": bool(verdicts),
        "guide_samples": any(v.samples for v in verdicts) or any(gap.samples for p in panels for gap in p.missing),
        "guide_verbatim": any(verdict.evidence for verdict in verdicts),
    }
    return [*filter(None, [said.say("page_decisions")]), *(said.say(key) for key, there in stands.items() if there)]


def _sources(comparison: Comparison) -> set[str]:
    return {v.provenance.source for panel in comparison.panels for v in panel.verdicts}


def _lead(comparison: Comparison, said: Language) -> str:
    count = len(comparison.reviewers)
    key = "lead_by_hand" if _sources(comparison) == {"authored"} else "lead"
    lead = said.say(key, count, count=said.counted(count))
    return f"{lead[0].upper()}{lead[1:]}"


def _notice(comparison: Comparison, said: Language) -> str:
    sources = _sources(comparison)
    if "authored" not in sources:
        return ""
    return said.say("example" if sources == {"authored"} else "example_in_part")


def _summary(panels: Sequence[Panel], said: Language) -> str:
    """Count the labels, where there are too many tools to name each one's share."""
    if len(panels) <= 3:
        return ""
    found = [panel.tally.label for panel in panels]
    labels = [label for label in ("ship", "skip", "split", "incomplete") if label in found]
    counts = [said.say(f"summary_{each}", n := found.count(each), count=said.counted(n)) for each in labels]
    return said.say("summary", count=said.counted(len(panels)), parts=said.listed(counts))


def _approval(comparison: Comparison, said: Language) -> str:
    if comparison.status == "draft" or not comparison.approved_by:
        return ""
    if not comparison.approved_at:
        return said.say("approved", who=comparison.approved_by)
    return said.say("approved_on", who=comparison.approved_by, day=said.day(comparison.approved_at[:10]))


def _retired(comparison: Comparison, said: Language) -> str:
    if comparison.status != "retired":
        return ""
    given = {"_on": comparison.retired_at, "_for": comparison.retired_reason}
    key = "retired" + "".join(part for part, text in given.items() if text)
    texts = {"day": said.day(comparison.retired_at[:10]), "reason": comparison.retired_reason}
    return said.say(key, None, **texts)


def _waived(comparison: Comparison, said: Language) -> list[str]:
    """Say which loud flags were open when the page was approved, and who let them stand."""
    return [
        said.say("note_waived", who=waiver.by, kind=waiver.kind, reason=waiver.reason) for waiver in comparison.waivers
    ]


def _date(comparison: Comparison) -> str:
    """Give the day of the latest verdict, so that a page needs no clock."""
    stamps = (v.provenance.answered_at[:10] for panel in comparison.panels for v in panel.verdicts)
    return max((day for day in stamps if re.fullmatch(r"\d{4}-\d{2}-\d{2}", day, re.ASCII)), default="")


def _card(panel: Panel, reviewers: Sequence[str], said: Language, *, unfolded: bool) -> dict[str, object]:
    tool, count = panel.tool, panel.tally
    voted = {verdict.reviewer: verdict.decision for verdict in panel.verdicts}
    facts = [{"claim": fact.claim, "source": _joined(fact.source, fact.verified_on, said)} for fact in tool.facts]
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
        "badge": said.say(count.label).capitalize(),
        "percent": said.percent(count.percent),
        "share": count.percent,
        "counts": _counts(panel, said),
        "ballot": [voted.get(name, "missing") for name in reviewers if name in panel.reviewers],
        "votes": [panel.community.ships, panel.community.skips],
        "community": community_share(panel, said.code),
        "community_share": panel.community.percent,
        "entry": _entry(panel, said),
        "description": paragraphs(tool.description),
        "open": unfolded and len(tool.description) <= _SHORT,
        "facts": facts,
    }


def _joined(source: str | None, day: object, said: Language) -> str:
    parts = [part for part in (source, said.day(day) if day else "") if part]
    return said.words["comma"]["other"].join(parts)


def _entry(panel: Panel, said: Language) -> str:
    """Name what it takes to begin: a maker's own words as they are."""
    given = panel.tool.pricing.entry if panel.tool.pricing else None
    return said.say(panel.entry) if not given and panel.entry in said.words else panel.entry


def _counts(panel: Panel, said: Language) -> str:
    count = panel.tally
    key = "counts" if not count.missing else "counts_no_quorum" if count.percent is None else "counts_missing"
    reach = said.range(count.lowest, count.highest)
    votes = {"ships": count.ships, "voted": count.voted, "missing": count.missing, "reviewers": count.reviewers}
    return said.say(key, None, range=reach, **votes)


def _alike(panels: Sequence[Panel]) -> bool:
    """Tell whether all panels have the same reviewers."""
    return len({panel.reviewers for panel in panels}) == 1


def _decisions(panels: Sequence[Panel], said: Language) -> list[dict[str, object]]:
    """Lay out the decision table: a row per question, a cell per tool, each a text with smaller lines under it."""
    alike = _alike(panels)
    rows: dict[str, list[dict[str, object]]] = {
        "panel_verdict": [_cell(_verdict(panel, said), _reach(panel, said, alike=alike)) for panel in panels],
        "community": [_cell(*_community(panel, said)) for panel in panels],
        "entry": [_cell(_entry(panel, said)) for panel in panels],
        "pricing": [_cell(price(panel.tool.pricing, said.code), _plans(panel, said), panel) for panel in panels],
        "best_for": [_cell(panel.tool.best_for or panel.tool.tagline or "—", [], panel) for panel in panels],
        "category": [_cell(panel.tool.category or "—", [], panel) for panel in panels],
    }
    return [{"label": said.say(key), "cells": cells} for key, cells in rows.items()]


def _verdict(panel: Panel, said: Language) -> str:
    count = panel.tally
    key = "tally_missing" if count.missing else "tally"
    told = said.say(key, None, ships=count.ships, skips=count.skips, missing=count.missing)
    return f"{said.say(count.label).capitalize()} · {told}"


def _cell(text: str, small: Sequence[str] = (), panel: Panel | None = None) -> dict[str, object]:
    return {"text": text, "small": [*small], "language": (panel.tool.language or "") if panel else ""}


def _reach(panel: Panel, said: Language, *, alike: bool) -> list[str]:
    """Give the percent's interval; withheld where panels with different reviewers would be set side by side."""
    count = panel.tally
    if count.percent is None:
        return []
    shown = said.percent(count.percent)
    if not alike or count.interval is None:
        return [shown]
    return [said.say("if_reviewers", percent=shown, range=said.range(*count.interval))]


def _community(panel: Panel, said: Language) -> tuple[str, list[str]]:
    votes = panel.community
    reach = interval(votes.ships, votes.ships + votes.skips)
    if reach is None:
        return said.say("no_community_yet"), []
    day = panel.tool.votes.as_of if panel.tool.votes else None
    dated = [said.say("as_of", day=said.day(day))] if day else []
    return community_share(panel, said.code), [said.say("if_voters", range=said.range(*reach)), *dated]


def _plans(panel: Panel, said: Language) -> list[str]:
    pricing = panel.tool.pricing
    if pricing is None:
        return []
    plans = [plan_text(plan, said.code) for plan in pricing.plans] if pricing.summary else []
    return [*plans, *([said.say("source", source=pricing.source)] if pricing.source else [])]


def _power(panels: Sequence[Panel], said: Language) -> str:
    """Say that a panel this small cannot tell two tools apart, where that is so."""
    voters = max(panel.tally.voted for panel in panels)
    # All of n paired votes differ, one way or the other, with p = 2 / 2**n: 0.0625 for five, below 0.05 from six.
    if not 2 <= voters <= 5:
        return ""
    return said.say("power", count=said.counted(voters), p=said.number(2 ** (1 - voters)))


def _flags(panels: Sequence[Panel], said: Language) -> list[str]:
    return [
        said.say(
            "labelled",
            label=panel.tool.name,
            text=said.say("remarked", text=flag.text, remark=said.say(flag.severity)),
        )
        for panel in panels
        for flag in panel.flags
    ]
