"""Reading: what can be said of panels side by side, in sentences that are computed and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import combinations

from pydantic import BaseModel, ConfigDict

from .language import Language, language_of
from .panel import Panel
from .tally import label
from .tool import Plan, Pricing
from .verdict import Verdict

_DOES = ("does_ship", "does_skip", "does_nothing", "does_unasked")
"""What a reviewer does with a tool: votes to ship or to skip, has no vote, was not asked."""
_WAYS = ("usage", "subscription", "one-time", "contact")
"""How a plan may be paid for, in the order in which ways are named."""
_LABELS = ("Free", "Paid", "Freemium", "Contact sales")
"""Entry labels that are read off typed plans; others are the maker's own words."""


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


def read(panels: Sequence[Panel], reviewers: Sequence[str], language: str = "en") -> Reading:
    """Say in sentences what counting gives; `reviewers` sets the order in which they are named."""
    said = _Sentences(language_of(language))
    shares = (said.labelled(panel.tool.name, share(panel, language)) for panel in panels)
    return Reading(
        headline=said.say("headline", parts=said.series(shares)),
        pricing=tuple(said.pricing(panels)),
        split=tuple(said.split(panels, reviewers)),
        community=said.community(panels),
        notes=tuple(said.notes(panels, reviewers)),
    )


def share(panel: Panel, language: str = "en") -> str:
    """Write a panel's share with its denominator, and its range when votes are missing.

    The forms are `75% (3 of 4) ship`, `67% · 2 of 3 ship, 1 of 4 missing (50-75%)` and, below quorum,
    `— · 1 of 1 ship, 3 of 4 missing (no quorum)`.
    """
    spoken, count = language_of(language), panel.tally
    counts: dict[str, object] = {name: getattr(count, name) for name in ("ships", "voted", "missing", "reviewers")}
    percent, reach = spoken.percent(count.percent), spoken.range(count.lowest, count.highest)
    if not count.missing:
        return spoken.say("share", None, percent=percent, **counts)
    if count.percent is not None:
        return spoken.say("share_missing", None, percent=percent, range=reach, **counts)
    return spoken.say("share_no_quorum" if count.voted else "share_no_vote", None, **counts)


def price(pricing: Pricing | None, language: str = "en") -> str:
    """Write a tool's pricing in full: its own summary, or its plans, with the day on which that was true."""
    said = _Sentences(language_of(language))
    plans = said.series(plan_text(plan, language) for plan in pricing.plans) if pricing else ""
    text = pricing and (pricing.summary or plans or pricing.entry)
    if not pricing or not text:
        return said.say("no_pricing")
    return said.say("priced", text=text.rstrip("."), day=said.day(pricing.as_of)) if pricing.as_of else text


def plan_text(plan: Plan, language: str = "en") -> str:
    """Write one plan with its name: `Pro: subscription 20 USD per month`."""
    said = language_of(language)
    kind, amount = said.say(plan.kind), None if plan.amount is None else said.number(plan.amount)
    if amount is None:
        terms = said.say("plan", kind=kind)
    elif plan.currency:
        terms = said.say("plan_amount", kind=kind, amount=amount, currency=plan.currency)
    else:
        terms = said.say("plan_number", kind=kind, amount=amount)
    terms = said.say("plan_per", terms=terms, unit=plan.unit) if plan.unit else terms
    return said.say("plan_named", name=plan.name, terms=terms) if plan.name else terms


