"""Report: how the reviewers of many panels voted, and what they share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import fsum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..errors import InputError
from ..panel import Panel
from ..tally import Label, Share, Vote, interval, percent
from ..tally.agreement import (
    consistency,
    diversity,
    fleiss_kappa,
    krippendorff_alpha,
    mean_consistency,
    pairwise,
    raw_agreement,
)
from ..tally.weight import effective_votes, pivots
from .prose import near_duplicates

ENOUGH = 10
"""From how many votes on a reviewer that always says the same is called uninformative."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Counted(_Value):
    """A share with what it was counted from."""

    part: int
    whole: int
    percent: int | None
    """Half up; None of nothing."""
    interval: tuple[int, int] | None
    """Wilson's 95% interval, in percent; None of nothing, and of what hangs together, such as pairs of one tool."""


class Reviewer(_Value):
    """One persona over all tools."""

    reviewer: str
    ship: Counted
    """Tools it would ship, of those it voted on."""
    missing: int
    """Tools it was asked about and has no vote on."""
    uninformative: bool
    """Whether it always says the same, on ten tools or more."""
    pivotal: Counted
    """Panels whose label would be another without it, of those it voted in."""
    consistency: float | None
    """Over its samples: the share that decides as most do, as a mean over tools; None without samples."""
    sampled: int
    """On how many tools it has two samples or more."""


class PairOfReviewers(_Value):
    """How far two personas agree."""

    first: str
    second: str
    agreement: Counted
    kappa: float | None


class Agreement(_Value):
    """How far all personas agree; a coefficient is None where it is undefined."""

    raw: Counted
    """Pairs of votes on one tool that are alike."""
    krippendorff_alpha: float | None
    fleiss_kappa: float | None
    complete: int
    """Tools on which every reviewer voted, which Fleiss' kappa is about."""
    diversity: float | None
    """The chance that two reviewers drawn at random differ on a tool."""
    effective_votes: float | None
    """How many unrelated votes the reviewers' votes amount to (Kish)."""
    effective_of: int
    """Of how many reviewers, those whose votes vary."""


class Pivot(_Value):
    """A panel whose label hangs on single reviewers."""

    tool: str
    label: Label
    reviewers: tuple[str, ...]


class Twins(_Value):
    """Two reviews that share much of their wording."""

    first: tuple[str, str]
    """Tool and reviewer."""
    second: tuple[str, str]
    shared: Counted
    """Runs of five words in both, of those in either."""


class Occurrence(_Value):
    """How often something came up."""

    kind: str
    state: Literal["loud", "soft", "failed", "abstained", "not-tried"]
    count: int


class Bill(_Value):
    """What the accepted replies cost, as far as that is known."""

    cost_usd: float | None
    """None where no cost is known."""
    cost_known: int
    cost_unknown: int
    input_tokens: int
    output_tokens: int
    tokens_unknown: int


class Report(_Value):
    """What can be counted across many panels; make one with `report`."""

    schema_version: Literal[1] = 1
    tools: int
    reviewers: tuple[Reviewer, ...]
    agreement: Agreement
    pairs: tuple[PairOfReviewers, ...]
    pivots: tuple[Pivot, ...]
    near_duplicates: tuple[Twins, ...]
    flags: tuple[Occurrence, ...]
    failures: tuple[Occurrence, ...]
    bill: Bill


def report(panels: Iterable[Panel]) -> Report:
    """Count across panels; a panel that stands there twice counts once, and no order changes a number.

    Raises:
        InputError: there is no panel, or two different ones of one tool.

    Example:
        >>> from panelsynth.testing import panel
        >>> made = report([panel("Mistral 3B", "ship ship"), panel("GPT-5", "skip ship")])
        >>> made.agreement.raw.part, made.agreement.raw.whole
        (8, 12)
    """
    given = _distinct(panels)
    names = sorted({name for panel in given for name in panel.reviewers})
    votes = [{verdict.reviewer: verdict.decision for verdict in panel.verdicts} for panel in given]
    rows: list[list[Vote | None]] = [[cast.get(name) for name in names] for cast in votes]
    # A reviewer that was not asked is no gap of the panel: its label is counted among those who were.
    turning = [_pivotal(panel) for panel in given]
    texts = {(panel.tool.id, v.reviewer): v.review for panel in given for v in panel.verdicts}
    return Report(
        tools=len(given),
        reviewers=tuple(_reviewer(name, given, turning) for name in names),
        agreement=_agreement(rows),
        pairs=tuple(
            PairOfReviewers(
                first=names[p.first], second=names[p.second], agreement=_counted(p.agreement), kappa=_short(p.kappa)
            )
            for p in pairwise(rows)
        ),
        pivots=tuple(
            Pivot(tool=panel.tool.id, label=panel.tally.label, reviewers=found)
            for panel, found in zip(given, turning, strict=True)
            if found
        ),
        near_duplicates=tuple(
            Twins(first=one, second=other, shared=_bare(share)) for one, other, share in near_duplicates(texts)
        ),
        flags=_occurrences(
            (f.kind, f.severity) for p in given for flags in (p.flags, *(v.flags for v in p.verdicts)) for f in flags
        ),
        failures=_occurrences((gap.cause, gap.state) for panel in given for gap in panel.missing),
        bill=_bill(given),
    )


