"""An answer held against its source: which quotes stand in the tool's data word for word."""

from __future__ import annotations

import unicodedata

from .tool import Tool
from .verdict import Answer, Evidence, Flag

_MIN_WORDS, _MIN_CHARACTERS = 3, 8
_QUOTES = str.maketrans({**dict.fromkeys("“”„«»‟", '"'), **dict.fromkeys("‘’‚‛`´", "'"), **dict.fromkeys("‐‑‒–—", "-")})


def ground(answer: Answer, tool: Tool) -> tuple[tuple[Evidence, ...], tuple[Flag, ...]]:
    """Mark each quote as verbatim or not; a quote that is not gets a loud flag, and the review stays as it is."""
    source = fold(tool.data)
    evidence = tuple(Evidence(quote=quote, verbatim=is_verbatim(quote, source)) for quote in answer.evidence)
    flags = tuple(
        Flag(
            kind="quote-not-verbatim",
            severity="loud",
            text="This quote does not stand in the tool's data word for word: mend or remove it.",
            span=item.quote,
        )
        for item in evidence
        if not item.verbatim
    )
    return evidence, flags


def is_verbatim(quote: str, folded_source: str) -> bool:
    """Tell whether a quote of at least 3 words (8 characters in scripts without spaces) stands in a folded source.

    Example:
        >>> is_verbatim("Runs  on the “edge”", fold('It runs on the "edge" of town.'))
        True
    """
    folded = fold(quote)
    spaceless = any(unicodedata.east_asian_width(c) == "W" for c in folded)
    long_enough = len(folded) >= _MIN_CHARACTERS if spaceless else len(folded.split()) >= _MIN_WORDS
    return long_enough and folded in folded_source


def fold(text: str) -> str:
    """Fold what a copyist may change without changing a word: Unicode form, case, white space, quotation marks."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES).split())
