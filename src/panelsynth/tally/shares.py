"""Shares of counted decisions: percent, interval, label. Exact, and in no one's favour."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

Vote = Literal["ship", "skip"]
Label = Literal["ship", "skip", "split", "incomplete"]
Count = Annotated[int, Field(ge=0)]
Percent = Annotated[int, Field(ge=0, le=100)]

_SQUARE = Fraction(NormalDist().inv_cdf(0.975)) ** 2


class Share(NamedTuple):
    """A count and what it is a count of."""

    part: int
    """How many."""
    whole: int
    """Of how many."""

    @property
    def exact(self) -> Fraction | None:
        """The share as a fraction; None of nothing."""
        return Fraction(self.part, self.whole) if self.whole else None


def percent(part: int, whole: int) -> int | None:
    """Give `part` per hundred of `whole`, half up in integers; 0 and 100 only when unanimous; None of nothing.

    Example:
        >>> percent(1, 8), percent(199, 200), percent(0, 0)
        (13, 99, None)
    """
    if not whole:
        return None
    exact = (200 * part + whole) // (2 * whole)
    return exact if part in {0, whole} else min(99, max(1, exact))


def interval(part: int, whole: int) -> tuple[int, int] | None:
    """Give Wilson's 95% interval of a share, in percent, half up, never short of `percent` itself; None of nothing.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.

    Example:
        >>> interval(4, 4), interval(3, 4)
        ((51, 100), (30, 95))
    """
    shown = percent(part, whole)
    if shown is None:
        return None
    share, square = part / whole, float(_SQUARE / whole)
    centre = share + square / 2
    spread = sqrt(square * share * (1 - share) + square * square / 4)
    low, high = (int(100 * (centre + sign * spread) / (1 + square) + 0.5) for sign in (-1, 1))
    # 1 of 100,000 is shown as 1%: an interval of 0 to 0 would not hold it.
    return min(low, shown), max(high, shown)


def label(ships: int, skips: int) -> Literal["ship", "skip", "split"]:
    """Say what most votes say, or `split` when they are equal."""
    return "split" if ships == skips else "ship" if ships > skips else "skip"
