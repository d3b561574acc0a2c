"""Kinds of values that files hold: lines, texts, slugs, addresses, amounts, counts and days."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029]")
_FORCED = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


def _printable(value: str) -> str:
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    if found := _UNPRINTABLE.search(value):
        message = (
            f"holds the control character U+{ord(found[0]):04X} after {value[: found.start()][-20:]!r}; take it out"
        )
        raise ValueError(message)
    return value


def legible(text: str) -> str:
    """Make a text one that people may edit in a file: LF line ends, U+FFFD for controls, no forced direction.

    Models write controls by mistake: `"\\frac"` in JSON is a form feed and `rac`.
    """
    whole = _LINE_ENDS.sub("\n", _FORCED.sub("", text))
    return _UNPRINTABLE.sub("\ufffd", whole)


def _one_line(value: str) -> str:
    return re.sub(r"\s*\n\s*", " ", value)


def _web_address(value: str) -> str:
    if not re.fullmatch(r"https?://[^\s/][^\n\t]*", value, re.IGNORECASE):
        message = f"should begin with https:// or http://, found {value[:60]!r}"
        raise ValueError(message)
    return value


def _slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        message = f"should be lower-case letters, digits and single hyphens, such as 'mistral-3b', found {value[:60]!r}"
        raise ValueError(message)
    return value


def _day(value: object) -> object:
    # Left to itself, pydantic reads '2026' and '86400' as seconds since 1970.
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        message = f"should be a day, such as 2026-11-23, found {value[:60]!r}"
        raise ValueError(message)
    return value


def slug_of(text: str) -> str:
    """Make a slug of any text, empty when it holds no letter or digit of ASCII.

    Example:
        >>> slug_of("GPT-5 Fine-Tuning API")
        'gpt-5-fine-tuning-api'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:80].rstrip("-")


Slug = Annotated[str, Field(max_length=80), AfterValidator(_slug)]
Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_printable), AfterValidator(_one_line)]
Text = Annotated[str, Field(min_length=1, max_length=60_000), AfterValidator(_printable)]
Address = Annotated[str, Field(max_length=2_000), AfterValidator(_printable), AfterValidator(_web_address)]
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False, max_digits=15)]
Count = Annotated[int, Field(ge=0, le=1_000_000_000_000)]
Day = Annotated[date, BeforeValidator(_day)]