def _distinct(panels: Iterable[Panel]) -> list[Panel]:
    found: dict[str, Panel] = {}
    for panel in panels:
        if found.setdefault(panel.tool.id, panel) != panel:
            remedy = "Name one of them: a report counts each tool once."
            raise InputError(f"two different panels of the tool {panel.tool.id!r}", remedy=remedy)
    if not found:
        raise InputError("no panel to report on", remedy="Name panels, such as panels/*.panel.json.")
    return [found[name] for name in sorted(found)]


def _reviewer(name: str, panels: Sequence[Panel], turning: Sequence[Sequence[str]]) -> Reviewer:
    verdicts = [verdict for panel in panels if (verdict := panel.verdict_of(name))]
    ships = _counted(Share(sum(verdict.ships for verdict in verdicts), len(verdicts)))
    samples = [consistency(verdict.samples) for verdict in verdicts]
    return Reviewer(
        reviewer=name,
        ship=ships,
        missing=sum(name in panel.reviewers for panel in panels) - len(verdicts),
        uninformative=len(verdicts) >= ENOUGH and ships.percent in {0, 100},
        pivotal=_counted(Share(sum(name in found for found in turning), len(verdicts))),
        consistency=_short(mean_consistency(samples)),
        sampled=sum(share.whole > 1 for share in samples),
    )


def _agreement(rows: Sequence[Sequence[Vote | None]]) -> Agreement:
    effective = effective_votes(rows)
    return Agreement(
        raw=_bare(raw_agreement(rows)),
        krippendorff_alpha=_short(krippendorff_alpha(rows)),
        fleiss_kappa=_short(fleiss_kappa(rows)),
        complete=sum(None not in row for row in rows),
        diversity=_short(diversity(rows)),
        effective_votes=effective and round(effective.votes, 4),
        effective_of=effective.personas if effective else 0,
    )


def _pivotal(panel: Panel) -> tuple[str, ...]:
    decisions = [*(verdict.decision for verdict in panel.verdicts), *(None for _ in panel.missing)]
    return tuple(sorted(panel.verdicts[place].reviewer for place in pivots(decisions)))


def _occurrences(
    found: Iterable[tuple[str, Literal["loud", "soft", "failed", "abstained", "not-tried"]]],
) -> tuple[Occurrence, ...]:
    counts = Counter(found)
    ranked = sorted(counts, key=lambda one: (-counts[one], one))
    return tuple(Occurrence(kind=kind, state=state, count=counts[kind, state]) for kind, state in ranked)


def _bill(panels: Sequence[Panel]) -> Bill:
    # A panel holds what one sample of a reviewer took: what its others took is not known here.
    verdicts = [verdict for panel in panels for verdict in panel.verdicts]
    unseen = sum(len(v.samples) - v.samples.count(None) - bool(v.samples) for v in verdicts)
    unseen += sum(len(gap.samples) - gap.samples.count(None) for panel in panels for gap in panel.missing)
    origins = [verdict.provenance for verdict in verdicts]
    costs = [origin.cost_usd for origin in origins if origin.cost_usd is not None]
    usages = [origin.usage for origin in origins if origin.usage]
    return Bill(
        cost_usd=fsum(costs) if costs else None,
        cost_known=len(costs),
        cost_unknown=len(origins) - len(costs) + unseen,
        input_tokens=sum(usage.input for usage in usages),
        output_tokens=sum(usage.output for usage in usages),
        tokens_unknown=len(origins) - len(usages) + unseen,
    )


def _counted(share: Share) -> Counted:
    return Counted(part=share.part, whole=share.whole, percent=percent(*share), interval=interval(*share))


def _bare(share: Share) -> Counted:
    return _counted(share).model_copy(update={"interval": None})


def _short(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 4)
