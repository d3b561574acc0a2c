"""How much votes weigh: how many a panel amounts to, and whose removal changes its label."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import fsum, sqrt
from typing import NamedTuple

from .agreement import Row
from .counting import tally
from .shares import Vote


class EffectiveVotes(NamedTuple):
    """How many votes that know nothing of each other the personas' votes amount to."""

    votes: float
    """From 1 to `personas`."""
    personas: int
    """How many personas it is about: those whose votes vary where another's do."""
    correlation: float
    """The mean correlation of two personas' votes, each ship a 1 and each skip a 0."""
    pairs: int
    """Of how many pairs of personas it is the mean."""


def effective_votes(rows: Sequence[Row]) -> EffectiveVotes | None:
    """Say how many votes the personas amount to: `k / (1 + (k - 1) * r)`, r the mean correlation of two of them.

    Two personas that always vote alike (r = 1) are one vote; k that vote without any relation (r = 0) are k. It is
    the design effect of a cluster sample: a mean over k answers that correlate by r varies as much as one over this
    many that do not. A negative r counts as 0, so there are never more votes than personas. Reviewers also
    agree because a tool is good: the figure cannot tell a shared reason from a shared error.

    Source: L. Kish, "Survey Sampling", 1965, section 5.4.

    Returns:
        None where no two personas' votes both vary on the tools that both voted on.

    Example:
        >>> effective_votes([["ship", "ship"], ["skip", "skip"]]).votes
        1.0
    """
    found = []
    personas: set[int] = set()
    for pair in combinations(range(max(map(len, rows), default=0)), 2):
        correlation = _correlation([(row[pair[0]], row[pair[1]]) for row in rows])
        if correlation is not None:
            found.append(correlation)
            personas.update(pair)
    if not found:
        return None
    # fsum rounds once, at the end: the same sum in any order.
    mean, count = fsum(found) / len(found), len(personas)
    return EffectiveVotes(count / (1 + (count - 1) * max(mean, 0.0)), count, mean, len(found))


def pivots(votes: Row) -> tuple[int, ...]:
    """Name the places of the voters without any one of whom the panel's label would be another.

    Example:
        >>> pivots(["ship", "ship", "skip", None]), pivots(["ship", "ship", "ship", "skip"])
        ((0, 1), ())
    """
    whole = tally(votes).label
    decisive = {vote for vote in set(votes) - {None} if tally(_without(votes, vote)).label != whole}
    return tuple(place for place, vote in enumerate(votes) if vote in decisive)


def _without(votes: Row, vote: Vote | None) -> list[Vote | None]:
    rest = list(votes)
    rest.remove(vote)
    return rest


def _correlation(pairs: Sequence[tuple[Vote | None, Vote | None]]) -> float | None:
    """Correlate two personas' votes (phi); None where one of them always said the same."""
    cast = [pair for pair in pairs if None not in pair]
    total = len(cast)
    first = sum(one == "ship" for one, _ in cast)
    second = sum(other == "ship" for _, other in cast)
    both = cast.count(("ship", "ship"))
    spread = first * (total - first) * second * (total - second)
    return (total * both - first * second) / sqrt(spread) if spread else None
