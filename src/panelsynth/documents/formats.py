"""The format of a file or text, by its suffix or its looks; front matter."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from ..errors import DocumentError
from .document import Document
from .json_text import json_document, json_line
from .toml_text import parse_toml
from .yaml_text import parse_yaml

KINDS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml", ".md": "markdown", ".markdown": "markdown"}
"""The format of a file, by its suffix."""

_FRONT_MATTER = re.compile(r"\s*^---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)(.*)", re.DOTALL | re.MULTILINE)
_TOML_BEGINS = re.compile(r"(?:[ \t]*(?:#.*)?\n)*[ \t]*[\w-]+[ \t]*=")


def parse_document(text: str, *, kind: str, source: str) -> Document:
    """Parse text of one `kind` (`yaml`, `json`, `toml`, `markdown`, or `line`: JSON without places).

    Raises:
        DocumentError: the text is not of that format, or does not hold keys and values.
    """
    return _PARSERS[kind](text, source)


def sniff(text: str) -> str:
    """Tell the format of text that has no file name: `json`, `jsonl`, `markdown`, `toml` or `yaml`."""
    start = text.lstrip()
    if start.startswith("{"):
        first, _, rest = start.partition("\n")
        try:
            json.JSONDecoder().raw_decode(first)
        except (ValueError, RecursionError):
            return "json"  # its first line alone is no object, so the object goes on
        return "jsonl" if rest.strip() else "json"
    if start.startswith("["):
        return "json"
    if _FRONT_MATTER.match(text):
        return "markdown"
    return "toml" if _TOML_BEGINS.match(text) else "yaml"


def _markdown(text: str, source: str) -> Document:
    found = _FRONT_MATTER.match(text)
    if not found:
        begun = text.lstrip().startswith("---")
        message = "the front matter has no end" if begun else "no front matter"
        remedy = (
            "Begin the file with '---', lines of 'key: value', and '---' again; the text follows."
            " 'panelsynth schema' and tool, persona, review or comparison-file lists the keys."
        )
        raise DocumentError(message, source=source, line=1, remedy=remedy)
    head = parse_yaml(found[1], source, first_line=text.count("\n", 0, found.start(1)) + 1)
    body = found[2].lstrip("\n")
    body_line = text.count("\n", 0, found.end() - len(body)) + 1
    return Document(source, head.data, head.lines, body.rstrip("\n"), body_line)


_PARSERS: Mapping[str, Callable[[str, str], Document]] = {
    "yaml": parse_yaml,
    "json": json_document,
    "line": json_line,
    "toml": parse_toml,
    "markdown": _markdown,
}
