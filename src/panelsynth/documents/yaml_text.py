"""YAML as a Document: every scalar is text; aliases, anchors, tags, duplicate keys and depth are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

import yaml

from ..errors import DocumentError
from .document import MAX_DEPTH, Document, Tree, dotted, too_deep
from .faults import Keys

_LOADER = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
_NULLS = {"", "~", "null", "Null", "NULL"}
# YAML takes U+0085, U+2028 and U+2029 for line ends, editors do not: a pasted one breaks a text where nobody sees it.
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_QUOTE = "Put quotes around a text that holds ': ' or ' #', or begins with one of * & ! @ % ` [ {; indent with spaces."

_WORDS = {
    "mapping values are not allowed in this context": "a ': ' inside a text, or a key at the wrong indent",
    "did not find expected alphabetic or numeric character": "a text begins with * or &",
    "found character that cannot start any token": "a text begins with a character that YAML keeps for itself",
    "could not find expected ':'": "a line without 'key: ', or one that should be indented",
    "did not find expected key": "a key was expected here",
    "found a tab character that violates indentation": "indented with a tab",
    "found unexpected end of stream": "a quotation mark is not closed",
}
"""libyaml's commonest complaints, in words of people who do not know its grammar."""


def parse_yaml(text: str, source: str, first_line: int = 1) -> Document:
    """Parse one YAML document that holds keys and values; `first_line` is the line of the file on which it begins."""
    if found := _INVISIBLE.search(text):
        line = first_line + text.count("\n", 0, found.start())
        before = text[: found.start()].rpartition("\n")[2][-20:]
        message = f"holds the invisible character U+{ord(found[0]):04X} after {before!r}"
        raise DocumentError(message, source=source, line=line, remedy="Take it out, or type that line again.")
    builder = _Builder(text, source, first_line)
    data = builder.build()
    if not isinstance(data, dict):
        what = "a list" if isinstance(data, list) else "a single text" if data else "nothing"
        remedy = "Write 'name: ...' and so on; 'panelsynth schema tool' and 'panelsynth schema persona' list the keys."
        message = f"should hold lines of 'key: value', found {what}"
        raise DocumentError(message, source=source, line=first_line, remedy=remedy)
    return Document(source, data, builder.lines)


class _Builder:
    """Build plain data from YAML's events, one pass, noting the line of every key."""

    def __init__(self, text: str, source: str, first_line: int) -> None:
        self.source = source
        self.first_line = first_line
        self.lines: dict[Keys, int] = {}
        events = yaml.parse(text, Loader=_LOADER)
        skipped = yaml.StreamStartEvent | yaml.DocumentEndEvent
        self.events: Iterator[yaml.Event] = (event for event in events if not isinstance(event, skipped))

    def build(self) -> Tree:
        try:
            if isinstance(next(self.events), yaml.StreamEndEvent):
                return None
            tree = self.node(next(self.events), ())
            after = next(self.events)
        except yaml.YAMLError as exc:
            mark = getattr(exc, "problem_mark", None)
            line = self.first_line + mark.line if mark else None
            problem = getattr(exc, "problem", None) or "unreadable"
            message = f"not valid YAML: {_WORDS.get(problem, problem)}"
            raise DocumentError(message, source=self.source, line=line, remedy=_QUOTE) from exc
        if not isinstance(after, yaml.StreamEndEvent):
            raise self.fault("a second document begins", after, "Put each tool in a file of its own, or use JSONL.")
        return tree

    def fault(self, message: str, event: yaml.Event, remedy: str, keys: Keys = ()) -> DocumentError:
        return DocumentError(message, source=self.source, line=self.line(event), key=dotted(keys), remedy=remedy)

    def line(self, event: yaml.Event) -> int:
        return self.first_line + (event.start_mark.line if event.start_mark else 0)

    def node(self, event: yaml.Event, keys: Keys) -> Tree:
        self.lines.setdefault(keys, self.line(event))
        self.plain(event, keys)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Tree] = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(inner, (*keys, len(items))))
            return items
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(keys)
        scalar = cast("yaml.ScalarEvent", event)
        # A plain scalar's style is None from PyYAML's own parser and '' from libyaml.
        return None if not scalar.style and scalar.value in _NULLS else scalar.value

    def plain(self, event: yaml.Event, keys: Keys) -> None:
        """Refuse what stands for something else, or is nested too deep."""
        if isinstance(event, yaml.AliasEvent):
            remedy = "Write the value out; put quotes around a text that begins with *."
            raise self.fault("an alias (*name) is not allowed here", event, remedy, keys)
        if getattr(event, "anchor", None) is not None:
            remedy = "Take it out; put quotes around a text that begins with &."
            raise self.fault("an anchor (&name) is not allowed here", event, remedy, keys)
        if getattr(event, "tag", None) is not None:
            remedy = "Take it out: every value is read as text; put quotes around a text that begins with !."
            raise self.fault("a tag (!name) is not allowed here", event, remedy, keys)
        if len(keys) > MAX_DEPTH:
            raise too_deep(self.source, line=self.line(event), keys=keys)

    def mapping(self, keys: Keys) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.fault("a key should be a plain word", event, "Write 'key: value'.", keys)
            self.plain(event, keys)
            path = (*keys, event.value)
            if event.value in found:
                remedy = f"It stands on line {self.lines[path]} already; keep one of them."
                raise self.fault("this key is given twice", event, remedy, path)
            self.lines[path] = self.line(event)
            found[event.value] = self.node(next(self.events), path)
        return found
