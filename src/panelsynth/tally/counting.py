"""What one panel's decisions add up to."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from .shares import Count, Label, Percent, Vote, interval, label, percent


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
