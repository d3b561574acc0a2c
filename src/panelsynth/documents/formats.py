"""YAML, JSON, TOML and front matter as Documents: duplicate keys, aliases, tags and depth are refused."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from typing import NoReturn, cast

import yaml
from pydantic import JsonValue

from ..errors import DocumentError
from .document import Document, Keys, Tree

KINDS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".toml": "toml", ".md": "markdown", ".markdown": "markdown"}
"""The format of a file, by its suffix."""

MAX_DEPTH = 20

_LOADER = cast("type[yaml.SafeLoader]", getattr(yaml, "CSafeLoader", yaml.SafeLoader))
_NULLS = {"", "~", "null", "Null", "NULL"}
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)(.*)", re.DOTALL | re.MULTILINE)
_JSON_ESCAPE = re.compile(r"\\(?:u....|.)")


def parse_document(text: str, *, kind: str, source: str) -> Document:
    """Parse text of one `kind` (`yaml`, `json`, `toml`, `markdown`, or `line`: JSON without places).

    Raises:
        DocumentError: the text is not of that format, or does not hold keys and values.
    """
    parse = {"yaml": _yaml, "json": _json, "line": _line, "toml": _toml, "markdown": _markdown}[kind]
    return parse(text, source)


def sniff(text: str) -> str:
    """Tell the format of text that has no file name: `json`, `jsonl`, `markdown` or `yaml`."""
    start = text.lstrip()
    if start.startswith("{"):
        try:
            json.JSONDecoder().raw_decode(start.split("\n", 1)[0])
        except ValueError:
            return "json"  # its first line alone is no object, so the object goes on
        return "jsonl" if start.strip().count("\n") else "json"
    return "markdown" if _FRONT_MATTER.match(start) else "yaml"


def _yaml(text: str, source: str, first_line: int = 1) -> Document:
    builder = _YamlBuilder(text, source, first_line)
    data = builder.build()
    if not isinstance(data, dict):
        raise DocumentError(
            "should hold lines of 'key: value'",
            source=source,
            line=first_line,
            remedy="Start with 'name: ...'; see 'panelsynth schema tool'.",
        )
    return Document(source, data, builder.lines)


class _YamlBuilder:
    """Build plain data from YAML's events, one pass, noting the line of every key."""

    def __init__(self, text: str, source: str, first_line: int) -> None:
        self.source = source
        self.first_line = first_line
        self.lines: dict[Keys, int] = {}
        self.events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)

    def build(self) -> Tree:
        try:
            events = (e for e in self.events if not isinstance(e, yaml.StreamStartEvent | yaml.DocumentEndEvent))
            self.events = events
            if isinstance(next(events), yaml.StreamEndEvent):
                return None
            tree = self.node(next(events), ())
            after = next(events)
            if not isinstance(after, yaml.StreamEndEvent):
                raise self.fault("a second document begins", after, "Put each tool in a file of its own, or use JSONL.")
        except yaml.YAMLError as exc:
            mark = getattr(exc, "problem_mark", None)
            line = self.first_line + mark.line if mark else None
            problem = getattr(exc, "problem", None) or getattr(exc, "reason", None) or "unreadable"
            remedy = "Quote texts that hold ': ' or ' #', and indent with spaces."
            raise DocumentError(f"not valid YAML: {problem}", source=self.source, line=line, remedy=remedy) from exc
        return tree

    def fault(self, message: str, event: yaml.Event, remedy: str, keys: Keys = ()) -> DocumentError:
        key = str(keys[-1]) if keys else ""
        return DocumentError(message, source=self.source, line=self.line(event), key=key, remedy=remedy)

    def line(self, event: yaml.Event) -> int:
        return self.first_line + (event.start_mark.line if event.start_mark else 0)

    def node(self, event: yaml.Event, keys: Keys) -> Tree:
        self.lines.setdefault(keys, self.line(event))
        if isinstance(event, yaml.AliasEvent):
            raise self.fault("an alias (*name) is not allowed here", event, "Write the value out.")
        if getattr(event, "tag", None) not in {None, "!"}:
            raise self.fault("a tag (!name) is not allowed here", event, "Take it out: every value is read as text.")
        if len(keys) > MAX_DEPTH:
            raise self.fault(f"nested deeper than {MAX_DEPTH} levels", event, "Flatten it.")
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Tree] = []
            while not isinstance(inner := next(self.events), yaml.SequenceEndEvent):
                items.append(self.node(inner, (*keys, len(items))))
            return items
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(keys)
        scalar = cast("yaml.ScalarEvent", event)
        return None if scalar.style is None and scalar.value in _NULLS else scalar.value

    def mapping(self, keys: Keys) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self.fault("a key should be a plain word", event, "Write 'key: value'.")
            path = (*keys, event.value)
            if event.value in found:
                remedy = f"It stands on line {self.lines[path]} already; keep one of them."
                raise self.fault("this key is given twice", event, remedy, path)
            self.lines[path] = self.line(event)
            found[event.value] = self.node(next(self.events), path)
        return found


