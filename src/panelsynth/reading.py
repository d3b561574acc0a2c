"""Reading: what can be said of panels side by side, in sentences that are computed and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import combinations

from pydantic import BaseModel, ConfigDict

from .panel import Panel
from .tally import label
from .tool import Plan, Pricing

_DO = (
    ("ship", "ships"),
    ("skip", "skips"),
    ("have no vote on", "has no vote on"),
    ("were not asked about", "was not asked about"),
)
"""What reviewers do with a tool: several of them, and one."""
_PAID_BY = {
    "usage": "by use",
    "subscription": "by subscription",
    "one-time": "by a one-time payment",
    "contact": "on request",
}
_BEGIN = {"Free": "free", "Paid": "paid", "Freemium": "free to begin", "Contact sales": "price on request"}


class Reading(BaseModel):
    """What a page says in sentences; each is counted from decisions and votes, or read off typed plans."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    headline: str
    """Each tool's share in one line, in the order shown."""
    pricing: tuple[str, ...]
    """What each tool costs to begin, and the amounts that can be set side by side."""
    split: tuple[str, ...]
    """Who agrees, who differs, and where one vote makes the difference."""
    community: str
    """The community's votes, and where they disagree with the panel."""
    notes: tuple[str, ...]
    """What a reader should know before putting the panels side by side."""


def read(panels: Sequence[Panel], reviewers: Sequence[str]) -> Reading:
    """Say in sentences what counting gives; `reviewers` sets the order in which they are named."""
    return Reading(
        headline="; ".join(f"{panel.tool.name}: {share(panel)}" for panel in panels) + ".",
        pricing=tuple(_pricing(panels)),
        split=tuple(_split(panels, reviewers)),
        community=_community(panels),
        notes=tuple(_notes(panels, reviewers)),
    )


def share(panel: Panel) -> str:
    """Write a panel's share with its denominator, and its range when votes are missing.

    The forms are `75% (3 of 4) ship`, `67% · 2 of 3 ship, 1 of 4 missing (50-75%)` and, below quorum,
    `— · 1 of 1 ship, 3 of 4 missing (no quorum)`.
    """
    count = panel.tally
    if not count.missing:
        return f"{count.percent}% ({count.ships} of {count.voted}) ship"
    known = count.percent is not None
    shown, reach = (f"{count.percent}%", f"{count.lowest}-{count.highest}%") if known else ("—", "no quorum")
    votes = f"{count.ships} of {count.voted} ship, " if count.voted else ""
    return f"{shown} · {votes}{count.missing} of {count.reviewers} missing ({reach})"


def price(pricing: Pricing | None) -> str:
    """Write a tool's pricing in full: its own summary, or its plans, with the day on which that was true."""
    if pricing is None:
        return "No pricing given"
    text = pricing.summary or "; ".join(plan_text(plan) for plan in pricing.plans) or pricing.entry
    if not text:
        return "No pricing given"
    return f"{text.rstrip('.')} (as of {pricing.as_of})" if pricing.as_of else text


def plan_text(plan: Plan) -> str:
    """Write one plan with its name: `Pro: subscription 20 USD per month`."""
    return f"{plan.name}: {plan.terms}" if plan.name else plan.terms


def _pricing(panels: Sequence[Panel]) -> Iterable[str]:
    for panel in panels:
        yield f"{panel.tool.name}: {_terms(panel.tool.pricing)}."
    offers: dict[str, dict[str, set[Decimal]]] = {}
    for panel in panels:
        for plan in panel.tool.pricing.plans if panel.tool.pricing else ():
            if plan.amount and (per := _per(plan)):
                offers.setdefault(per, {}).setdefault(panel.tool.id, set()).add(plan.amount)
    for per, tools in offers.items():
        if len(tools) > 1:
            found = ((panel.tool.name, tools.get(panel.tool.id)) for panel in panels)
            amounts = (f"{name} {'from ' * (len(own) > 1)}{min(own):f}" for name, own in found if own)
            yield f"{per}: {'; '.join(amounts)}."


def _per(plan: Plan) -> str:
    """Say what an amount buys, such as `Per month in USD`; empty where that is not said."""
    if plan.kind == "one-time":
        return f"Paid once{f' per {plan.unit}' if plan.unit else ''} in {plan.currency}"
    return f"Per {plan.unit} in {plan.currency}" if plan.unit else ""


def _terms(pricing: Pricing | None) -> str:
    """Say what it takes to begin, from typed plans where there are any."""
    if pricing is None or not (pricing.plans or pricing.summary or pricing.entry):
        return "no pricing given"
    label = pricing.entry_label
    begin = _BEGIN.get(label, label) if label else "pricing given in words only"
    kinds = {plan.paid_by for plan in pricing.plans}
    ways = [words for kind, words in _PAID_BY.items() if kind in kinds and kinds != {"contact"}]
    how = f"{'' if begin == 'paid' else ', paid'} {_and(ways)}" if ways else ""
    priced = any(plan.amount is not None for plan in pricing.plans if plan.paid_by in _PAID_BY)
    unknown = "; its maker gives no amounts" if ways and not priced else ""
    day = f"as of {pricing.as_of}" if pricing.as_of else "undated"
    return f"{begin}{how}, {day}{unknown}"


