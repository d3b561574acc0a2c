"""Arithmetic over decisions given as words: share, range, interval, label. Exact, and in no one's favour."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Vote = Literal["ship", "skip"]
Label = Literal["ship", "skip", "split", "incomplete"]
Count = Annotated[int, Field(ge=0)]
Percent = Annotated[int, Field(ge=0, le=100)]

_SQUARE = Fraction(NormalDist().inv_cdf(0.975)) ** 2


class Tally(BaseModel):
    """What a panel's decisions add up to; every number is computed from them by `tally`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    reviewers: Count
    """How many reviewers were asked."""
    voted: Count
    """How many of them voted; the percent's denominator."""
    ships: Count
    """Votes to ship."""
    skips: Count
    """Votes to skip."""
    percent: Percent | None
    """Ships per hundred votes, half up; None below quorum. 0 and 100 are kept for unanimous panels."""
    lowest: Percent
    """The percent if every reviewer without a vote had voted skip."""
    highest: Percent
    """The percent if every reviewer without a vote had voted ship."""
    interval: tuple[Percent, Percent] | None
    """Wilson's 95% interval around the percent, if reviewers were independent; None below quorum."""
    label: Label
    """What most votes say; `split` when they are equal, `incomplete` below quorum."""
    text: str
    """The counts in words: `3 ship / 1 skip`."""

    @property
    def missing(self) -> int:
        """How many reviewers have no vote."""
        return self.reviewers - self.voted


def tally(votes: Iterable[Vote | None]) -> Tally:
    """Count a panel's votes; None stands for a reviewer without one.

    Example:
        >>> tally(["ship", "ship", "skip", None]).percent
        67
        >>> tally(["ship", None, None, None]).percent is None
        True
    """
    given = list(votes)
    ships, skips = given.count("ship"), given.count("skip")
    voted, reviewers = ships + skips, len(given)
    quorum = 2 * voted > reviewers
    most = percent(ships + reviewers - voted, reviewers)
    text = f"{ships} ship / {skips} skip" + (f" / {reviewers - voted} missing" if voted < reviewers else "")
    return Tally(
        reviewers=reviewers,
        voted=voted,
        ships=ships,
        skips=skips,
        percent=percent(ships, voted) if quorum else None,
        lowest=percent(ships, reviewers) or 0,
        highest=100 if most is None else most,
        interval=interval(ships, voted) if quorum else None,
        label=label(ships, skips) if quorum else "incomplete",
        text=text,
    )


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
