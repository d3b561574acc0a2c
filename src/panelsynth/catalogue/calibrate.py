"""Calibrate: each persona and the panel against people's decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..panel import Panel
from ..tally import Vote, interval, percent, tally
from ..tally.agreement import cohen_kappa
from ..verdict import Decision, Verdict
from .kappa import Confusion, kappa_interval
from .labels import HumanLabel

_FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
_Count = Annotated[int, Field(ge=0)]

FEW = 10
"""With fewer labels than these nothing can be concluded, which is said beside the numbers."""

Origin = Literal["labels", "overrides"]
"""Where the decisions come from: a file of labels, or what editors left and changed in a workspace."""


class Rating(BaseModel):
    """A persona, or the panel, against people."""

    model_config = _FROZEN

    reviewer: str
    """The persona's id; empty for the panel."""
    title: str
    """The persona's title; `Panel` for the panel."""
    n: _Count
    """Tools with a decision on both sides: the denominator."""
    agreed: _Count
    """Tools on which both decided alike."""
    agreement: int | None
    """Agreed per hundred, half up; None of nothing."""
    interval: tuple[int, int] | None
    """Wilson's 95% interval of the agreement."""
    kappa: float | None
    """Cohen's kappa, to four places; None where it is undefined."""
    kappa_interval: tuple[float, float] | None
    """Its 95% interval by Fleiss, Cohen and Everitt's standard error; None where that is undefined or has no width."""
    confusion: Confusion
    """The counts behind all of these."""
    no_decision: dict[str, _Count]
    """Labelled tools without a decision of the reviewer or panel, by what stands there, such as `split` or `failed`."""
    few: bool
    """Whether there are too few labels to conclude anything."""


class Calibration(BaseModel):
    """Each persona and the panel against people's decisions."""

    model_config = _FROZEN

    schema_version: Literal[1] = 1
    """The version of this contract."""
    origin: Origin
    """Where people's decisions come from."""
    panel: Rating
    """The panel's label against the decision on the tool."""
    reviewers: tuple[Rating, ...]
    """Each persona, by id."""
    unmatched_labels: tuple[str, ...]
    """Labels without a panel, or without that reviewer on it, such as `acme` or `acme/skeptic`."""
    unlabelled: tuple[str, ...]
    """Ids of tools with a panel and no label."""


def model_decision(verdict: Verdict) -> Decision | None:
    """Give what the model decided, whatever an editor made of it; None where a person wrote the verdict."""
    if verdict.provenance.source == "person":
        return None
    return (verdict.edit and verdict.edit.decision_was) or verdict.decision


def calibrate(panels: Iterable[Panel], labels: Iterable[HumanLabel], *, origin: Origin = "labels") -> Calibration:
    """Hold models' decisions against people's; no order of panels, reviewers or labels changes a number.

    Args:
        panels: one for each tool.
        labels: at most one for each tool and reviewer.
        origin: where the labels come from.
    """
    seats = {panel.tool.id: _seats(panel) for panel in panels}
    given = {(label.tool, label.reviewer): label for label in labels}
    names = sorted({name for tool in seats.values() for name in tool if name})
    titles = {name: seat[1] for tool in sorted(seats) for name, seat in seats[tool].items()}
    ratings = {name: _rate(name, titles.get(name, ""), _pairs(name, seats, given)) for name in ["", *names]}
    stray = sorted((tool, who) for tool, who in given if who not in seats.get(tool, {}))
    known = {label.tool for label in given.values()}
    return Calibration(
        origin=origin,
        panel=ratings.pop(""),
        reviewers=tuple(ratings.values()),
        unmatched_labels=tuple("/".join(filter(None, key)) for key in stray),
        unlabelled=tuple(sorted({*seats} - known)),
    )


def _seats(panel: Panel) -> dict[str, tuple[str, str]]:
    """Give what the panel (by the empty name) and each reviewer said, and the titles."""
    said: dict[str, Vote | None] = {verdict.reviewer: model_decision(verdict) for verdict in panel.verdicts}
    voted = {one.reviewer: (said[one.reviewer] or "by a person", one.title) for one in panel.verdicts}
    gaps = {gap.reviewer: (gap.state, gap.title) for gap in panel.missing}
    label = tally([*said.values(), *(None for _ in gaps)]).label
    return {"": (label, "Panel"), **voted, **gaps}


def _pairs(
    name: str, seats: Mapping[str, Mapping[str, tuple[str, str]]], given: Mapping[tuple[str, str], HumanLabel]
) -> list[tuple[str, Decision]]:
    """Pair what one reviewer, or the panel, said with what people decided."""
    pairs = []
    for tool, said in seats.items():
        label = given.get((tool, name)) or given.get((tool, ""))
        if name in said and label and not (name and label.is_panels):
            pairs.append((said[name][0], label.decision))
    return pairs


def _rate(name: str, title: str, pairs: Sequence[tuple[str, Decision]]) -> Rating:
    counts = Counter(pairs)
    both: tuple[Decision, Decision] = ("ship", "skip")
    table = Confusion(**{f"{one}_{other}": counts[one, other] for one in both for other in both})
    without = Counter(said for said, _ in pairs if said not in both)
    kappa, reach = cohen_kappa(table.pairs), kappa_interval(table)
    return Rating(
        reviewer=name,
        title=title,
        n=table.total,
        agreed=table.agreed,
        agreement=percent(table.agreed, table.total),
        interval=interval(table.agreed, table.total),
        kappa=None if kappa is None else round(float(kappa), 4),
        kappa_interval=reach and (round(reach[0], 4), round(reach[1], 4)),
        confusion=table,
        no_decision=dict(sorted(without.items())),
        few=table.total < FEW,
    )