def _split(panels: Sequence[Panel], reviewers: Sequence[str]) -> Iterable[str]:
    every = "both tools" if len(panels) == 2 else f"all {len(panels)} tools"
    groups: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for name in reviewers:
        groups.setdefault(_stand(panels, name), []).append(name)
    # First those who treat all tools alike: they leave three of the four places empty.
    for stand, names in sorted(groups.items(), key=lambda group: group[0].count(()) < 3):
        one = len(names) == 1
        who = f"{_and(names)[:1].upper()}{_and(names)[1:]}"
        said = [
            f"{do[one]} {every if len(tools) == len(panels) else _and(tools)}"
            for do, tools in zip(_DO, stand, strict=True)
            if tools
        ]
        if stand[0] and stand[1]:
            yield _stopped(f"{who} {'differs' if one else 'each differ'}: {'; '.join(said)}")
        elif stand[0] or stand[1]:
            rest = " and ".join(said[1:])
            yield _stopped(f"{who} {said[0]}{f', but {rest}' if rest else ''}")
    yield from _one_vote_apart(panels)


def _stand(panels: Sequence[Panel], reviewer: str) -> tuple[tuple[str, ...], ...]:
    """Sort the tools by what one reviewer does with them, in the order of `_DO`."""
    stand: tuple[list[str], ...] = ([], [], [], [])
    for panel in panels:
        if verdict := panel.verdict_of(reviewer):
            place = 0 if verdict.ships else 1
        else:
            place = 2 if reviewer in panel.reviewers else 3
        stand[place].append(panel.tool.name)
    return tuple(tuple(names) for names in stand)


def _one_vote_apart(panels: Sequence[Panel]) -> Iterable[str]:
    """Name whose one vote is all that differs; withheld where the reviewers differ or a vote is missing."""
    apart: dict[str, list[str]] = {}
    for first, second in combinations(panels, 2):
        if first.reviewers != second.reviewers or first.missing or second.missing:
            continue
        differing = {v.reviewer for v in first.ships} ^ {v.reviewer for v in second.ships}
        if len(differing) == 1:
            apart.setdefault(differing.pop(), []).append(f"{first.tool.name} and {second.tool.name}")
    for reviewer, pairs in apart.items():
        where = f" ({'; '.join(pairs)})" if len(panels) > 2 else ""
        yield f"One vote apart: {reviewer}{where}."


def _community(panels: Sequence[Panel]) -> str:
    voted = [panel for panel in panels if panel.community.percent is not None]
    if not voted:
        return "No community votes yet."
    parts = [f"{p.tool.name} {f'{p.community.text} ship' if p in voted else 'has none'}" for p in panels]
    against = [
        f"On {panel.tool.name}, panel and community disagree: the panel says {ours}, the community says {theirs}."
        for panel in voted
        if {ours := panel.tally.label, theirs := label(panel.community.ships, panel.community.skips)}
        == {"ship", "skip"}
    ]
    return " ".join([f"Community votes: {'; '.join(parts)}.", *against])


def _notes(panels: Sequence[Panel], reviewers: Sequence[str]) -> Iterable[str]:
    for panel in panels:
        yield from _gaps(panel, reviewers)
    if len({panel.reviewers for panel in panels}) > 1:
        yield (
            "The panels do not all have the same reviewers: each is counted on its own, and only panels with the same "
            "reviewers are called one vote apart."
        )
    signed = [(v.reviewer, v.provenance) for panel in panels for v in panel.verdicts]
    if any(made.source == "person" for _, made in signed):
        yield "Some of the verdicts were written by an editor."
        signed = [(who, made) for who, made in signed if made.source != "person"]  # whom nobody instructed
    if len({made.source == "authored" for _, made in signed}) > 1:
        yield "Some of the verdicts were written by hand, the others by a model."
    if len(models := sorted({made.answered_by for _, made in signed if made.source != "authored"})) > 1:
        yield f"The verdicts come from different models: {_and(models)}."
    versions = {name: {made.prompt_version for who, made in signed if who == name} for name in reviewers}
    if changed := [name for name, found in versions.items() if len(found) > 1]:
        yield f"The instructions given to {_and(changed)} differ between the tools."
    days = sorted({made.answered_at[:10] for _, made in signed} - {""})
    if len(days) > 1:
        yield f"The verdicts were given on different days, from {days[0]} to {days[-1]}."
    if affiliated := [panel.tool.name for panel in panels if panel.tool.relationship == "affiliated"]:
        yield _stopped(f"The publisher has a stake in {_and(affiliated)}")


def _gaps(panel: Panel, reviewers: Sequence[str]) -> Iterable[str]:
    """Name the reviewers without a vote; those with one and the same reason share a sentence."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for gap in sorted(panel.missing, key=lambda gap: reviewers.index(gap.reviewer)):
        why = f"{gap.state.replace('-', ' ')}, {gap.cause}"
        reasons.setdefault((why, gap.message), []).append(gap.reviewer)
    for (why, message), names in reasons.items():
        yield _stopped(
            f"{panel.tool.name}: {_and(names)} {'has' if len(names) == 1 else 'have'} no vote ({why}): {message}"
        )


def _and(words: Sequence[str]) -> str:
    """Join words as people do: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _stopped(text: str) -> str:
    """Put a text on one line that ends as a sentence does."""
    line = " ".join(text.split()).rstrip(" :")
    return line if line.endswith((".", "!", "?", "…", "。")) else f"{line}."
