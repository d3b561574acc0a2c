"""Diff: two runs over tools side by side, so that what moved stands beside what may have moved it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..panel import Panel
from ..reading import share
from ..tally import Tally, percent
from ..verdict import Verdict
from .causes import Cause, Moved, causes_of, read_moved, said_moved, same_key, unread_moved

_FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
_Count = Annotated[int, Field(ge=0)]

Change = Literal["flipped", "gained", "lost", "same", "without"]
"""The vote turned, came, went, stayed, or was there on neither side."""


class SeatDiff(BaseModel):
    """One reviewer of one tool, in both runs."""

    model_config = _FROZEN

    reviewer: str
    """The persona's id."""
    title: str
    """The persona's title."""
    old: str
    """`ship`, `skip`, `failed`, `abstained` or `not-tried`."""
    new: str
    """The same, in the new run."""
    change: Change
    """What became of the vote."""
    reasons: tuple[str, str] = ("", "")
    """The causes for which there was no vote, such as `timeout`; empty beside a vote."""
    same_request: bool | None
    """Whether both answer one request, so that nothing asked differs and a flip is noise; None where that cannot be
    told: there is no vote on one side, or a person wrote it."""
    causes: tuple[Cause, ...]
    """What else differs; each is a possible cause, none is proven."""
    moved: tuple[Moved, ...]
    """What the reviewer says otherwise."""


class ToolDiff(BaseModel):
    """One tool that is in both runs and differs between them."""

    model_config = _FROZEN

    tool: str
    """Its id."""
    name: str
    """Its name, in the new run."""
    old: Tally
    """What the votes added up to."""
    new: Tally
    """What they add up to."""
    old_share: str
    """The old percent with its denominator."""
    new_share: str
    """The new percent likewise."""
    read: tuple[Moved, ...]
    """Fields of the tool that enter the prompt and differ."""
    unread: tuple[Moved, ...]
    """Fields that differ and enter no prompt: no cause of anything."""
    reviewers: tuple[SeatDiff, ...]
    """Those with any difference, in the new panel's order."""
    only_old: tuple[str, ...]
    """Reviewers who were on the panel in the old run alone."""
    only_new: tuple[str, ...]
    """Reviewers who are on it in the new run alone."""

    @property
    def flips(self) -> tuple[SeatDiff, ...]:
        """The reviewers whose decision turned."""
        return tuple(seat for seat in self.reviewers if seat.change == "flipped")


class Flips(BaseModel):
    """How many votes turned, among those that both runs have."""

    model_config = _FROZEN

    reviewer: str
    """The persona's id; empty for all of them."""
    votes: _Count
    """Tools on which the reviewer voted in both runs: the denominator."""
    flipped: _Count
    """Those on which the decision turned."""
    to_ship: _Count
    """Of these, from skip to ship."""
    to_skip: _Count
    """Of these, from ship to skip."""
    percent: int | None
    """Flipped per hundred votes, half up; None without votes."""
    same_request: _Count
    """Votes that answer the same request in both runs."""
    same_request_flipped: _Count
    """Those of them that turned although nothing asked differs: noise, unless an editor or another model answered."""
    gained: _Count
    """Tools on which there was no vote and is one now."""
    lost: _Count
    """Tools on which there was a vote and is none now."""


