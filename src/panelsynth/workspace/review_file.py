"""ReviewFile: one reviewer's verdict on one tool as a Markdown file that people edit."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..documents import Document, read_document
from ..documents.values import Line, Text, legible
from ..request import canonical
from ..tally.samples import settle
from ..verdict import Answer, Decision, Edit, Provenance, Verdict
from ..writing import inert_json, write_whole

ORIGINALS = ".originals"
"""The folder, beside the reviews of a tool, that keeps each as the model wrote it."""

_FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Original(BaseModel):
    """What a model had answered: enough to see an edit even where the copy of its words is lost."""

    model_config = _FROZEN

    decision: Decision
    """What the model had decided."""
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of the answer as it was first written."""


class Asked(BaseModel):
    """Digests of what was asked, so that a later change can be named: which of the four it was."""

    model_config = _FROZEN

    model: str
    """Of the model's name."""
    schema_: Annotated[str, Field(alias="schema")]
    """Of the answer's shape, which is made of the rubric's names."""
    persona: str
    """Of the reviewer's instructions."""
    tool: str
    """Of the tool's data."""


class Kept(BaseModel):
    """An editor's word that a verdict stands although what was asked has changed since."""

    model_config = _FROZEN

    key: str
    """The key of the request that would be asked today."""
    reason: Line
    """Why."""
    by: Line
    """Whose word it is."""
    on: Line
    """The day, such as 2026-11-25."""


class ReviewFile(BaseModel):
    """A review file: front matter, and the review as its body. Without provenance, a person wrote it."""

    model_config = _FROZEN

    decision: Decision
    """Ship or skip: the vote that counts."""
    score: Annotated[int, Field(ge=0, le=100)]
    """From 0 to 100; shown, and weighs nothing."""
    rubric: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")], Text] = {}
    """The reviewer's questions, by their names, and what the reviewer answers."""
    evidence: tuple[Text, ...] = ()
    """Quotes from the tool's data, word for word."""
    counter_case: Text = ""
    """The strongest case against the decision."""
    would_change: Text = ""
    """What would change the decision."""
    review: Text
    """The text below the front matter."""
    reason: Line = ""
    """Why an editor changed the decision; readers see it."""
    by: Line = ""
    """Who wrote the file, where no model did; readers see it."""
    flags: tuple[str, ...] = ()
    """What code had to say when the file was written; it is computed again from the words and never read back."""
    provenance: Provenance | None = None
    """Where the words come from; absent in a file that a person has written."""
    samples: tuple[Decision | None, ...] = ()
    """What each of several samples decided, null where one failed; absent for one sample."""
    asked: Asked | None = None
    """Digests of what was asked, which tell what has changed since."""
    original: Original | None = None
    """What the model had answered, by which edits are noticed."""
    kept: tuple[Kept, ...] = ()
    """An editor's word that the verdict stands, once for each change since."""

    @model_validator(mode="after")
    def _tells_where_it_comes_from(self) -> Self:
        """A model's words must stay known as such, and an edit of them as an edit."""
        if self.provenance is None and (self.asked or self.original):
            message = (
                "says what a model was asked or answered, but has no provenance\nPut 'provenance' back; or, if a person"
                " has written all of it, take 'asked' and 'original' out too."
            )
            raise ValueError(message)
        if self.provenance and self.provenance.source == "person":
            message = (
                "provenance is for a model's words\nTake it out: a file without provenance is written by a person,"
                " whom 'by' names."
            )
            raise ValueError(message)
        if self.provenance and not self.original:
            message = (
                f"has provenance, but not what the model answered, so that edits could not be told\nPut 'original' back"
                f" from the copy in {ORIGINALS}/, or take the file away and run: panelsynth review"
            )
            raise ValueError(message)
        if self.samples and settle(self.samples) != (self.original.decision if self.original else self.decision):
            message = (
                "samples do not say by majority what the model decided\nPut them back from the copy in"
                f" {ORIGINALS}/, or take 'samples' out."
            )
            raise ValueError(message)
        return self

    @classmethod
    def of(cls, verdict: Verdict, asked: Asked) -> Self:
        """Turn a fresh verdict into the file that is to be written for it."""
        answer = _answer_of(verdict)
        return cls(
            **answer.model_dump(),
            flags=tuple(f"{flag.kind} ({flag.severity}): {flag.span or flag.text}" for flag in verdict.flags),
            provenance=verdict.provenance,
            samples=verdict.samples,
            asked=asked,
            original=Original(decision=answer.decision, digest=digest(answer)),
        )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a review file.

        Raises:
            DocumentError: its front matter is broken; the message names line and key.
        """
        document = read_document(path)
        if "review" in document.data:
            raise document.error("is the text below the front matter", "review", remedy="Move it there.")
        data = {**document.data, "review": document.body.strip()}
        if not data["review"]:
            raise document.error("no review below the front matter", remedy="Write it there, as plain paragraphs.")
        return Document(document.source, data, {**document.lines, ("review",): document.body_line}).validate(cls)

    @property
    def answer(self) -> Answer:
        """The words that are judged for edits."""
        return Answer(**{name: getattr(self, name) for name in Answer.model_fields})

    @property
    def is_edited(self) -> bool:
        """Whether the words differ from what the model wrote."""
        return self.original is not None and digest(self.answer) != self.original.digest

    @property
    def is_by_hand(self) -> bool:
        """Whether a person wrote it: nobody was asked, so that it never goes stale."""
        return self.provenance is None

    def edit(self, original: Answer | None) -> Edit | None:
        """Say what an editor has changed, as far as the copy of the model's words tells."""
        if not self.is_edited or self.original is None:
            return None
        changed = tuple(_differences(original, self.answer)) if original else ()
        was = self.original.decision
        return Edit(fields=changed, decision_was=was if was != self.decision else None, reason=self.reason)

    def text(self) -> str:
        """Write the file: front matter in the order in which people read, the review as its body."""
        return f"---\n{self.front_matter}---\n\n{self.review.strip()}\n"

    @property
    def front_matter(self) -> str:
        """Everything but the review, as YAML; what is empty is left out."""
        data = self.model_dump(mode="json", by_alias=True, exclude={"review"}, exclude_none=True)
        needed = {"decision", "score"}
        return dump_front({name: value for name, value in data.items() if value or name in needed})

    def write(self, path: Path, *, keep_original: bool = False) -> None:
        """Write the file, and beside it, out of sight, the copy that edits are compared with."""
        text = self.text()
        if keep_original:
            write_whole(path.parent / ORIGINALS / path.name, text)
        write_whole(path, text)


