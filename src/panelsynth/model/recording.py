"""Recording: exchanges with a model as readable YAML, scrubbed by an allow-list."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError
from yaml.constructor import ConstructorError

from ..documents import read_text
from ..errors import PanelsynthError, RecordingError
from ..request import Rung, canonical
from ..writing import write_whole
from .envelope import plain

LABEL_HEADER, SAMPLE_HEADER = "x-panelsynth-label", "x-panelsynth-sample"
_MAX_BYTES = 200_000_000
_SECRET = re.compile(
    r"\b(?:sk-[A-Za-z0-9_-]{16,}|(?:gsk|hf|xai|pplx)[_-][A-Za-z0-9]{16,}|AIza[A-Za-z0-9_-]{30,}|gh[pousr]_[A-Za-z0-9]{20,}"
    r"|AKIA[A-Z0-9]{16}|Bearer\s+[A-Za-z0-9._~+/-]{16,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,})"
)


class About(BaseModel):
    """What a recording is of."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    source: Literal["live", "authored"]
    """A live model, or replies that were written by hand."""
    recorded_at: str
    """UTC, `2026-11-23T10:00:00Z`."""
    model: str
    """The model asked."""
    tools: dict[str, str | None] = {}
    """Tool id -> its file, relative to the recording; None where there was none."""
    personas: dict[str, str | None] = {}
    """Persona id -> its file likewise; None for a shipped one."""
    template: Annotated[str | None, Field(exclude_if=lambda place: place is None)] = None
    """The review template's file likewise; left out for the shipped one."""
    samples: int = 1
    """Answers per reviewer."""
    local: Annotated[bool, Field(exclude_if=lambda local: not local)] = False
    """Whether a server on this machine answered, whose replies to part of a prompt are refused; left out if not."""
    prompt_version: str = ""
    """Names the instructions of all reviewers together."""
    rung: Rung = "json_schema"
    """How firmly the answer schema was asked for."""


class Exchange(BaseModel):
    """One request and its reply, without headers but our own two and the content type."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    label: Annotated[str, Field(pattern=r"^[a-z0-9/-]*$")]
    """`tool/persona/sample/attempt`."""
    path: str
    """Such as `/chat/completions`."""
    sample: str
    """The value of the sample header."""
    request: JsonValue
    """The body sent."""
    status: Annotated[int, Field(ge=100, le=599)]
    """The reply's HTTP status."""
    reply: JsonValue
    """The reply's JSON, or its text where it was none."""

    @property
    def key(self) -> str:
        """What a request must equal to be answered by this."""
        return exchange_key(self.path, self.request, self.sample)


def exchange_key(path: str, body: JsonValue, sample: str) -> str:
    """Join what names an exchange on the wire: path, sample and body."""
    return f"{path} {sample} {canonical(body)}"


@dataclass
class Recording:
    """A file of exchanges, and what it is of."""

    about: About
    exchanges: list[Exchange] = field(default_factory=list)
    source: str = "recording"
    """The file, for errors."""

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read a recording.

        Raises:
            RecordingError: there is no such file, it is no recording, or two exchanges in it have one label.
        """
        remedy = "Make one with --record FILE."
        try:
            about, exchanges = loads(read_text(Path(path), limit=_MAX_BYTES))
            made = cls(About.model_validate(about), exchanges, str(path))
        except PanelsynthError as exc:
            raise RecordingError(exc.message, remedy=remedy) from exc
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            place = plain(".".join([exc.title.lower(), *map(str, first["loc"])]))
            raise RecordingError(f"{path}: {place}: {first['msg'].lower()}", remedy=remedy) from exc
        except (RecursionError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as exc:
            fault = plain(str(exc), 200) or type(exc).__name__
            raise RecordingError(f"{path}: not a recording: {fault}", remedy=remedy) from exc
        if twice := made.twice():
            raise RecordingError(
                f"{path}: {twice} is recorded twice", remedy="Keep one of the two, or record it again."
            )
        return made

    def write(self, path: Path) -> None:
        """Write the recording, sorted by label.

        Raises:
            RecordingError: an exchange holds what looks like a key, or two have one label.
            OutputError: the file cannot be written.
        """
        if twice := self.twice():
            raise RecordingError(f"not recorded: {twice} was asked twice", remedy="Record each review once.")
        if found := self.secrets():
            remedy = "Take it out of the tool's description or the persona, then record again."
            raise RecordingError(f"not recorded: {found[0]} holds what looks like an API key", remedy=remedy)
        write_whole(path, dumps(self.about.model_dump(), self.exchanges))

    def twice(self) -> str | None:
        """Name a label that two exchanges share: which of them is the review's would hang on their order."""
        counts = Counter(e.label for e in self.exchanges)
        return next((label for label, count in counts.items() if count > 1), None)

    def secrets(self) -> list[str]:
        """Name the exchanges that hold what looks like a key; `about` when it is the head."""
        labelled: list[tuple[str, JsonValue]] = [("about", self.about.model_dump())]
        labelled += [(e.label, [e.request, e.reply]) for e in self.exchanges]
        return [label for label, tree in labelled if any(_SECRET.search(text) for text in _texts(tree))]


