"""TOML as a Document: every value is text, with the line of every key that begins one."""

from __future__ import annotations

import re
import tomllib
from collections import Counter

from ..errors import DocumentError
from .document import MAX_DEPTH, Document, too_deep
from .faults import Keys
from .json_text import texts_only

_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*', re.DOTALL)
_KEY = r"""(?:[\w-]++|"[^"\n]*"|'[^'\n]*')"""
_ROW = re.compile(rf"[ \t]*+(\[\[?)?+[ \t]*+({_KEY}(?:[ \t]*+\.[ \t]*+{_KEY})*+)[ \t]*+[\]=]")
_DEEP = re.compile(rf"(?<![\w-]){_KEY}(?:[ \t]*+\.[ \t]*+{_KEY}){{{MAX_DEPTH}}}")
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_WORDS = {
    "Cannot overwrite a value": "this key is given twice",
    "Invalid value": "a value that TOML does not know",
    "Unterminated string": "a text is not closed",
}


def parse_toml(text: str, source: str) -> Document:
    """Parse TOML."""
    # tomllib and the paths below take the square of a dotted key's length.
    masked = _STRING.sub(lambda found: "\n" * found[0].count("\n") or '""', text)
    if deep := _DEEP.search(masked):
        raise too_deep(source, line=1 + masked.count("\n", 0, deep.start()))
    try:
        data = tomllib.loads(text, parse_float=str)
    except RecursionError as exc:
        raise too_deep(source) from exc
    except ValueError as exc:  # a TOMLDecodeError, or a number of thousands of digits
        place = _PLACE.search(str(exc))
        problem = _PLACE.sub("", str(exc))
        if "Exceeds" in problem:
            problem = "a number of thousands of digits"
        raise DocumentError(
            f"not valid TOML: {_WORDS.get(problem, problem)}",
            source=source,
            line=int(place[1]) if place and place[1] else None,
            remedy="Write every text in quotes, and each key once.",
        ) from exc
    return Document(source, texts_only(data, source), _lines(text))


def _lines(text: str) -> dict[Keys, int]:
    """Find the line of each header and each `key =`; what is inside an inline table has none of its own."""
    masked = _STRING.sub(lambda found: "\n" * found[0].count("\n") or found[0], text)
    lines: dict[Keys, int] = {}
    tables: Counter[Keys] = Counter()
    prefix: Keys = ()
    for number, row in enumerate(masked.split("\n"), 1):
        if not (found := _ROW.match(row)):
            continue
        names = [name.strip("\"'") for name in re.findall(_KEY, found[2])]
        keys: Keys = () if found[1] else prefix
        for name in names:
            keys = (*keys, name)
            lines.setdefault(keys, number)
            if found[1] == "[[" and name is names[-1]:
                tables[keys] += 1
            if keys in tables:
                keys = (*keys, tables[keys] - 1)
                lines.setdefault(keys, number)
        if found[1]:
            prefix = keys
    return lines
