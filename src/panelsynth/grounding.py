"""An answer held against its source: which quotes stand in the tool's data word for word."""

from __future__ import annotations

import re
import unicodedata

from .tool import Tool
from .verdict import Answer, Evidence, Flag

_MIN_WORDS, _MIN_CHARACTERS = 3, 8
_QUOTES = str.maketrans(
    {**dict.fromkeys("“”„«»‟", '"'), **dict.fromkeys("‘’‚‛`´", "'"), **dict.fromkeys("‐‑‒–—―−", "-")}
)
# Thai, Lao, Myanmar, Khmer, kana, Han, Hangul: a quote of two words or none may be a whole sentence there.
_SPACELESS = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
)
_BEGIN = r"(?:(?<!\w)|(?=\W))(?<!\bnot )(?<!\bno )(?<!\bnever )(?<!\bwithout )(?<!\bcannot )(?<!n't )"

_END = r"(?:(?!\w)|(?<=\W))"


def ground(answer: Answer, tool: Tool) -> tuple[tuple[Evidence, ...], tuple[Flag, ...]]:
    """Mark each quote as verbatim or not; a quote that is not gets a loud flag, and the review stays as it is."""
    source = fold(tool.data)
    evidence = tuple(Evidence(quote=quote, verbatim=is_verbatim(quote, source)) for quote in answer.evidence)
    flags = tuple(
        Flag(
            kind="quote-not-verbatim",
            severity="loud",
            text="Not found word for word in the tool's data, or too short to look up: mend or remove it.",
            span=item.quote,
        )
        for item in evidence
        if not item.verbatim
    )
    return evidence, flags


def is_verbatim(quote: str, folded_source: str) -> bool:
    """Tell whether a quote of at least 3 words (8 characters in scripts without spaces) stands in a folded source.

    It stands there in whole words, and not right behind a negation that it leaves out.

    Example:
        >>> is_verbatim("Runs  on the “edge”", fold('It runs on the "edge" of town.'))
        True
    """
    folded = fold(quote)
    if _SPACELESS.search(folded):
        return len(folded) >= _MIN_CHARACTERS and folded in folded_source
    if len(folded.split()) < _MIN_WORDS:
        return False
    return re.search(_BEGIN + re.escape(folded) + _END, folded_source) is not None


def fold(text: str) -> str:
    """Fold what a copyist may change without changing a word: Unicode form, case, white space, quotes, dashes."""
    # Quotes first and last: NFKC takes an acute accent apart, and makes a dash of a small one.
    folded = unicodedata.normalize("NFKC", text.translate(_QUOTES)).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).translate(_QUOTES).split())
