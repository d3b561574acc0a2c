"""Figures: the claim figures of a text, whatever their notation, and whether a source holds them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from .numerals import NUMERAL, values

Kind = Literal["percent", "money", "multiple", "duration", "size", "count"]


@dataclass(frozen=True)
class Figure:
    """A number with what makes it a claim."""

    kind: Kind
    values: frozenset[Decimal]
    """What it may mean, in the smallest unit of its kind: `1.000` may be one or a thousand."""
    unit: str
    """Its unit in lower case, such as `%`, `usd`, `ms` or `customers`."""
    span: str
    """The words as they stand."""
    start: int
    """Where they begin."""


_MONEY = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "inr", "₩": "krw", "元": "cny", "円": "jpy", "원": "krw"}
_MONEY_WORDS = {
    "usd": "usd",
    "dollars": "usd",
    "dollar": "usd",
    "us$": "usd",
    "ドル": "usd",
    "دولار": "usd",
    "eur": "eur",
    "euros": "eur",
    "euro": "eur",
    "ユーロ": "eur",
    "يورو": "eur",
    "gbp": "gbp",
    "pounds": "gbp",
    "jpy": "jpy",
    "yen": "jpy",
    "chf": "chf",
    "cny": "cny",
    "yuan": "cny",
    "inr": "inr",
    "rupees": "inr",
    "cents": "cent",
    "cent": "cent",
}
_MILLISECONDS = {
    **dict.fromkeys(("ns", "nanoseconds", "nanosecond"), Decimal("0.000001")),
    **dict.fromkeys(("µs", "μs", "us", "microseconds", "microsecond"), Decimal("0.001")),
    **dict.fromkeys(("ms", "msec", "milliseconds", "millisecond", "ミリ秒", "毫秒"), Decimal(1)),
    **dict.fromkeys(("s", "sec", "secs", "seconds", "second", "秒", "초", "ثانية", "ثوان", "ثواني"), Decimal(1000)),
    **dict.fromkeys(("min", "mins", "minutes", "minute", "分钟", "دقيقة", "دقائق"), Decimal(60_000)),
    **dict.fromkeys(("h", "hr", "hrs", "hours", "hour", "時間", "小时", "ساعة", "ساعات"), Decimal(3_600_000)),
}
_BYTES = {
    **dict.fromkeys(("kb", "kib", "kilobyte", "kilobytes"), Decimal(10**3)),
    **dict.fromkeys(("mb", "mib", "megabyte", "megabytes"), Decimal(10**6)),
    **dict.fromkeys(("gb", "gib", "gigabyte", "gigabytes"), Decimal(10**9)),
    **dict.fromkeys(("tb", "tib", "terabyte", "terabytes"), Decimal(10**12)),
}
_NO_COUNT = frozenset(
    # Horizons, ordinals, and what is no more than a way of speaking.
    [
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
        "quarter",
        "quarters",
        "decade",
        "decades",
        "am",
        "pm",
        "th",
        "st",
        "nd",
        "rd",
        "of",
        "in",
        "to",
        "and",
        "or",
        "the",
        "a",
        "an",
        "at",
        "on",
        "by",
        "for",
        "from",
        "with",
        "as",
        "per",
        "is",
        "are",
        "was",
        "were",
        "percent",
        "words",
        "word",
        "sentence",
        "sentences",
        "points",
        "point",
        "score",
        "times",
        "class",
        "classes",
        "ways",
        "way",
        "reasons",
        "reason",
        "things",
        "thing",
    ]
)
_PERCENT = r"%|٪|％|\bper ?cent\b|\bpercentage points?\b|パーセント|في المئة|بالمئة|بالمائة"
_UNITS = "|".join(re.escape(unit) for unit in sorted({*_MILLISECONDS, *_BYTES}, key=len, reverse=True))
_SIGNS = "".join(re.escape(sign) for sign in _MONEY)
_MONEY_UNITS = "|".join(re.escape(word) for word in sorted({*_MONEY_WORDS, *_MONEY}, key=len, reverse=True))
_COUNTERS = (
    "用户|用戶|客户|客戶|顧客|ユーザ|人|社|件|名|台|言語|か国|カ国|ユーザー|トークン|"
    "パラメータ|个|家|种|万人|개|명|社以上|لغة|عميل|مستخدم"
)

_FIGURE = re.compile(
    rf"""
    (?P<sign>(?:us)?[{_SIGNS}]\s?)?
    (?<![A-Za-z\d.,\u00c0-\u024f])(?P<number>{NUMERAL})(?:\s?(?:-|–|—|to|bis|〜|~)\s?(?P<other>{NUMERAL}))?
    (?:
        \s?(?P<percent>{_PERCENT})
      | \s?(?P<money>(?:{_MONEY_UNITS}))(?![^\W\d_])
      | -?\s?(?P<multiple>x|×|✕|times|fold)(?!\w) | (?P<fold>倍|배|أضعاف)
      | [-\s]?(?P<unit>{_UNITS})(?![^\W\d_])
      | (?P<counter>{_COUNTERS})
      | (?P<bare>[bmkBMKT](?![\w]))?[+]?(?:[-\s](?P<noun>[^\W\d_][\w-]*(?:\s[^\W\d_][\w-]*)?))?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_SEPARATORS = {"٫": ".", "٬": ",", "．": ".", "，": ",", "％": "%"}
_HUNDREDTHS = re.compile(r"百分之(?P<number>[\d零一二三四五六七八九十百]+)|百分の(?P<other>\d+)")


@lru_cache(256)  # a tool's data are searched for each reviewer, and a review once more beside the others
def find_figures(text: str) -> tuple[Figure, ...]:
    """Find the claim figures of a text: percentages, money, multiples, durations as performance, sizes, counts.

    Horizons (`18 months`), ordinals, years and small plain counts (`two rivals`) are no claims.

    Example:
        >>> [figure.span for figure in find_figures("Up to 40% faster, $1,200 a year, within 18 months.")]
        ['40%', '$1,200']
    """
    return tuple(_figures(text))


def _figures(text: str) -> Iterator[Figure]:
    plain = _ascii_digits(text)
    for found in _HUNDREDTHS.finditer(plain):
        held = values(found["number"] or found["other"])
        yield Figure("percent", held, "%", text[found.start() : found.end()], found.start())
    for found in _FIGURE.finditer(plain):
        if figure := _figure(found, text):
            yield figure


def _figure(found: re.Match[str], text: str) -> Figure | None:
    """Tell what kind of claim a number makes; none where it makes none."""
    held = values(found["number"]) | (values(found["other"]) if found["other"] else frozenset())
    kind: Kind
    if found["percent"]:
        kind, unit, end = "percent", "%", found.end("percent")
    elif found["sign"]:
        kind, unit = "money", _MONEY[found["sign"].strip()[-1]]
        end = max(found.end("number"), found.end("other"), found.end("bare"))
        held = _scaled(held, found["bare"])
    elif found["money"]:
        kind, unit, end = "money", (_MONEY_WORDS | _MONEY)[found["money"].lower()], found.end("money")
    elif found["multiple"] or found["fold"]:
        kind, unit, end = "multiple", "x", max(found.end("multiple"), found.end("fold"))
    elif found["unit"]:
        unit, end = found["unit"].lower(), found.end("unit")
        kind = "duration" if unit in _MILLISECONDS else "size"
        factor = _MILLISECONDS.get(unit) or _BYTES[unit]
        held = frozenset(value * factor for value in held)
    elif found["counter"]:
        kind, unit, end = "count", found["counter"], found.end("counter")
    else:
        return _count(found, held, text)
    return Figure(kind, held, unit, text[found.start() : end].strip(), found.start())


def _count(found: re.Match[str], held: frozenset[Decimal], text: str) -> Figure | None:
    """Take a number for a count where it is large or scaled and counts something."""
    noun = (found["noun"] or "").split()
    scale = found["bare"]
    if scale is None and (not noun or noun[0].lower() in _NO_COUNT):
        return None
    least = 10 if any(sign.isdigit() for sign in found["number"]) else 100
    if scale is None and (max(held) < least or (_is_year(held) and noun[0].lower() not in {"users", "customers"})):
        return None
    if scale is None and not any(word.lower().endswith("s") for word in noun[:2]):
        return None  # `GPT 5 model`, `Apache 2 licence`: a name, not a count
    unit = noun[0].lower() if noun else scale or ""
    end = found.end("noun") if noun and scale is None else max(found.end("bare"), found.end("number"))
    return Figure("count", _scaled(held, scale), unit, text[found.start() : end].strip(), found.start())


def _scaled(held: frozenset[Decimal], scale: str | None) -> frozenset[Decimal]:
    factor = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000, "t": 1_000_000_000_000}.get((scale or "").lower(), 1)
    return frozenset(value * factor for value in held)


def _is_year(held: frozenset[Decimal]) -> bool:
    return len(held) == 1 and all(value == int(value) and 1900 <= value <= 2100 for value in held)


def _ascii_digits(text: str) -> str:
    """Write the digits and separators of other scripts in ASCII, sign for sign, so that places stay what they are."""
    return _FOREIGN.sub(lambda found: _ascii_sign(found[0]), text)


def _ascii_sign(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else _SEPARATORS.get(sign, sign)
