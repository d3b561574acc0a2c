"""Numerals: what a number may mean, in digits with any separators or in words."""

from __future__ import annotations

import re
from decimal import Decimal

_ONES = dict(
    zip(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ],
        range(20),
        strict=True,
    )
)
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))  # noqa: SIM905
_SCALES = {
    "hundred": 100,
    "thousand": 1_000,
    "million": 1_000_000,
    "mn": 1_000_000,
    "billion": 1_000_000_000,
    "bn": 1_000_000_000,
    "trillion": 1_000_000_000_000,
    "万": 10_000,
    "萬": 10_000,
    "千": 1_000,
    "百": 100,
    "億": 100_000_000,
    "亿": 100_000_000,
    "만": 10_000,
    "억": 100_000_000,
    "ألف": 1_000,
    "مليون": 1_000_000,
}
_SINOGRAMS = {sign: number for number, sign in enumerate("零一二三四五六七八九十")}
_WORD = "|".join([*_ONES, *_TENS])
_SCALE = "|".join(sorted(_SCALES, key=len, reverse=True))

NUMERAL = (
    rf"(?:\d+(?:[.,]\d+|[\u00a0\u202f' ]\d{{3}}(?!\d))*(?:[\s-]?(?:{_SCALE})(?![a-z]))?"
    rf"|(?:\b(?:{_WORD}|hundred|thousand|million|billion)\b(?:[\s-](?:and\s)?(?:{_WORD}|{_SCALE})\b)*)"
    rf"|[一二三四五六七八九十百千万]+(?=倍))"
)
"""A regular expression for a number; it holds no groups that have names."""


def values(numeral: str) -> frozenset[Decimal]:
    """Say what a numeral may mean; a single separator before three digits may set off thousands or decimals.

    Example:
        >>> sorted(values("1.000")), sorted(values("twenty-five hundred")), sorted(values("2.5 million"))
        ([Decimal('1.000'), Decimal('1000')], [Decimal('2500')], [Decimal('2500000.0')])
    """
    text = numeral.strip().lower()
    digits = re.match(r"\d+(?:[.,]\d+|[\u00a0\u202f' ]\d{3}(?!\d))*", text)
    if digits is None:
        return frozenset({_in_words(text)})
    factor = _SCALES.get(text[digits.end() :].strip(" -"), 1)
    return frozenset(value * factor for value in _in_digits(digits[0]))


def _in_digits(text: str) -> set[Decimal]:
    text = re.sub(r"[\u00a0\u202f' ]", "", text)
    marks = re.findall(r"[.,]", text)
    if not marks:
        return {Decimal(text)}
    last = max(text.rfind("."), text.rfind(","))
    whole, part = re.sub(r"[.,]", "", text[:last]), text[last + 1 :]
    as_thousands, as_decimal = Decimal(whole + part), Decimal(f"{whole}.{part}")
    if len(set(marks)) == 2:
        found = {as_decimal}
    elif len(marks) > 1:
        found = {as_thousands}
    else:
        found = {as_thousands, as_decimal} if len(part) == 3 else {as_decimal}
    return found


def _in_words(text: str) -> Decimal:
    total, current = 0, 0
    for word in re.split(r"[\s-]+", text) if text.isascii() else list(text):
        if word in _SCALES and (scale := _SCALES[word]) == 100:
            current = max(current, 1) * scale
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
        else:
            current += _ONES.get(word) or _TENS.get(word) or _SINOGRAMS.get(word, 0)
    return Decimal(total + current)
