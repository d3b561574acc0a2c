"""How far reviewers agree over many tools: rows are tools, columns are personas, None is no vote.

Every figure is exact and the same for any order of rows or columns. Where a coefficient is undefined (nothing to
compare, or everybody always said the same), it is None: the raw agreement beside it still says what was seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from .shares import Share, Vote

Row = Sequence[Vote | None]
"""One tool's votes, one place for each persona."""


class Pair(NamedTuple):
    """How far two personas agree on the tools that both voted on."""

    first: int
    """The column of the one."""
    second: int
    """The column of the other, further right."""
    agreement: Share
    """On how many tools both voted alike, of how many."""
    kappa: Fraction | None
    """Cohen's kappa of the same tools; None where it is undefined."""


def raw_agreement(rows: Iterable[Row]) -> Share:
    """Count the pairs of votes on one tool that are alike, of all such pairs.

    Example:
        >>> raw_agreement([["ship", "ship", "skip"], ["skip", "skip", None]])
        Share(part=2, whole=4)
    """
    counts = _counts(rows)
    alike = sum(times * (ships * (ships - 1) + skips * (skips - 1)) // 2 for (ships, skips), times in counts.items())
    return Share(alike, sum(times * _pairs(ships + skips) for (ships, skips), times in counts.items()))


def pairwise(rows: Sequence[Row]) -> tuple[Pair, ...]:
    """Compare every two personas.

    Example:
        >>> pairwise([["ship", "ship"], ["skip", "skip"], ["ship", None]])
        (Pair(first=0, second=1, agreement=Share(part=2, whole=2), kappa=Fraction(1, 1)),)
    """
    found = []
    for first, second in combinations(range(max(map(len, rows), default=0)), 2):
        both = [(row[first], row[second]) for row in rows]
        cast = [pair for pair in both if None not in pair]
        alike = sum(one == other for one, other in cast)
        found.append(Pair(first, second, Share(alike, len(cast)), cohen_kappa(cast)))
    return tuple(found)


def cohen_kappa(pairs: Iterable[tuple[Vote | None, Vote | None]]) -> Fraction | None:
    """Give Cohen's kappa of two raters; a pair with a gap is left out.

    Source: J. Cohen, "A coefficient of agreement for nominal scales", 1960.

    Returns:
        None without a pair, and where both raters said one same word throughout.

    Example:
        >>> cohen_kappa([("ship", "ship"), ("ship", "skip"), ("skip", "skip"), ("skip", "skip")])
        Fraction(1, 2)
        >>> cohen_kappa([("ship", "ship")]) is None
        True
    """
    counts = Counter(pair for pair in pairs if None not in pair)
    total = counts.total()
    first = sum(times for (one, _), times in counts.items() if one == "ship")
    second = sum(times for (_, other), times in counts.items() if other == "ship")
    alike = sum(times for (one, other), times in counts.items() if one == other)
    # Everything times the square of the total, so that it stays in integers.
    expected = first * second + (total - first) * (total - second)
    return _beyond_chance(alike * total, expected, total * total)


def fleiss_kappa(rows: Iterable[Row]) -> Fraction | None:
    """Give Fleiss' kappa of the tools on which every persona voted; the formula knows no gaps.

    Source: J. L. Fleiss, "Measuring nominal scale agreement among many raters", 1971.

    Returns:
        None without such a tool, with fewer than two personas, and where all votes are alike.

    Example:
        >>> fleiss_kappa([["ship", "ship"], ["skip", "skip"], ["ship", None]])
        Fraction(1, 1)
    """
    full = [row for row in rows if None not in row]
    votes = sum(map(len, full))
    ships = sum(row.count("ship") for row in full)
    alike = raw_agreement(full)
    if alike.exact is None:
        return None
    expected = Fraction(ships * ships + (votes - ships) ** 2, votes * votes)
    return _beyond_chance(alike.exact, expected, 1)


def krippendorff_alpha(rows: Iterable[Row]) -> Fraction | None:
    """Give Krippendorff's alpha for nominal data, gaps allowed; a tool with fewer than two votes cannot be paired.

    Source: K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011.

    Returns:
        None where nothing can be paired, and where all votes that can are alike.

    Example:
        >>> krippendorff_alpha([["ship", "ship", None], ["skip", "skip", "skip"], [None, "ship", None]])
        Fraction(1, 1)
    """
    counts = {pair: times for pair, times in _counts(rows).items() if sum(pair) > 1}
    ships = sum(times * pair[0] for pair, times in counts.items())
    skips = sum(times * pair[1] for pair, times in counts.items())
    if not ships * skips:
        return None
    observed = sum((Fraction(times * a * b, a + b - 1) for (a, b), times in counts.items()), Fraction(0))
    return 1 - (ships + skips - 1) * observed / (ships * skips)


def diversity(rows: Iterable[Row]) -> Fraction | None:
    """Give the chance that two personas drawn at random differ on a tool, as a mean over tools with two votes or more.

    Example:
        >>> diversity([["ship", "skip"], ["ship", "ship"], ["skip", None]])
        Fraction(1, 2)
    """
    counts = {pair: times for pair, times in _counts(rows).items() if sum(pair) > 1}
    apart = sum((Fraction(times * a * b, _pairs(a + b)) for (a, b), times in counts.items()), Fraction(0))
    return apart / sum(counts.values()) if counts else None


def consistency(samples: Iterable[Vote | None]) -> Share:
    """Count the samples of one persona on one tool that decide as most of them do; half of them in a tie.

    Example:
        >>> consistency(["ship", "ship", "skip", None])
        Share(part=2, whole=3)
    """
    counts = Counter(vote for vote in samples if vote)
    return Share(max(counts.values(), default=0), counts.total())


def mean_consistency(shares: Iterable[Share]) -> Fraction | None:
    """Give the mean consistency over tools; one sample agrees with itself and says nothing, so it is left out.

    Example:
        >>> mean_consistency([Share(2, 3), Share(3, 3), Share(1, 1)])
        Fraction(5, 6)
    """
    counted = Counter(share for share in shares if share.whole > 1)
    total = sum((times * Fraction(*share) for share, times in counted.items()), Fraction(0))
    return total / counted.total() if counted else None


def _counts(rows: Iterable[Row]) -> Counter[tuple[int, int]]:
    """Count tools by their ships and skips: 10,000 tools of four personas are 15 kinds at most."""
    return Counter((row.count("ship"), row.count("skip")) for row in rows)


def _pairs(votes: int) -> int:
    return votes * (votes - 1) // 2


def _beyond_chance(observed: Fraction | int, expected: Fraction | int, most: int) -> Fraction | None:
    """Give the agreement beyond chance, of what there could be beyond chance."""
    return None if expected == most else Fraction(observed - expected) / (most - expected)
