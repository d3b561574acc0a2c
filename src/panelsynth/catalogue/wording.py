"""Wording: what a diff says of a reviewer and of all votes, in sentences that terminal and page share."""

from __future__ import annotations

from .causes import MEANINGS
from .diff import Diff, Flips, SeatDiff

NOTHING = "Nothing differs between the two runs."


def vote_words(seat: SeatDiff) -> str:
    """Write a vote then and now: `ship -> skip`, `failed (timeout) -> ship`."""
    told = [f"{vote} ({why})" if why else vote for vote, why in zip((seat.old, seat.new), seat.reasons, strict=True)]
    return told[0] if told[0] == told[1] else " -> ".join(told)


def cause_words(seat: SeatDiff) -> str:
    """Say what may have moved a reviewer, as far as it can be told."""
    listed = "; ".join(MEANINGS[cause] for cause in seat.causes)
    if seat.same_request is None:
        known = f" What differs: {listed}." if listed else ""
        return f"What was asked cannot be compared: there are no two answers of models.{known}"
    if seat.same_request:
        same = "The same request, so that nothing asked differs"
        return f"{same}; what differs: {listed}." if listed else f"{same}: noise."
    return f"What differs: {listed}."


def count_words(flips: Flips) -> str:
    """Write how many votes turned, with their denominator: `2 of 38 votes turned (5%)`."""
    share = "—" if flips.percent is None else f"{flips.percent}%"
    return f"{flips.flipped} of {flips.votes} {'vote' if flips.votes == 1 else 'votes'} turned ({share})"


def summary(found: Diff) -> tuple[str, ...]:
    """Say in a few sentences how two runs differ."""
    total = found.total
    tools = f"{found.compared} {'tool is' if found.compared == 1 else 'tools are'} in both runs"
    said = [f"{tools}, and {len(found.tools)} {'differs' if len(found.tools) == 1 else 'differ'}."]
    said += [f"{count_words(total)}: {total.to_ship} to ship, {total.to_skip} to skip."]
    if total.same_request:
        same = f"{total.same_request_flipped} of the {total.same_request} that answer the same request turned"
        said += [f"{same}: there, nothing asked differs."]
    if total.gained or total.lost:
        said += [f"{total.gained} gained a vote, {total.lost} lost one."]
    return tuple(said)
