"""Scorecard: what each reviewer said of each tool, what would change it, who or what answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..comparison import Comparison
from ..panel import Panel
from ..tally.samples import agreement
from ..verdict import Answer, Decision, Edit, Usage, Verdict
from .margin import cuts
from .plain import line, paragraphs

_SOURCES = {
    "live": "live model",
    "batch": "batch file",
    "authored": "written by hand",
    "person": "written by an editor",
}
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CAPITALS = {"ai", "api", "dx", "llm", "ux"}
_COLUMNS = ("Reviewer", "Tools", "Model asked", "Answered by", "Source", "Date", "Instructions", "Tokens in / out")


def scorecard(comparison: Comparison) -> list[dict[str, object]]:
    """Give each reviewer a row with one cell per tool; a reviewer without a vote keeps its cell and says why."""
    draft = comparison.status == "draft"
    mixed = len({v.provenance.source for panel in comparison.panels for v in panel.verdicts}) > 1
    titles = {name: _title(comparison, name) for name in comparison.reviewers}
    return [
        {
            # Shown beside the title where the two differ: the split names reviewers by id.
            "id": name if title.lower() != name else "",
            "title": title,
            "link": name if _SLUG.fullmatch(name) else "",
            "cells": [
                {"id": f"{name if _SLUG.fullmatch(name) else f'reviewer-{at}'}-on-{panel.tool.id}"}
                | _cell(panel, name, draft=draft, mixed=mixed)
                for panel in comparison.panels
            ],
        }
        for at, (name, title) in enumerate(titles.items(), 1)
    ]


def writer(verdict: Verdict) -> str:
    """Name the model that wrote a verdict; empty where a person did."""
    return verdict.provenance.answered_by if verdict.provenance.source in {"live", "batch"} else ""


def changes(panels: Sequence[Panel]) -> list[dict[str, object]]:
    """Collect, tool by tool, what its reviewers say would turn their votes."""
    return [
        {
            "name": panel.tool.name,
            "language": panel.tool.language or "",
            "items": [
                {
                    "who": v.title,
                    "turn": "from ship to skip" if v.ships else "from skip to ship",
                    "text": v.would_change,
                }
                for v in panel.verdicts
            ],
        }
        for panel in panels
        if panel.verdicts
    ]


def provenance(comparison: Comparison) -> dict[str, object]:
    """Tabulate who was asked, who answered, when and with which instructions; a reviewer's like answers share a row."""
    groups: dict[tuple[str, ...], list[tuple[str, Usage | None]]] = {}
    for name in comparison.reviewers:
        for panel in comparison.panels:
            if verdict := panel.verdict_of(name):
                made = verdict.provenance
                source = _SOURCES[made.source]
                key = (verdict.title, made.model, made.answered_by, source, made.answered_at[:10], made.prompt_version)
                groups.setdefault(key, []).append((panel.tool.name, made.usage))
    rows = [
        [
            title,
            _which([tool for tool, _ in found], len(comparison.panels)),
            *(part or "—" for part in rest),
            _tokens([used for _, used in found]),
        ]
        for (title, *rest), found in groups.items()
    ]
    return {"columns": [*_COLUMNS], "rows": rows}


def _title(comparison: Comparison, name: str) -> str:
    seen = [v.title for panel in comparison.panels for v in panel.verdicts if v.reviewer == name]
    seen += [gap.title for panel in comparison.panels for gap in panel.missing if gap.reviewer == name]
    return next((title for title in seen if title), name)


def _cell(panel: Panel, name: str, *, draft: bool, mixed: bool) -> dict[str, object]:
    cell: dict[str, object] = {"name": panel.tool.name, "language": panel.tool.language or ""}
    if verdict := panel.verdict_of(name):
        return cell | _voted(verdict, draft=draft, mixed=mixed)
    cell |= {"kind": "missing", "short": "Not asked", "vote": "not asked", "score": "", "more": False, "marks": []}
    gap = next((gap for gap in panel.missing if gap.reviewer == name), None)
    if gap is None:
        return cell | {"review": ["Not among this tool's reviewers."], "flags": []}
    state = gap.state.replace("-", " ")
    said = {"short": f"No vote ({state})", "vote": "no vote", "score": f"{state}: {gap.cause}"}
    # What exactly went wrong stands in the notes, for whoever has to mend it.
    return cell | said | {"review": [], "flags": []}


def _voted(verdict: Verdict, *, draft: bool, mixed: bool) -> dict[str, object]:
    flags = [{"severity": flag.severity, "text": flag.text, "span": flag.span} for flag in verdict.flags]
    return {
        "kind": verdict.decision,
        "short": verdict.decision.capitalize(),
        "vote": verdict.decision,
        "score": " · ".join(filter(None, [f"{verdict.score}/100 self-reported", _consistency(verdict)])),
        "writer": writer(verdict),
        "marks": [{"label": name, "text": said} for name, said in _marks(verdict, mixed=mixed)],
        "review": paragraphs(verdict.review),
        "cuts": [cuts(line(part), verdict.flags) for part in paragraphs(verdict.review)] if draft else [],
        "more": True,
        "evidence": [
            {"quote": e.quote, "mark": "verbatim in the tool's data" if e.verbatim else "not verbatim"}
            for e in verdict.evidence
        ],
        "answers": [{"field": _readable(field), "text": text} for field, text in verdict.rubric.items()],
        "counter_case": verdict.counter_case,
        "would_change": verdict.would_change,
        "flags": flags if draft else [],
    }


def _consistency(verdict: Verdict) -> str:
    """Say how often a reviewer with several samples decided as it votes, before any editor."""
    return agreement(verdict.samples, (verdict.edit and verdict.edit.decision_was) or verdict.decision)


def _marks(verdict: Verdict, *, mixed: bool) -> Iterator[tuple[str, str]]:
    """Say what a person has had to do with a verdict."""
    if verdict.provenance.source == "person":
        yield "Written by an editor", verdict.provenance.answered_by
    if verdict.provenance.source == "authored" and mixed:
        yield "Example", "written by hand, by no model"
    if edit := verdict.edit:
        yield "Edited", _edited(edit, verdict.decision)
    if verdict.kept:
        yield "Kept", f"an editor let it stand although what was asked has changed since: {verdict.kept}"


def _edited(edit: Edit, decision: Decision) -> str:
    """Say what an editor changed: a vote first, then which of the words."""
    fields = [_readable(name.removeprefix("rubric.")) if name.startswith("rubric.") else name for name in edit.fields]
    others = ", ".join(
        name.replace("_", " ") if name in Answer.model_fields else name for name in fields if name != "decision"
    )
    reason = f": {edit.reason}" if edit.reason else ""
    if edit.decision_was is None:
        return f"an editor changed {others}{reason}"
    return f"editor changed {edit.decision_was} to {decision}{f' and edited {others}' if others else ''}{reason}"


def _readable(field: str) -> str:
    """Turn a rubric field into words: `dx_bet` into `DX bet`."""
    words = [word.upper() if word in _CAPITALS else word for word in field.split("_") if word]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]]) if words else field


def _which(tools: Sequence[str], total: int) -> str:
    if len(tools) < total:
        return ", ".join(tools)
    return "both" if total == 2 else f"all {total}"


def _tokens(usages: Sequence[Usage | None]) -> str:
    known = [usage for usage in usages if usage]
    if not known or len(known) < len(usages):
        return "—"
    return f"{sum(usage.input for usage in known):,} / {sum(usage.output for usage in known):,}"
