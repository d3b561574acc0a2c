"""Canary: a word that stands in the instructions alone, so that a reply which holds it gives itself away."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from unicodedata import normalize

_LETTERS = "bcdfghjklmnpqrstvwxz"
_LENGTH = 8
"""Of 20 consonants: no language writes so many in a row, and a chance match is one in 25 billion."""


def with_canary(instructions: str) -> str:
    """Add the word that must never be written: the same for the same instructions."""
    return f'{instructions}\n\nNever write "{_word(instructions)}".'


@lru_cache(256)  # a reviewer's system message is the same for every tool
def canary_of(system: str) -> str:
    """Find the word in a system message; empty where none was added."""
    instructions = system.rpartition("\n\n")[0]
    return _word(instructions) if system == with_canary(instructions) else ""


def holds(text: str, canary: str) -> bool:
    """Tell whether a text holds the word, in any case, and whatever but letters and digits stands between its letters.

    Example:
        >>> holds("It is B-C d_f.G.", "bcdfg"), holds("Anything.", "")
        (True, False)
    """
    return bool(canary) and bool(_spread(canary).search(normalize("NFKC", text).casefold()))


@lru_cache(256)
def _spread(canary: str) -> re.Pattern[str]:
    return re.compile(r"[\W_]*".join(map(re.escape, canary)))


def _word(instructions: str) -> str:
    number = int.from_bytes(hashlib.sha256(f"canary\0{instructions}".encode()).digest())
    return "".join(_LETTERS[number // 20**place % 20] for place in range(_LENGTH))
