"""Strict reading of YAML, JSON, TOML and Markdown front matter, with places in every error.

Every scalar is read as text: `NO`, `3.10` and `12:30` stay what was written, and the field that a value belongs to
decides its type. Empty values and `null` are None.
"""

from .document import Document, Keys, Tree, did_you_mean, dotted
from .formats import KINDS, parse_document, parse_json, sniff
from .reading import MAX_BYTES, decode, read_document, read_lines, read_text

__all__ = [
    "KINDS",
    "MAX_BYTES",
    "Document",
    "Keys",
    "Tree",
    "decode",
    "did_you_mean",
    "dotted",
    "parse_document",
    "parse_json",
    "read_document",
    "read_lines",
    "read_text",
    "sniff",
]
