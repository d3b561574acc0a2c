"""Disclosure: who wrote a page, who has read it, and what was counted, in words and as a mark for machines.

The wording stands in the locale files, under `written` and `read`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from .language import language_of
from .verdict import Source

Status = Literal["draft", "approved", "retired"]
"""Whether a person has approved a page, or taken an approved one out of use."""

_MARKS: dict[tuple[bool, bool], str] = {
    (True, False): "trainedAlgorithmicMedia",
    (True, True): "compositeWithTrainedAlgorithmicMedia",
    (False, False): "digitalCreation",
    (False, True): "digitalCreation",
}
"""IPTC's code for how a text came to be, by whether a model wrote in it and whether a person did."""

_ORDER = ("hand", "model", "person")
_WHO = {"live": "model", "batch": "model", "authored": "hand", "person": "person"}


@dataclass(frozen=True)
class Disclosure:
    """What a page says of its own making."""

    text: str
    """Sentences for readers."""
    mark: str
    """A code of IPTC's digital source types, for machines."""


def disclose(
    sources: Collection[Source], status: Status = "draft", *, edited: bool = False, language: str = "en"
) -> Disclosure:
    """Say who wrote a page and who has read it.

    Args:
        sources: where its verdicts were born.
        status: the page's state.
        edited: whether an editor has changed a model's words.
        language: the code of the page's language.

    Example:
        >>> disclose({"live"}, "approved").text.partition(". ")[2]
        'Read and approved by an editor. Percentages are counted from the verdicts shown.'
    """
    who = frozenset(_WHO[source] for source in sources)
    say = language_of(language).say
    read = f"read_{'edited_' if edited and status != 'retired' else ''}{status}"
    sentences = [
        say("_".join(["written", *sorted(who, key=_ORDER.index)])),
        "" if read == "read_draft" else say(read),
        say("counted") if who else "",
    ]
    by_person = edited or bool(who - {"model"})
    return Disclosure(" ".join(filter(None, sentences)), _MARKS["model" in who, by_person])
