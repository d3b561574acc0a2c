"""Kappa: Cohen's coefficient of two raters who say ship or skip, with its large-sample interval."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from statistics import NormalDist
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

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
    def shares(self) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
        """The table as shares, the reviewer's decision down, the person's across."""
        cells = ((self.ship_ship, self.ship_skip), (self.skip_ship, self.skip_skip))
        first, second = (tuple(Fraction(cell, self.total) for cell in row) for row in cells)
        return (first[0], first[1]), (second[0], second[1])


def kappa_of(table: Confusion) -> Fraction | None:
    """Give Cohen's kappa; None without decisions, and where both sides gave one and the same throughout.

    Source: J. Cohen, "A coefficient of agreement for nominal scales", 1960.

    Example:
        >>> kappa_of(Confusion(ship_ship=4, ship_skip=1, skip_ship=1, skip_skip=4))
        Fraction(3, 5)
    """
    if not table.total:
        return None
    chance = _chance(table)
    return None if chance == 1 else (Fraction(table.agreed, table.total) - chance) / (1 - chance)


def kappa_interval(table: Confusion) -> tuple[float, float] | None:
    """Give the 95% interval of kappa by the large-sample standard error, kept within -1 and 1.

    None where kappa is undefined, and where the formula gives no width, as with perfect agreement: an interval of no
    width would claim to be sure.

    Source: J. L. Fleiss, J. Cohen, B. S. Everitt, "Large sample standard errors of kappa and weighted kappa", 1969.
    """
    kappa = kappa_of(table)
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
