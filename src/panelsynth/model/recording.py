"""Recording: exchanges with a model as readable YAML, scrubbed by an allow-list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self, cast

import yaml
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

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
    samples: int = 1
    """Answers per reviewer."""
    prompt_version: str = ""
    """Names the instructions of all reviewers together."""
    rung: Rung = "json_schema"
    """How firmly the answer schema was asked for."""


class Exchange(BaseModel):
    """One request and its reply, without headers but our own two and the content type."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    label: str
    """`tool/persona/sample/attempt`."""
    path: str
    """Such as `/chat/completions`."""
    sample: str
    """The value of the sample header."""
    request: JsonValue
    """The body sent."""
    status: int
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
            RecordingError: there is no such file, or it is no recording.
        """
        remedy = "Make one with --record FILE."
        try:
            about, exchanges = loads(read_text(Path(path), limit=_MAX_BYTES))
            return cls(About.model_validate(about), exchanges, str(path))
        except PanelsynthError as exc:
            raise RecordingError(exc.message, remedy=remedy) from exc
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            place = ".".join([exc.title.lower(), *map(str, first["loc"])])
            raise RecordingError(f"{path}: {place}: {first['msg'].lower()}", remedy=remedy) from exc
        except (RecursionError, ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as exc:
            fault = plain(str(exc), 200) or type(exc).__name__
            raise RecordingError(f"{path}: not a recording: {fault}", remedy=remedy) from exc

    def write(self, path: Path) -> None:
        """Write the recording, sorted by label.

        Raises:
            RecordingError: an exchange holds what looks like a key.
            OutputError: the file cannot be written.
        """
        if found := self.secrets():
            remedy = "Take it out of the tool's description or the persona, then record again."
            raise RecordingError(f"not recorded: {found[0]} holds what looks like an API key", remedy=remedy)
        write_whole(path, dumps(self.about.model_dump(), self.exchanges))

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
    tree = yaml.load(text, Loader=cast("type[yaml.SafeLoader]", _LOADER))  # noqa: S506 - a safe loader, in C
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


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Dump texts of several lines as blocks."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _block)