class _Sentences:
    """The sentences of a page in one language."""

    def __init__(self, language: Language) -> None:
        self.say, self.day, self.listed, self.stopped = language.say, language.day, language.listed, language.stopped
        self.number, self.counted, self.code = language.number, language.counted, language.code

    def series(self, parts: Iterable[str]) -> str:
        """Put texts in a row that have commas of their own."""
        return self.say("semicolon").join(parts)

    def labelled(self, label: str, text: str) -> str:
        return self.say("labelled", label=label, text=text)

    # Pricing

    def pricing(self, panels: Sequence[Panel]) -> Iterable[str]:
        """Say what each tool costs to begin, and which amounts can be set side by side."""
        for panel in panels:
            yield self.say("pricing_of", tool=panel.tool.name, terms=self._terms(panel.tool.pricing))
        offers: dict[tuple[bool, str, str], dict[str, set[Decimal]]] = {}
        for panel in panels:
            for plan in panel.tool.pricing.plans if panel.tool.pricing else ():
                if plan.amount and (plan.unit or plan.kind == "one-time"):
                    per = plan.kind == "one-time", plan.unit or "", plan.currency or ""
                    offers.setdefault(per, {}).setdefault(panel.tool.id, set()).add(plan.amount)
        for per, tools in offers.items():
            if len(tools) > 1:
                found = ((panel.tool.name, tools.get(panel.tool.id)) for panel in panels)
                amounts = self.series(self._amount(name, own) for name, own in found if own)
                yield self.say("amounts", per=self._per(*per), amounts=amounts)

    def _amount(self, tool: str, own: set[Decimal]) -> str:
        return self.say("amount_from" if len(own) > 1 else "amount", tool=tool, amount=self.number(min(own)))

    def _per(self, once: bool, unit: str, currency: str) -> str:  # noqa: FBT001 - a part of a key
        """Say what an amount buys, such as `Per month in USD`."""
        if once:
            return self.say("once_per_unit" if unit else "once", None, **_given(unit=unit, currency=currency))
        return self.say("per_unit", unit=unit, currency=currency)

    def _terms(self, pricing: Pricing | None) -> str:
        """Say what it takes to begin, from typed plans where there are any."""
        if pricing is None or not (pricing.plans or pricing.summary or pricing.entry):
            return self.say("no_terms")
        label = pricing.entry_label
        begin = self.say(f"begin_{label}") if label in _LABELS else label or self.say("begin_unsaid")
        kinds = {plan.paid_by for plan in pricing.plans}
        ways = [self.say(f"by_{kind}") for kind in _WAYS if kind in kinds and kinds != {"contact"}]
        if ways and label == "Paid":
            begin = self.say("begin_paid_ways", ways=self.listed(ways))
        elif ways:
            begin = self.say("begin_ways", begin=begin, ways=self.listed(ways))
        priced = any(plan.amount is not None for plan in pricing.plans if plan.paid_by in _WAYS)
        day = self.say("as_of", day=self.day(pricing.as_of)) if pricing.as_of else self.say("undated")
        return self.say("terms_no_amounts" if ways and not priced else "terms", begin=begin, day=day)

    # Who agrees and who differs

    def split(self, panels: Sequence[Panel], reviewers: Sequence[str]) -> Iterable[str]:
        """Say who treats the tools alike, who differs, and where one vote makes the difference."""
        every = self.say("both_tools") if len(panels) == 2 else self.say("all_tools", len(panels))
        groups: dict[tuple[tuple[str, ...], ...], list[str]] = {}
        for name in reviewers:
            groups.setdefault(_stand(panels, name), []).append(name)
        # First those who treat all tools alike: they leave three of the four places empty.
        for stand, names in sorted(groups.items(), key=lambda group: group[0].count(()) < 3):
            who = f"{self.listed(names)[:1].upper()}{self.listed(names)[1:]}"
            said = [
                self.say(does, len(names), tools=every if len(tools) == len(panels) else self.listed(tools))
                for does, tools in zip(_DOES, stand, strict=True)
                if tools
            ]
            if stand[0] and stand[1]:
                yield self.stopped(self.say("differs", len(names), who=who, parts=self.series(said)))
            elif (stand[0] or stand[1]) and said[1:]:
                yield self.stopped(self.say("agrees_but", who=who, does=said[0], rest=self.listed(said[1:])))
            elif stand[0] or stand[1]:
                yield self.stopped(self.say("agrees", who=who, does=said[0]))
        yield from self._one_vote_apart(panels)

    def _one_vote_apart(self, panels: Sequence[Panel]) -> Iterable[str]:
        """Name whose one vote is all that differs; withheld where the reviewers differ or a vote is missing."""
        apart: dict[str, list[str]] = {}
        for first, second in combinations(panels, 2):
            if first.reviewers != second.reviewers or first.missing or second.missing:
                continue
            differing = {v.reviewer for v in first.ships} ^ {v.reviewer for v in second.ships}
            if len(differing) == 1:
                apart.setdefault(differing.pop(), []).append(self.listed([first.tool.name, second.tool.name]))
        for reviewer, pairs in apart.items():
            if len(panels) > 2:
                yield self.say("apart_between", reviewer=reviewer, pairs=self.series(pairs))
            else:
                yield self.say("apart", reviewer=reviewer)

    # The community

    def community(self, panels: Sequence[Panel]) -> str:
        """Say how the community voted, and where it disagrees with the panel."""
        voted = [panel for panel in panels if panel.community.percent is not None]
        if not voted:
            return self.say("community_none_yet")
        parts = [
            self.say("community_of", tool=p.tool.name, share=community_share(p, self.code))
            if p in voted
            else self.say("community_lacks", tool=p.tool.name)
            for p in panels
        ]
        against = [
            self.say(f"against_{ours}", tool=panel.tool.name)
            for panel in voted
            if {ours := panel.tally.label, label(panel.community.ships, panel.community.skips)} == {"ship", "skip"}
        ]
        return " ".join([self.say("community_votes", parts=self.series(parts)), *against])

    # Notes

    def notes(self, panels: Sequence[Panel], reviewers: Sequence[str]) -> Iterable[str]:
        """Say what a reader should know before putting the panels side by side."""
        for panel in panels:
            yield from self._gaps(panel, reviewers)
        if len({panel.reviewers for panel in panels}) > 1:
            yield self.say("note_reviewers")
        signed = [(v.reviewer, v.provenance) for panel in panels for v in panel.verdicts]
        if any(made.source == "person" for _, made in signed):
            yield self.say("note_editor")
            signed = [(who, made) for who, made in signed if made.source != "person"]  # whom nobody instructed
        if len({made.source == "authored" for _, made in signed}) > 1:
            yield self.say("note_by_hand")
        if len(models := sorted({made.answered_by for _, made in signed if made.source != "authored"})) > 1:
            yield self.say("note_models", models=self.listed(models))
        versions = {name: {made.prompt_version for who, made in signed if who == name} for name in reviewers}
        if changed := [name for name, found in versions.items() if len(found) > 1]:
            yield self.say("note_instructions", who=self.listed(changed))
        days = sorted({made.answered_at[:10] for _, made in signed} - {""})
        if len(days) > 1:
            yield self.say("note_days", first=self.day(days[0]), last=self.day(days[-1]))
        if affiliated := [panel.tool.name for panel in panels if panel.tool.relationship == "affiliated"]:
            yield self.stopped(self.say("note_stake", tools=self.listed(affiliated)))

    def _gaps(self, panel: Panel, reviewers: Sequence[str]) -> Iterable[str]:
        """Name the reviewers without a vote; those with one and the same reason share a sentence."""
        reasons: dict[tuple[str, str], list[str]] = {}
        for gap in sorted(panel.missing, key=lambda gap: reviewers.index(gap.reviewer)):
            why = self.say("state_and_cause", state=self.say(gap.state), cause=gap.cause)
            reasons.setdefault((why, gap.message), []).append(gap.reviewer)
        for (why, message), names in reasons.items():
            told = {"tool": panel.tool.name, "who": self.listed(names), "why": why, "message": message}
            yield self.stopped(self.say("note_no_vote", len(names), **told))


