"""Comparison: panels side by side; every number in it is counted from their verdicts."""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Protocol, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, computed_field

from .disclosure import Disclosure, Status, disclose
from .errors import InputError
from .language import language_of
from .panel import Panel
from .reading import Reading, read
from .recount import Recounted

if TYPE_CHECKING:
    from .pages import Setting

_SLUG_LENGTH = 120


class Waiver(BaseModel):
    """An editor's word that loud flags of one kind may stand on an approved page."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: str
    """The flags' kind, such as `quote-not-verbatim`."""
    reason: str
    by: str


class Comparison(Recounted):
    """Two or more tools' panels side by side: make one with `compare`, load a saved one with `saving.load_saved`."""

    schema_version: Literal[1] = 1
    """The version of this contract."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    """The language of the page's own words, such as `ja`; the reviewers' words stand as they were written."""
    title: str
    """Such as `Mistral 3B vs GPT-5 Fine-Tuning API`."""
    status: Status = "draft"
    """Whether a person has approved the text, or retired it since."""
    approved_by: str = ""
    """Who approved it; empty for a draft."""
    approved_at: str = ""
    """When, UTC, `2026-11-23T10:00:00Z`; empty for a draft."""
    waivers: tuple[Waiver, ...] = ()
    """Loud flags that were open when it was approved, and why that was right."""
    retired_at: str = ""
    """When it was taken out of use; empty for a page that is kept up."""
    retired_reason: str = ""
    """Why, in the editor's words."""
    intro: str = ""
    """The editor's own words above the cards, paragraphs apart by blank lines; mostly empty."""
    reviewers: tuple[str, ...]
    """Ids of the reviewers, in the order shown."""
    panels: tuple[Panel, ...]
    """One panel per tool, in the order shown."""

    def check(self) -> None:
        """Raise ValueError unless there are two tools or more, each once, and the reviewers are those asked."""
        ids = [panel.tool.id for panel in self.panels]
        if len(ids) < 2:
            message = f"a comparison needs at least two tools, got {len(ids)}"
            raise ValueError(message)
        if twice := next((name for name in ids if ids.count(name) > 1), None):
            message = f"the tool {twice!r} stands in this comparison twice"
            raise ValueError(message)
        asked = {name for panel in self.panels for name in panel.reviewers}
        if sorted(asked) != sorted(self.reviewers):
            message = f"reviewers lists {sorted(self.reviewers)}, but those asked are {sorted(asked)}"
            raise ValueError(message)
        language_of(self.language)

    @computed_field
    @property
    def slug(self) -> str:
        """The page's name in files and addresses: ids in alphabetical order joined by `-vs-`, shortened for many.

        Ids that could not be told from the joined name, such as `a-vs-b`, add a digest.
        """
        ids = sorted(panel.tool.id for panel in self.panels)
        whole = "-vs-".join(ids)
        clear = whole.split("-vs-") == ids
        digest = hashlib.sha256((whole if clear else "/".join(ids)).encode()).hexdigest()[:8]
        if len(ids) == 2 or len(whole) <= _SLUG_LENGTH:
            return whole if clear else f"{whole}-{digest}"
        return f"{ids[0]}-vs-{ids[1]}-and-{len(ids) - 2}-more-{digest}"

    @computed_field
    @property
    def reading(self) -> Reading:
        """What can be said by counting."""
        return read(self.panels, self.reviewers, self.language)

    @computed_field
    @property
    def disclosure(self) -> str:
        """Who wrote this, and what was counted; it stands in every format."""
        return self.disclosed.text

    @property
    def disclosed(self) -> Disclosure:
        """The disclosure, with its mark for machines."""
        verdicts = [verdict for panel in self.panels for verdict in panel.verdicts]
        sources = {verdict.provenance.source for verdict in verdicts}
        edited = any(verdict.edit for verdict in verdicts)
        return disclose(sources, self.status, edited=edited, language=self.language)

    def to_html(self, *, fragment: bool = False, setting: Setting | None = None) -> str:
        """Render a self-contained page: no script, nothing fetched.

        Args:
            fragment: give the article alone, without head, styles and page frame, for an app's own page.
            setting: what surrounds the page: site, links, theme.
        """
        return self._page("fragment" if fragment else "html", setting)

    def to_markdown(self, *, setting: Setting | None = None) -> str:
        """Render Markdown with YAML front matter, for a static-site generator."""
        return self._page("md", setting)

    def to_json(self) -> str:
        """Write the contract of `panelsynth schema comparison`, numbers included."""
        return self._page("json")

    def to_text(self) -> str:
        """Render plain text in the page's order."""
        return self._page("txt")

    def _page(self, form: str, setting: Setting | None = None) -> str:
        # Looked up by name: pages stand on comparisons, and a comparison must not import upstairs.
        pages = cast("_Pages", importlib.import_module(".pages", __package__))
        return pages.render(self, form, setting)


class _Pages(Protocol):
    def render(self, comparison: Comparison, form: str, setting: Setting | None) -> str: ...


def compare(
    first: Panel,
    second: Panel,
    *more: Panel,
    title: str = "",
    reviewers: Sequence[str] = (),
    language: str = "en",
) -> Comparison:
    """Put panels side by side; pure, needs no model.

    Args:
        first: the panel shown first.
        second: the panel shown next.
        more: any number of further panels.
        title: the page's title; the tools' names joined by "vs" when empty (the first two of more than four).
        reviewers: ids in the order to show them; any others follow in the order of the fullest panel.
        language: the code of the page's own words, such as `ja`.

    Raises:
        InputError: a tool stands there twice, or there are no words for the language.

    Example:
        >>> from panelsynth.testing import panel
        >>> page = compare(panel("Mistral 3B", "ship"), panel("GPT-5 Fine-Tuning API", "ship ship ship skip"))
        >>> page.slug, page.reading.split[-1]
        ('gpt-5-fine-tuning-api-vs-mistral-3b', 'One vote apart: business.')
    """
    panels = (first, second, *more)
    language_of(language)
    # A panel with gaps lists them last, out of the order in which its reviewers were asked.
    fullest = sorted(panels, key=lambda p: len(p.missing))
    asked = [name for p in fullest for name in [*(v.reviewer for v in p.verdicts), *(m.reviewer for m in p.missing)]]
    order = dict.fromkeys([name for name in reviewers if name in asked] + asked)
    try:
        return Comparison(
            language=language,
            title=title or _title([panel.tool.name for panel in panels]),
            reviewers=tuple(order),
            panels=panels,
        )
    except ValidationError as exc:
        message = exc.errors()[0]["msg"].removeprefix("Value error, ")
        raise InputError(message, remedy="Name each tool once.") from exc


def _title(names: Sequence[str]) -> str:
    return " vs ".join(names) if len(names) <= 4 else f"{names[0]} vs {names[1]} and {len(names) - 2} more"
