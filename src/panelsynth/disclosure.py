"""Disclosure: who wrote a page, who has read it, and what was counted, in words and as a mark for machines.

The wording stands in the tables of this module and nowhere else: change it here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from .verdict import Source

Status = Literal["draft", "approved", "retired"]
"""Whether a person has approved a page, or taken an approved one out of use."""

_WRITTEN: dict[frozenset[str], str] = {
    frozenset(): "No reviewer has answered",
    frozenset({"model"}): "Written by AI reviewer roles from the vendor's description",
    frozenset({"hand"}): (
        "An example, written by hand for this project in the voice of the reviewer roles, from the vendor's "
        "description: no model wrote it"
    ),
    frozenset({"person"}): "Written by this site's editors, in reviewer roles, from the vendor's description",
    frozenset({"model", "hand"}): (
        "Written from the vendor's description, in part by AI reviewer roles and in part by hand in their voice, as an "
        "example"
    ),
    frozenset({"model", "person"}): (
        "Written from the vendor's description, in part by AI reviewer roles and in part by this site's editors"
    ),
    frozenset({"hand", "person"}): (
        "Written from the vendor's description by this site's editors, in part by hand as an example: no model wrote it"
    ),
    frozenset({"model", "hand", "person"}): (
        "Written from the vendor's description, in part by AI reviewer roles, in part by this site's editors, and in "
        "part by hand as an example"
    ),
}
"""Who wrote the texts, by what has a part in them."""

_READ: dict[tuple[Status, bool], str] = {
    ("draft", False): "",
    ("draft", True): "An editor has changed some of the words.",
    ("approved", False): "Read and approved by an editor.",
    ("approved", True): "Read, edited and approved by an editor.",
    ("retired", False): "No longer kept up.",
    ("retired", True): "No longer kept up.",
}
"""Who has read them, by the page's state and whether words were edited."""

_COUNTED = "Percentages are counted from the verdicts shown."
_NOBODY = "nobody tested these tools."

_MARKS: dict[tuple[bool, bool], str] = {
    (True, False): "trainedAlgorithmicMedia",
    (True, True): "compositeWithTrainedAlgorithmicMedia",
    (False, False): "digitalCreation",
    (False, True): "digitalCreation",
}
"""IPTC's code for how a text came to be, by whether a model wrote in it and whether a person did."""

_WHO = {"live": "model", "batch": "model", "authored": "hand", "person": "person"}


@dataclass(frozen=True)
class Disclosure:
    """What a page says of its own making."""

    text: str
    """Sentences for readers."""
    mark: str
    """A code of IPTC's digital source types, for machines."""


def disclose(sources: Collection[Source], status: Status = "draft", *, edited: bool = False) -> Disclosure:
    """Say who wrote a page and who has read it.

    Args:
        sources: where its verdicts were born.
        status: the page's state.
        edited: whether an editor has changed a model's words.

    Example:
        >>> disclose({"live"}, "approved").text.partition(". ")[2]
        'Read and approved by an editor. Percentages are counted from the verdicts shown.'
    """
    who = frozenset(_WHO[source] for source in sources)
    written = f"{_WRITTEN[who]}, and {_NOBODY}" if "hand" in who or not who else f"{_WRITTEN[who]}; {_NOBODY}"
    sentences = [written, _READ[status, edited], _COUNTED if who else ""]
    by_person = edited or bool(who - {"model"})
    return Disclosure(" ".join(filter(None, sentences)), _MARKS["model" in who, by_person])
