"""Reading: what can be said of panels side by side, in sentences that are computed and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from pydantic import BaseModel, ConfigDict

from .panel import Panel
from .tally import label
from .tool import Plan, Pricing

_PAID_BY = {"usage": "by use", "subscription": "by subscription", "one-time": "once"}


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
        headline="; ".join(f"{panel.tool.name} {share(panel)}" for panel in panels) + ".",
        pricing=tuple(_pricing(panels)),
        split=tuple(_split(panels, reviewers)),
        community=_community(panels),
        notes=tuple(_notes(panels)),
    )


def share(panel: Panel) -> str:
    """Write a panel's share with its denominator, and its range when votes are missing.

    The forms are `75% (3 of 4 ship)`, `67% (2 of 3 ship, 1 of 4 missing: 50-75%)` and, below quorum,
    `— (1 of 1 ship, 3 of 4 missing: no quorum)`.
    """
    count = panel.tally
    votes = f"{count.ships} of {count.voted} ship"
    if count.percent is None:
        return f"— ({votes}, {count.missing} of {count.reviewers} missing: no quorum)"
    if count.missing:
        return (
            f"{count.percent}% ({votes}, {count.missing} of {count.reviewers} missing: {count.lowest}-{count.highest}%)"
        )
    return f"{count.percent}% ({votes})"


def price(pricing: Pricing | None) -> str:
    """Write a tool's pricing in full: its own summary, or its plans, with the day on which that was true."""
    if pricing is None:
        return "No pricing given"
    text = (
        pricing.summary or "; ".join(plan_text(plan) for plan in pricing.plans) or pricing.entry or "No pricing given"
    )
    return f"{text.rstrip('.')} (as of {pricing.as_of})" if pricing.as_of else text


def plan_text(plan: Plan) -> str:
    """Write one plan with its name: `Pro: subscription 20 USD per month`."""
    return f"{plan.name}: {plan.terms}" if plan.name else plan.terms


def _pricing(panels: Sequence[Panel]) -> Iterable[str]:
    for panel in panels:
        yield f"{panel.tool.name}: {_to_begin(panel.tool.pricing)}"
    offers: dict[tuple[str, str], dict[str, list[Plan]]] = {}
    for panel in panels:
        for plan in panel.tool.pricing.plans if panel.tool.pricing else ():
            if plan.amount and plan.currency and plan.unit:
                offers.setdefault((plan.currency, plan.unit), {}).setdefault(panel.tool.name, []).append(plan)
    for (currency, unit), tools in offers.items():
        if len(tools) > 1:
            amounts = (f"{name} from {min(p.amount for p in plans if p.amount)}" for name, plans in tools.items())
            yield f"In {currency} per {unit}: {', '.join(amounts)}."


def _to_begin(pricing: Pricing | None) -> str:
    """Say what it takes to begin, from typed plans where there are any."""
    if pricing is None:
        return "no pricing given."
    day = f" As of {pricing.as_of}." if pricing.as_of else " Undated."
    kinds = {plan.kind for plan in pricing.plans}
    paid = [words for kind, words in _PAID_BY.items() if kind in kinds]
    begin = (pricing.entry_label or "no entry label").lower()
    how = f", paid {_and(paid)}" if paid and begin != "paid" else f" {_and(paid)}" if paid else ""
    amounts = any(plan.amount is not None for plan in pricing.plans)
    unknown = "; its maker gives no amounts" if paid and not amounts else ""
    return f"{begin}{how}{unknown}.{day}"


def _split(panels: Sequence[Panel], reviewers: Sequence[str]) -> Iterable[str]:
    every = f"{'both' if len(panels) == 2 else f'all {len(panels)}'}"
    voted = {name: [panel.verdict_of(name) for panel in panels] for name in reviewers}
    same: dict[str, list[str]] = {"ship": [], "skip": []}
    for name, verdicts in voted.items():
        decisions = {v.decision for v in verdicts if v}
        if None not in verdicts and len(decisions) == 1:
            same[decisions.pop()].append(name)
    for decision, names in same.items():
        if names:
            yield f"{_and(names)} {decision if len(names) > 1 else decision + 's'} {every}."
    for name, verdicts in voted.items():
        if len({v.decision for v in verdicts if v}) == 2:
            sides = (
                f"{word} {_and([p.tool.name for p, v in zip(panels, verdicts, strict=True) if v and v.decision == d])}"
                for d, word in (("ship", "ships"), ("skip", "skips"))
            )
            yield f"{name} differs: {', '.join(sides)}."
    yield from _one_vote_apart(panels)


def _one_vote_apart(panels: Sequence[Panel]) -> Iterable[str]:
    """Name the pairs whose counts differ by one vote, cast by one reviewer; withheld where the reviewers differ."""
    for first, second in combinations(panels, 2):
        if first.reviewers != second.reviewers or first.missing or second.missing:
            continue
        votes = [{v.reviewer: v.decision for v in panel.verdicts} for panel in (first, second)]
        differing = [name for name in votes[0] if votes[0][name] != votes[1][name]]
        if len(differing) == 1:
            pair = f" ({first.tool.name}, {second.tool.name})" if len(panels) > 2 else ""
            yield f"One vote apart: {differing[0]}{pair}."


def _community(panels: Sequence[Panel]) -> str:
    voted = [panel for panel in panels if panel.community.percent is not None]
    if not voted:
        return "No community votes yet."
    parts = [f"{panel.tool.name} {panel.community.text}" for panel in panels]
    against = [
        f"On {panel.tool.name} the panel says {panel.tally.label} and the community {theirs}."
        for panel in voted
        if {panel.tally.label, theirs := label(panel.community.ships, panel.community.skips)} == {"ship", "skip"}
    ]
    return " ".join([f"Community: {'; '.join(parts)}.", *against])


def _notes(panels: Sequence[Panel]) -> Iterable[str]:
    for panel in panels:
        for gap in panel.missing:
            yield f"{panel.tool.name}: {gap.reviewer} has no vote ({gap.state}, {gap.cause}): {gap.message}"
    if len({panel.reviewers for panel in panels}) > 1:
        yield "The panels have different reviewers: each is counted on its own, and one vote apart is not said."
    verdicts = [v for panel in panels for v in panel.verdicts]
    if len(models := sorted({v.provenance.answered_by for v in verdicts})) > 1:
        yield f"The verdicts come from different models: {', '.join(models)}."
    versions: dict[str, set[str]] = {}
    for verdict in verdicts:
        versions.setdefault(verdict.reviewer, set()).add(verdict.provenance.prompt_version)
    if changed := sorted(name for name, found in versions.items() if len(found) > 1):
        yield f"The instructions differ between the tools for {_and(changed)}."
    days = sorted({v.provenance.answered_at[:10] for v in verdicts})
    if len(days) > 1:
        yield f"The verdicts were given between {days[0]} and {days[-1]}."
    if any(panel.tool.relationship == "affiliated" for panel in panels):
        names = [panel.tool.name for panel in panels if panel.tool.relationship == "affiliated"]
        yield f"The publisher has a stake in {_and(names)}."


def _and(words: Sequence[str]) -> str:
    """Join words as people do: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