def _texts(tree: JsonValue) -> Iterator[str]:
    """Walk all texts of a JSON value, one by one: joined as JSON, the n of an escaped line end would hide a key."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict | list):
        for inner in [*tree, *tree.values()] if isinstance(tree, dict) else tree:
            yield from _texts(inner)


def dumps(about: dict[str, JsonValue], exchanges: Iterable[Exchange]) -> str:
    """Write exchanges as YAML that people can read and diff: sorted by label, long texts as blocks."""
    rows = [
        {
            "label": e.label,
            "request": {"path": e.path, "sample": e.sample, "json": e.request},
            "response": {"status": e.status, ("text" if isinstance(e.reply, str) else "json"): e.reply},
        }
        for e in sorted(exchanges, key=lambda e: (e.label, e.sample))
    ]
    tree = {"about": about, "version": 1, "exchanges": rows}
    return yaml.dump(tree, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def loads(text: str) -> tuple[dict[str, JsonValue], list[Exchange]]:
    """Read what `dumps` writes; any fault in the shape is a ValueError, KeyError, TypeError or YAMLError."""
    tree = yaml.load(text, Loader=cast("type[yaml.SafeLoader]", _Loader))  # noqa: S506 - a safe loader, in C
    if not isinstance(tree, dict) or tree.get("version") != 1:
        message = "it should begin with 'about:' and 'version: 1'"
        if isinstance(tree, dict) and "exchanges" in tree:
            message = f"it is of version {tree.get('version')!r}, and this panelsynth reads version 1"
        raise ValueError(message)
    exchanges = [
        Exchange(
            label=row["label"],
            path=row["request"]["path"],
            sample=row["request"]["sample"],
            request=row["request"]["json"],
            status=row["response"]["status"],
            reply=row["response"]["json"] if "json" in row["response"] else row["response"]["text"],
        )
        for row in tree.get("exchanges") or ()
    ]
    return tree["about"], exchanges


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Load what `dumps` writes: no value stands for another, no key stands twice, and nothing is merged."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> object:  # noqa: FBT001, FBT002 - as PyYAML calls it
        if node in self.constructed_objects or node in self.recursive_objects:
            raise ConstructorError(None, None, "an alias (*name) is not allowed", node.start_mark)
        return super().construct_object(node, deep)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, object]:  # noqa: FBT001, FBT002
        made: dict[str, object] = super().construct_mapping(node, deep)
        if len(made) < len(node.value):
            names = [key.value for key, _ in node.value]
            twice = next((key for key, _ in node.value if names.count(key.value) > 1), node)
            raise ConstructorError(None, None, f"the key {twice.value!r} is given twice", twice.start_mark)
        return made

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge nothing: merges of merges grow without bounds."""


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Dump texts of several lines as blocks, and the same reply twice in full: loading knows no aliases."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)