def _json(text: str, source: str) -> Document:
    document = _line(text, source)
    # Valid JSON is YAML once its escapes and tabs are out of the way, and YAML's parser knows the lines.
    masked = _JSON_ESCAPE.sub(lambda found: "x" * len(found[0]), text).replace("\t", " ")
    builder = _YamlBuilder(masked, source, 1)
    try:
        builder.build()
    except DocumentError:
        return document
    return Document(source, document.data, builder.lines)


def _line(text: str, source: str) -> Document:
    """Parse JSON without places: one line of JSONL, whose source names the line already."""
    return Document(source, _texts(parse_json(text, source=source, numbers=str), source))


def parse_json(text: str, *, source: str, numbers: Callable[[str], object] | None = None) -> dict[str, JsonValue]:
    """Parse one JSON object strictly: no duplicate keys, no NaN, nothing around it.

    Args:
        text: the JSON.
        source: what to name in errors.
        numbers: how to read a number (and NaN, which is refused when None).

    Raises:
        DocumentError: it is anything else.
    """
    many = "\n" in text.strip()
    try:
        data = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=numbers,
            parse_float=numbers,
            parse_constant=numbers or _no_constant,
        )
    except json.JSONDecodeError as exc:
        message = f"not valid JSON: {exc.msg} (column {exc.colno})"
        raise DocumentError(message, source=source, line=exc.lineno if many else None) from exc
    except RecursionError as exc:
        raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", source=source, remedy="Flatten it.") from exc
    except _TwiceError as exc:
        places = [text[: found.start()].count("\n") + 1 for found in re.finditer(rf'"{re.escape(exc.key)}"\s*:', text)]
        line = places[-1] if places and many else None
        remedy = "Keep one of them."
        raise DocumentError("this key is given twice", source=source, line=line, key=exc.key, remedy=remedy) from exc
    except ValueError as exc:  # a number of thousands of digits, or NaN
        raise DocumentError(f"not valid JSON: {exc}", source=source) from exc
    if not isinstance(data, dict):
        raise DocumentError('should hold one object, {"name": ...}', source=source)
    return data


def _no_constant(word: str) -> NoReturn:
    message = f"{word} is no JSON number"
    raise ValueError(message)


class _TwiceError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return found


def _toml(text: str, source: str) -> Document:
    try:
        data = tomllib.loads(text, parse_float=str)
    except tomllib.TOMLDecodeError as exc:
        raise DocumentError(f"not valid TOML: {exc}", source=source, remedy="Put texts in quotes.") from exc
    except RecursionError as exc:
        raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", source=source, remedy="Flatten it.") from exc
    tree = _texts(data, source)
    # tomllib tells no places: a key's line is known where its name begins just one line.
    seen: dict[str, list[int]] = {}
    for number, row in enumerate(text.split("\n"), 1):
        if found := re.match(r"\s*(?:\[+\s*)?(?:[\w-]+\s*\.\s*)*\"?([\w-]+)\"?\s*(?:=|\])", row):
            seen.setdefault(found[1], []).append(number)
    lines = {keys: seen[str(keys[-1])][0] for keys in _paths(tree) if len(seen.get(str(keys[-1]), ())) == 1}
    return Document(source, tree, lines)


def _markdown(text: str, source: str) -> Document:
    found = _FRONT_MATTER.match(text)
    if not found:
        remedy = "Begin the file with '---', lines of 'key: value', and '---' again; the text follows."
        raise DocumentError("no front matter", source=source, line=1, remedy=remedy)
    head = _yaml(found[1], source, first_line=2)
    body_line = text[: found.start(2)].count("\n") + 1
    return Document(source, head.data, head.lines, found[2].strip("\n"), body_line)


def _texts(data: object, source: str) -> dict[str, Tree]:
    """Turn JSON's or TOML's numbers, truths and dates into the text that was meant."""

    def text(value: object, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise DocumentError(f"nested deeper than {MAX_DEPTH} levels", source=source, remedy="Flatten it.")
        if isinstance(value, dict):
            return {str(key): text(inner, depth + 1) for key, inner in value.items()}
        if isinstance(value, list):
            return [text(inner, depth + 1) for inner in value]
        if value is None or isinstance(value, str):
            return value
        return str(value).lower() if isinstance(value, bool) else str(value)

    return cast("dict[str, Tree]", text(data, 0))


def _paths(tree: Tree, keys: Keys = ()) -> Iterator[Keys]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, inner in items:
        yield (*keys, key)
        yield from _paths(inner, (*keys, key))
