"""Persona: one Markdown file with a brief and rubric questions, from which the answer schema is built."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    WithJsonSchema,
    create_model,
    field_validator,
)

from .documents import Document, did_you_mean, is_folder, list_folder, read_document, read_text
from .documents.values import Line, Slug, Text
from .errors import InputError
from .shipped import prompts_folder
from .template import render_template
from .verdict import Answer, Decision

SHIPPED = ("developer", "skeptic", "futurist", "business")
"""The reviewers asked when none are named, in the order in which they are shown."""

_SUFFIXES = (".md", ".markdown")
_ANSWER_FIELDS = frozenset(Answer.model_fields)


def _rubric_field(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
        message = f"a rubric field is lower-case letters, digits and underscores, such as 'claim_check', not {name!r}"
        raise ValueError(message)
    if name in _ANSWER_FIELDS or hasattr(BaseModel, name) or name.startswith("model_"):
        message = f"the rubric field {name!r} is taken by the answer itself; give it another name"
        raise ValueError(message)
    return name


class Persona(BaseModel):
    """A reviewer role: what it looks for, what it asks, and when it ships or skips."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, str_strip_whitespace=True)

    id: Slug
    """A slug that names the reviewer in files and verdicts; the file's stem when the file gives none."""
    title: Line
    """The role as readers see it, such as `Builder`: never a person's name."""
    motto: Line
    """The role in its own words."""
    excites: Text
    """What it hopes to find."""
    tires: Text
    """What it has read too often."""
    rubric: Annotated[dict[Annotated[str, BeforeValidator(_rubric_field)], Text], Field(min_length=1, max_length=12)]
    """Field name -> question, in the order in which they are answered."""
    ship_when: Text
    """What earns a ship."""
    skip_when: Text
    """What earns a skip."""
    banned: tuple[Line, ...] = ()
    """Phrases that this reviewer does not write."""
    model: Line | None = None
    """A model of its own, by the name that the same endpoint knows it by."""
    brief: Text
    """How it reads a description: the body of the file."""

    @field_validator("title")
    @classmethod
    def _plain_title(cls, title: str) -> str:
        if len(title) > 60:
            message = f"should be a role in a word or two, found {len(title)} characters"
            raise ValueError(message)
        return title

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a persona from a Markdown file with front matter.

        The body is the brief; it may use the persona's own fields, such as `{{ title }}` or `{{ rubric.thesis }}`,
        and nothing of the tool: a tool's text never reaches the system message.

        Raises:
            DocumentError: the file's contents are wrong; the message names line and key.
        """
        path = Path(path)
        document = read_document(path)
        if not document.body.strip():
            raise document.error("no brief below the front matter", remedy="Say there how this reviewer reads a tool.")
        if document.body in read_text(prompts_folder() / "new-persona.md"):
            message = "the brief is still the one that 'personas new' wrote"
            raise document.error(
                message, remedy="Say there how this reviewer reads a tool, and put your own questions."
            )
        if "brief" in document.data:
            raise document.error(
                "given in the front matter", "brief", remedy="Write it as the text below the front matter."
            )
        data = {"id": path.stem, **document.data}
        data["brief"] = render_template(document.body, data, source=document.source, first_line=document.body_line)
        lines = {**document.lines, ("brief",): document.body_line}
        return Document(document.source, data, lines).validate(cls)

    @cached_property
    def answer_type(self) -> type[BaseModel]:
        """The model's answer as a strict pydantic model: evidence, rubric, counter-case, review, then the decision.

        Reasons come before the verdict on purpose. Bounds on texts are checked here and not sent: endpoints differ in
        what they take; the score's bounds are integers, which all take.
        """
        fields = dict.fromkeys(self.rubric, _Short)
        built: type[BaseModel] = create_model(  # type: ignore[call-overload]
            "Answer",
            __config__=ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False),
            evidence=Annotated[list[_Quote], AfterValidator(_one_to_six)],
            **fields,
            counter_case=_Short,
            review=_Long,
            decision=Decision,
            score=_Score,
            would_change=_Short,
        )
        return built

    @cached_property
    def answer_schema(self) -> dict[str, JsonValue]:
        """JSON Schema of the answer, as sent."""
        return self.answer_type.model_json_schema()


def _one_to_six(quotes: list[str]) -> list[str]:
    if not 1 <= len(quotes) <= 6:
        message = f"should hold 1 to 6 quotes, found {len(quotes)}"
        raise ValueError(message)
    return quotes


_STRING = WithJsonSchema({"type": "string"})
_Quote = Annotated[str, Field(min_length=1, max_length=600), _STRING]
_Short = Annotated[str, Field(min_length=1, max_length=1_200), _STRING]
_Long = Annotated[str, Field(min_length=1, max_length=4_000), _STRING]
_Score = Annotated[int, Field(ge=0, le=100)]


PersonaSelection: TypeAlias = "str | Path | Iterable[str | Path | Persona] | None"
"""Ids of shipped personas, `.md` files, folders, Persona objects; None for the shipped four."""


def read_personas(selection: PersonaSelection = None) -> list[Persona]:
    """Read reviewers: the shipped four, or those that `selection` names.

    Args:
        selection: ids of shipped personas, `.md` files, or folders of them; a string may name several, with commas.

    Raises:
        InputError: there is no such persona, or one stands there twice.

    Example:
        >>> [persona.title for persona in read_personas()]
        ['Builder', 'Skeptic', 'Futurist', 'Business']
    """
    return [persona for persona, _ in find_personas(selection)]


def find_personas(selection: PersonaSelection = None) -> list[tuple[Persona, Path | None]]:
    """Read reviewers as `read_personas` does, each with its file; None for one that is shipped or was handed over."""
    if selection is None:
        selection = SHIPPED
    elif isinstance(selection, str | Path):
        selection = [part.strip() for part in str(selection).split(",") if part.strip()]
    found: dict[str, tuple[Persona, Path | None]] = {}
    for item in selection:
        for persona, path in _read(item):
            if persona.id in found:
                place = f"{path}: " if path else ""
                first = found[persona.id][1] or "those named before"
                remedy = f"It is in {first} already, and a reviewer has one vote: take one out."
                raise InputError(f"{place}the persona {persona.id!r} is given twice", remedy=remedy)
            found[persona.id] = persona, path
    if not found:
        raise InputError("no personas", remedy="Name at least one, or leave the option out for the shipped four.")
    return [*found.values()]


def _read(item: str | Path | Persona) -> list[tuple[Persona, Path | None]]:
    if isinstance(item, Persona):
        return [(item, None)]
    folder = prompts_folder() / "personas"
    if str(item) in {file.stem for file in folder.glob("*.md")}:
        return [(Persona.from_file(folder / f"{item}.md"), None)]
    path = Path(item)
    if is_folder(path):
        path = path / "personas" if is_folder(path / "personas") else path
        files = list_folder(path, _SUFFIXES)
        if not files:
            remedy = "'panelsynth personas new NAME' writes one."
            raise InputError(f"{path}: no persona files (*.md) in this folder", remedy=remedy)
        return [(Persona.from_file(file), file) for file in files]
    if path.suffix.lower() in _SUFFIXES:
        return [(Persona.from_file(path), path)]
    remedy = f"{did_you_mean(str(item), SHIPPED)} Your own are named by their file or folder."
    raise InputError(f"no persona {str(item)!r}", remedy=remedy)
