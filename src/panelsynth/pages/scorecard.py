"""Scorecard: what each reviewer said of each tool, what would change it, who or what answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..comparison import Comparison
from ..language import Language, language_of
from ..panel import Panel
from ..reading import consistency
from ..verdict import Decision, Edit, Flag, Usage, Verdict
from .margin import cuts
from .plain import line, paragraphs

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_CAPITALS = {"ai", "api", "dx", "llm", "ux"}
_COLUMNS = (
    "reviewer",
    *(f"column_{n}" for n in ("tools", "model", "answered", "source", "date", "instructions", "tokens")),
)


def scorecard(comparison: Comparison) -> list[dict[str, object]]:
    """Give each reviewer a row with one cell per tool; a reviewer without a vote keeps its cell and says why."""
    said, draft = language_of(comparison.language), comparison.status == "draft"
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
                | _cell(panel, name, said, draft=draft, mixed=mixed)
                for panel in comparison.panels
            ],
        }
        for at, (name, title) in enumerate(titles.items(), 1)
    ]


def writer(verdict: Verdict) -> str:
    """Name the model that wrote a verdict; empty where a person did."""
    return verdict.provenance.answered_by if verdict.provenance.source in {"live", "batch"} else ""


def changes(panels: Sequence[Panel], said: Language) -> list[dict[str, object]]:
    """Collect, tool by tool, what its reviewers say would turn their votes."""
    return [
        {
            "name": panel.tool.name,
            "language": panel.tool.language or "",
            "items": [
                {
                    "who": v.title,
                    "turn": said.say("ship_to_skip" if v.ships else "skip_to_ship"),
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
    said = language_of(comparison.language)
    groups: dict[tuple[str, ...], list[tuple[str, Usage | None]]] = {}
    for name in comparison.reviewers:
        for panel in comparison.panels:
            if verdict := panel.verdict_of(name):
                made = verdict.provenance
                source, day = said.say(f"source_{made.source}"), said.day(made.answered_at[:10])
                key = (verdict.title, made.model, made.answered_by, source, day, made.prompt_version)
                groups.setdefault(key, []).append((panel.tool.name, made.usage))
    rows = [
        [
            title,
            _which([tool for tool, _ in found], len(comparison.panels), said),
            *(part or "—" for part in rest),
            _tokens([used for _, used in found], said),
        ]
        for (title, *rest), found in groups.items()
    ]
    return {"columns": [said.say(key) for key in _COLUMNS], "rows": rows}


def _title(comparison: Comparison, name: str) -> str:
    seen = [v.title for panel in comparison.panels for v in panel.verdicts if v.reviewer == name]
    seen += [gap.title for panel in comparison.panels for gap in panel.missing if gap.reviewer == name]
    return next((title for title in seen if title), name)


def _cell(panel: Panel, name: str, said: Language, *, draft: bool, mixed: bool) -> dict[str, object]:
    cell: dict[str, object] = {"name": panel.tool.name, "language": panel.tool.language or ""}
    if verdict := panel.verdict_of(name):
        return cell | _voted(verdict, said, draft=draft, mixed=mixed)
    cell |= {"kind": "missing", "score": "", "more": False, "marks": []}
    gap = next((gap for gap in panel.missing if gap.reviewer == name), None)
    if gap is None:
        words = {"short": said.say("not_asked_short"), "vote": said.say("not_asked")}
        return cell | words | {"review": [said.say("not_among")], "flags": []}
    state = said.say(gap.state)
    short, vote = said.say("no_vote_short", state=state), said.say("no_vote")
    score = said.say("state_cause", state=state, cause=gap.cause)
    # What exactly went wrong stands in the notes, for whoever has to mend it.
    return cell | {"short": short, "vote": vote, "score": score, "review": [], "flags": []}


def _voted(verdict: Verdict, said: Language, *, draft: bool, mixed: bool) -> dict[str, object]:
    flags = [
        {"severity": said.say(f.severity), "title": _title_of(n, f, said), "text": f.text, "span": f.span}
        for n, f in enumerate(verdict.flags, 1)
    ]
    score = said.say("score", score=verdict.score, whole=100)
    vote = said.say(verdict.decision)
    return {
        "kind": verdict.decision,
        "short": vote.capitalize(),
        "vote": vote,
        "score": " · ".join(filter(None, [score, consistency(verdict, said.code)])),
        "writer": writer(verdict),
        "marks": [{"label": name, "text": text} for name, text in _marks(verdict, said, mixed=mixed)],
        "review": paragraphs(verdict.review),
        "cuts": [cuts(line(part), verdict.flags) for part in paragraphs(verdict.review)] if draft else [],
        "more": True,
        "evidence": [
            {"quote": e.quote, "mark": said.say("verbatim" if e.verbatim else "not_verbatim")} for e in verdict.evidence
        ],
        "answers": [{"field": _readable(field), "text": text} for field, text in verdict.rubric.items()],
        "counter_case": verdict.counter_case,
        "would_change": verdict.would_change,
        "flags": flags if draft else [],
    }


def _title_of(number: int, flag: Flag, said: Language) -> str:
    return said.say("flag_numbered", number, severity=said.say(flag.severity))


def _marks(verdict: Verdict, said: Language, *, mixed: bool) -> Iterator[tuple[str, str]]:
    """Say what a person has had to do with a verdict."""
    if verdict.provenance.source == "person":
        yield said.say("by_editor"), verdict.provenance.answered_by
    if verdict.provenance.source == "authored" and mixed:
        yield said.say("mark_example"), said.say("example_by_hand")
    if edit := verdict.edit:
        yield said.say("edited"), _edited(edit, verdict.decision, said)
    if verdict.kept:
        yield said.say("kept"), said.say("kept_for", reason=verdict.kept)


def _edited(edit: Edit, decision: Decision, said: Language) -> str:
    """Say what an editor changed: a vote first, then which of the words."""
    others = [_field(name, said) for name in edit.fields if name != "decision"]
    key = "edit" if edit.decision_was is None else "edit_both" if others else "edit_vote"
    before, after = said.say(edit.decision_was or decision), said.say(decision)
    texts = {"before": before, "after": after, "fields": said.words["comma"]["other"].join(others)}
    return said.say(f"{key}_for" if edit.reason else key, None, reason=edit.reason, **texts)


def _field(name: str, said: Language) -> str:
    """Name a field of the answer in the page's words, and one of the rubric in the persona's."""
    rubric = name.removeprefix("rubric.")
    return _readable(rubric) if name != rubric else said.say(f"field_{name}") if f"field_{name}" in said.words else name


def _readable(field: str) -> str:
    """Turn a rubric field into words: `dx_bet` into `DX bet`."""
    words = [word.upper() if word in _CAPITALS else word for word in field.split("_") if word]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]]) if words else field


def _which(tools: Sequence[str], total: int, said: Language) -> str:
    if len(tools) < total:
        return said.words["comma"]["other"].join(tools)
    return said.say("both") if total == 2 else said.say("all", total)


def _tokens(usages: Sequence[Usage | None], said: Language) -> str:
    known = [usage for usage in usages if usage]
    if not known or len(known) < len(usages):
        return said.say("none")
    sums = (sum(usage.input for usage in known), sum(usage.output for usage in known))
    return said.say("tokens", input=said.grouped(sums[0]), output=said.grouped(sums[1]))