def digest(answer: Answer) -> str:
    """Name an answer by its words; how much white space stands between them, and of what kind, does not count."""
    words = {name: _words(value) for name, value in answer.model_dump().items()}
    return hashlib.sha256(canonical(words).encode(errors="surrogatepass")).hexdigest()


def dump_front(data: dict[str, object]) -> str:
    """Write front matter, each text so that it reads back as it was and shows what it holds."""
    # Marks of direction are invisible as well, so that they stand in double quotes, in which YAML reads JSON's escapes.
    return inert_json(yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100))


class _Dumper(yaml.SafeDumper):
    """Write texts with invisible characters in double quotes, where those are spelt out: our own reader wants that."""


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    plain = text.replace("\n", " ").isprintable()
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if plain else '"')


_Dumper.add_representer(str, _represent)


def _words(value: object) -> object:
    return _each(value, lambda text: " ".join(text.split()))


def _answer_of(verdict: Verdict) -> Answer:
    fields = {name: getattr(verdict, name) for name in Answer.model_fields}
    said = Answer(**{**fields, "evidence": tuple(item.quote for item in verdict.evidence)})
    return Answer.model_validate(_each(said.model_dump(), legible))


def _each(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: _each(inner, change) for name, inner in value.items()}
    return [_each(inner, change) for inner in value] if isinstance(value, list | tuple) else value


def _differences(was: Answer, now: Answer) -> list[str]:
    """Name the fields that differ, the rubric's one by one, in the answer's order."""
    found: list[str] = []
    for name in Answer.model_fields:
        old, new = getattr(was, name), getattr(now, name)
        if name == "rubric":
            keys = dict.fromkeys([*old, *new])
            found += [f"rubric.{key}" for key in keys if _words(old.get(key)) != _words(new.get(key))]
        elif _words(old) != _words(new):
            found.append(name)
    return found
