"""Strict reading of YAML, JSON, TOML and Markdown front matter, with places in every error.

Every scalar is read as text: `NO`, `3.10` and `12:30` stay what was written, and the field that a value belongs to
decides its type. Empty values and `null` are None.
"""

from .document import Document, Tree, dotted
from .faults import Keys, did_you_mean
from .formats import KINDS, parse_document, sniff
from .json_text import parse_json
from .reading import MAX_BYTES, decode, is_folder, list_folder, numbered, read_document, read_lines, read_text

__all__ = [
    "KINDS",
    "MAX_BYTES",
    "Document",
    "Keys",
    "Tree",
    "decode",
    "did_you_mean",
    "dotted",
    "is_folder",
    "list_folder",
    "numbered",
    "parse_document",
    "parse_json",
    "read_document",
    "read_lines",
    "read_text",
    "sniff",
]