class Diff(BaseModel):
    """Two runs side by side; what is alike in both is counted and not listed."""

    model_config = _FROZEN

    schema_version: Literal[1] = 1
    """The version of this contract."""
    compared: _Count
    """Tools that are in both runs."""
    total: Flips
    """All reviewers together."""
    reviewers: tuple[Flips, ...]
    """Each reviewer, by id."""
    tools: tuple[ToolDiff, ...]
    """Tools that differ, by id."""
    only_old: tuple[str, ...]
    """Ids of tools that are in the old run alone."""
    only_new: tuple[str, ...]
    """Ids of tools that are in the new run alone."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.tools or self.only_old or self.only_new)


def diff(old: Iterable[Panel], new: Iterable[Panel]) -> Diff:
    """Put two runs side by side; pure, and no order of tools or reviewers changes a number.

    Example:
        >>> from panelsynth.testing import panel
        >>> found = diff([panel("Mistral 3B", "ship")], [panel("Mistral 3B", "ship ship ship skip")])
        >>> found.total.flipped, found.tools[0].flips[0].reviewer
        (1, 'business')
    """
    then = {panel.tool.id: panel for panel in old}
    now = {panel.tool.id: panel for panel in new}
    both = sorted({*then} & {*now})
    pairs = [(then[name], now[name]) for name in both]
    seats = [seat for before, after in pairs for seat in _seats(before, after)]
    names = sorted({seat.reviewer for seat in seats})
    tools = (_tool_diff(before, after) for before, after in pairs)
    return Diff(
        compared=len(both),
        total=_flips("", seats),
        reviewers=tuple(_flips(name, [seat for seat in seats if seat.reviewer == name]) for name in names),
        tools=tuple(tool for tool in tools if _differs(tool)),
        only_old=tuple(sorted({*then} - {*now})),
        only_new=tuple(sorted({*now} - {*then})),
    )


def _differs(tool: ToolDiff) -> bool:
    return bool(tool.read or tool.unread or tool.reviewers or tool.only_old or tool.only_new)


def _tool_diff(old: Panel, new: Panel) -> ToolDiff:
    return ToolDiff(
        tool=new.tool.id,
        name=new.tool.name,
        old=old.tally,
        new=new.tally,
        old_share=share(old),
        new_share=share(new),
        read=read_moved(old.tool, new.tool),
        unread=unread_moved(old.tool, new.tool),
        reviewers=tuple(
            seat for seat in _seats(old, new) if seat.change in {"flipped", "gained", "lost"} or _told(seat)
        ),
        only_old=tuple(sorted(old.reviewers - new.reviewers)),
        only_new=tuple(sorted(new.reviewers - old.reviewers)),
    )


def _told(seat: SeatDiff) -> bool:
    """Tell whether anything but the vote differs."""
    return bool(seat.moved or seat.causes) or seat.old != seat.new or seat.reasons[0] != seat.reasons[1]


def _seats(old: Panel, new: Panel) -> list[SeatDiff]:
    """Pair the reviewers who are on both panels, those with a vote first, in the new panel's order."""
    then, now = _outcomes(old), _outcomes(new)
    tool_moved = bool(read_moved(old.tool, new.tool))
    return [_seat(old, new, name, (then[name], now[name]), tool_moved=tool_moved) for name in now if name in then]


def _outcomes(panel: Panel) -> Mapping[str, tuple[str, str, str]]:
    """Give each reviewer's outcome, its cause where there is no vote, and the title."""
    voted = {verdict.reviewer: (verdict.decision, "", verdict.title) for verdict in panel.verdicts}
    return {**voted, **{gap.reviewer: (gap.state, gap.cause, gap.title) for gap in panel.missing}}


def _seat(
    old: Panel, new: Panel, name: str, outcomes: tuple[tuple[str, str, str], tuple[str, str, str]], *, tool_moved: bool
) -> SeatDiff:
    (was, why_then, _), (now, why_now, title) = outcomes
    before, after = old.verdict_of(name), new.verdict_of(name)
    both = (before, after) if before and after else None
    # Without two verdicts the tool's data are all that can be compared.
    unvoted: tuple[Cause, ...] = ("tool",) if tool_moved and (before or after) else ()
    return SeatDiff(
        reviewer=name,
        title=title,
        old=was,
        new=now,
        change=_change(before, after),
        reasons=(why_then, why_now),
        same_request=same_key(*both) if both else None,
        causes=causes_of(*both, tool_moved=tool_moved) if both else unvoted,
        moved=said_moved(*both) if both else (),
    )


def _change(old: Verdict | None, new: Verdict | None) -> Change:
    if old and new:
        return "same" if old.decision == new.decision else "flipped"
    return "lost" if old else "gained" if new else "without"


def _flips(name: str, seats: Sequence[SeatDiff]) -> Flips:
    voted = [seat for seat in seats if seat.change in {"flipped", "same"}]
    turned = [seat for seat in voted if seat.change == "flipped"]
    return Flips(
        reviewer=name,
        votes=len(voted),
        flipped=len(turned),
        to_ship=sum(seat.new == "ship" for seat in turned),
        to_skip=sum(seat.new == "skip" for seat in turned),
        percent=percent(len(turned), len(voted)),
        same_request=sum(seat.same_request is True for seat in voted),
        same_request_flipped=sum(seat.same_request is True for seat in turned),
        gained=sum(seat.change == "gained" for seat in seats),
        lost=sum(seat.change == "lost" for seat in seats),
    )
