"""Plural forms of whole numbers, by CLDR's rules as its tables write them: `n % 10 = 2..4 and n % 100 != 12..14`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

CATEGORIES = ("zero", "one", "two", "few", "many", "other")
"""CLDR's names of plural forms."""

_RELATION = re.compile(r"[ni](?: ?% ?(\d{1,7}))? ?(!?=) ?(\d+(?:\.\.\d+)?(?:, ?\d+(?:\.\.\d+)?)*)", re.ASCII)


def category_of(number: int, rules: Mapping[str, str]) -> str:
    """Name the plural form that a number takes; `other` when no rule holds.

    Example:
        >>> category_of(3, {"few": "n % 100 = 3..10"}), category_of(102, {"few": "n % 100 = 3..10"})
        ('few', 'other')
    """
    return next((category for category, rule in rules.items() if _holds(rule, number)), "other")


def fault_of(category: str, rule: str) -> str:
    """Say what is wrong with a rule; empty when nothing is."""
    if category not in CATEGORIES[:-1]:
        return f"{category!r} is no plural form with a rule of its own"
    relations = re.split(" or | and ", rule)
    return "" if all(map(_RELATION.fullmatch, relations)) else f"{rule[:60]!r} is no plural rule for whole numbers"


@lru_cache(maxsize=4096)
def _holds(rule: str, number: int) -> bool:
    return any(all(_is_true(relation, number) for relation in way.split(" and ")) for way in rule.split(" or "))


def _is_true(relation: str, number: int) -> bool:
    found = _RELATION.fullmatch(relation)
    if found is None:
        return False
    modulus, sign, listed = found.groups()
    value = number % int(modulus) if modulus else number
    ends = (part.strip().partition("..") for part in listed.split(","))
    return any(int(low) <= value <= int(high or low) for low, _, high in ends) == (sign == "=")
