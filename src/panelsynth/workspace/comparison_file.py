"""ComparisonFile: `comparisons/<slug>.md`, which tools stand on a page and under which addresses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..documents import Document, read_document
from ..documents.values import Line, Slug, Text


class ComparisonFile(BaseModel):
    """A page to be: front matter names its tools, the body is the editor's intro."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, str_strip_whitespace=True)

    slug: Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
    """The page's name in addresses; the file's stem when the file gives none."""
    tools: Annotated[tuple[Slug, ...], Field(max_length=50)]
    """Ids of its tools, in the order shown."""
    title: Line | None = None
    """Its title; the tools' names joined by "vs" when absent."""
    aliases: tuple[Annotated[str, Field(max_length=200, pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")], ...] = ()
    """Further addresses that lead to this page."""
    intro: Text | None = None
    """The body: the editor's own words above the cards."""

    @model_validator(mode="after")
    def _two_tools_or_more_each_once(self) -> Self:
        if len(self.tools) < 2:
            message = f"a page needs two tools or more, and 'tools' names {len(self.tools)}"
            raise ValueError(message)
        if twice := next((name for name in self.tools if self.tools.count(name) > 1), None):
            message = f"the tool {twice!r} stands there twice; take one out"
            raise ValueError(message)
        return self

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a comparison file.

        Raises:
            DocumentError: its contents are wrong; the message names line and key.
        """
        document = read_document(path)
        if "intro" in document.data:
            raise document.error("is the text below the front matter", "intro", remedy="Move it there.")
        data = {"slug": path.stem, **document.data, "intro": document.body.strip() or None}
        return Document(document.source, data, {**document.lines, ("intro",): document.body_line}).validate(cls)
