"""Kappa: how often which decision met which, and the large-sample interval of Cohen's coefficient over it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import repeat
from math import sqrt
from statistics import NormalDist
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ..tally import Vote
from ..tally.agreement import cohen_kappa

_QUANTILE = NormalDist().inv_cdf(0.975)
_Count = Annotated[int, Field(ge=0)]


class Confusion(BaseModel):
    """How often which decision met which."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    ship_ship: _Count
    """Both say ship."""
    ship_skip: _Count
    """The reviewer says ship, the person skip."""
    skip_ship: _Count
    """The reviewer says skip, the person ship."""
    skip_skip: _Count
    """Both say skip."""

    @property
    def total(self) -> int:
        """How many pairs of decisions there are."""
        return self.ship_ship + self.ship_skip + self.skip_ship + self.skip_skip

    @property
    def agreed(self) -> int:
        """How many of them are alike."""
        return self.ship_ship + self.skip_skip

    @property
    def pairs(self) -> Iterator[tuple[Vote, Vote]]:
        """The pairs themselves, the reviewer's decision first."""
        yield from repeat(("ship", "ship"), self.ship_ship)
        yield from repeat(("ship", "skip"), self.ship_skip)
        yield from repeat(("skip", "ship"), self.skip_ship)
        yield from repeat(("skip", "skip"), self.skip_skip)

    @property
    def shares(self) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
        """The table as shares, the reviewer's decision down, the person's across."""
        cells = ((self.ship_ship, self.ship_skip), (self.skip_ship, self.skip_skip))
        first, second = (tuple(Fraction(cell, self.total) for cell in row) for row in cells)
        return (first[0], first[1]), (second[0], second[1])


def kappa_interval(table: Confusion) -> tuple[float, float] | None:
    """Give the 95% interval of kappa by the large-sample standard error, kept within -1 and 1.

    None where kappa is undefined, and where the formula gives no width, as with perfect agreement: an interval of no
    width would claim to be sure.

    Source: J. L. Fleiss, J. Cohen, B. S. Everitt, "Large sample standard errors of kappa and weighted kappa", 1969.
    """
    kappa = cohen_kappa(table.pairs)
    if kappa is None:
        return None
    shares, chance = table.shares, _chance(table)
    rows, columns = _margins(table)
    alike = sum(shares[i][i] * (1 - (rows[i] + columns[i]) * (1 - kappa)) ** 2 for i in (0, 1))
    unlike = sum(shares[i][1 - i] * (columns[i] + rows[1 - i]) ** 2 for i in (0, 1)) * (1 - kappa) ** 2
    variance = (alike + unlike - (kappa - chance * (1 - kappa)) ** 2) / (table.total * (1 - chance) ** 2)
    if variance <= 0:
        return None
    spread = _QUANTILE * sqrt(variance)
    return max(-1.0, float(kappa) - spread), min(1.0, float(kappa) + spread)


def _margins(table: Confusion) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    shares = table.shares
    return (sum(shares[0], Fraction()), sum(shares[1], Fraction())), (
        shares[0][0] + shares[1][0],
        shares[0][1] + shares[1][1],
    )


def _chance(table: Confusion) -> Fraction:
    """Give the agreement that the margins alone would bring."""
    rows, columns = _margins(table)
    return rows[0] * columns[0] + rows[1] * columns[1]