def community_share(panel: Panel, language: str = "en") -> str:
    """Write the community's share with its denominator; a dash without votes."""
    said, votes = language_of(language), panel.community
    if votes.percent is None:
        return said.say("none")
    shown = said.percent(votes.percent)
    return said.say("share_of", percent=shown, part=votes.ships, whole=votes.ships + votes.skips)


def consistency(verdict: Verdict, language: str = "en") -> str:
    """Say how often a reviewer with several samples decided as it votes, before any editor; empty for one sample."""
    said, samples = language_of(language), verdict.samples
    if not samples:
        return ""
    failed = samples.count(None)
    decision = (verdict.edit and verdict.edit.decision_was) or verdict.decision
    whole = len(samples) - failed
    text = said.say("sample_share", whole, decision=said.say(decision), part=samples.count(decision), whole=whole)
    return said.say("sample_failed", failed, text=text) if failed else text


def _given(**texts: str) -> dict[str, str]:
    """Leave out what is empty."""
    return {name: text for name, text in texts.items() if text}


def _stand(panels: Sequence[Panel], reviewer: str) -> tuple[tuple[str, ...], ...]:
    """Sort the tools by what one reviewer does with them, in the order of `_DOES`."""
    stand: tuple[list[str], ...] = ([], [], [], [])
    for panel in panels:
        if verdict := panel.verdict_of(reviewer):
            place = 0 if verdict.ships else 1
        else:
            place = 2 if reviewer in panel.reviewers else 3
        stand[place].append(panel.tool.name)
    return tuple(tuple(names) for names in stand)
