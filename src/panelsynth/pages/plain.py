"""Plain data: nested dicts and lists whose strings are single clean lines, fit for every output."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

_SPACE = re.compile(r"[ \t-\r\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(r"[\u202a-\u202e\u2066-\u2069\ufeff]")
_LAST_TWO = "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
_UNFIT = re.compile(rf"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_LAST_TWO}]")


def line(text: str) -> str:
    """Make a text one line: white space folded, nothing in it that could steer a terminal, a parser or its neighbours.

    Controls that force a writing direction are dropped, since each page isolates foreign text by itself, and so are
    byte order marks, which some programs take for blanks; other controls and code points that are no characters become
    U+FFFD.
    """
    if text.isprintable() and "  " not in text:  # most texts, at a tenth of the cost: no control, no mark of direction
        return text.strip()
    return _UNFIT.sub("\ufffd", _UNSEEN.sub("", _SPACE.sub(" ", text))).strip()


def paragraphs(text: str) -> list[str]:
    """Split a text at its blank lines."""
    return [part for part in re.split(r"\n[ \t]*\n", re.sub(r"\r\n?", "\n", text)) if part.strip()]


def mapped(value: object, change: Callable[[str], str], keep: Collection[str] = ()) -> object:
    """Copy nested dicts and lists with every string changed, but those under a key in `keep`."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [mapped(item, change, keep) for item in value]
    if isinstance(value, dict):
        return {key: item if key in keep else mapped(item, change, keep) for key, item in value.items()}
    return value
