"""Setting: what surrounds a page and is no part of its comparison: site, addresses, theme, sign-up block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from ..errors import InputError

_ACTION = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:[/?][!-~]*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Signup:
    """An invitation to sign up, as a plain form that posts to an address of the site's own."""

    title: str
    text: str
    action: str
    """Where the form posts to: the only address that a page lets its form reach."""
    field: str = "email"
    """The name under which the address is posted."""

    def __post_init__(self) -> None:
        """Refuse an action that is no plain web address: its host stands in the page's policy."""
        if not _ACTION.fullmatch(self.action):
            remedy = "Write it whole, such as https://newsletter.example.org/subscribe."
            raise InputError(f"{self.action[:80]!r} is no address that a sign-up form may post to", remedy=remedy)


@dataclass(frozen=True)
class Setting:
    """What surrounds a page; without any, the page stands on its own.

    Example:
        >>> Setting(url="https://example.org/", path="compare/a-vs-b.html").canonical
        'https://example.org/compare/a-vs-b.html'
    """

    site: str = ""
    """The site's name; empty for a page on its own."""
    publisher: str = ""
    """Who answers for the site; the site's name when empty."""
    url: str = ""
    """The site's address, with a slash at its end; without it a page has no canonical link."""
    path: str = ""
    """The page's own place below the site's root, such as `compare/a-vs-b.html`."""
    on_site: bool = False
    """Whether the pages of tools, reviewers and the index stand beside this one, so that it may link to them."""
    language: str = "en"
    """The language of the page's own words, a BCP 47 tag."""
    variables: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """CSS variables to set otherwise than `page.css` does, by name without dashes, such as `paper`."""
    templates: Path | None = None
    """A folder whose templates stand in for ours of the same name."""
    signup: Signup | None = None
    """The sign-up block; none is shown when None."""
    heading: int = 2
    """The level of a fragment's first heading, 1 to 3: `2` makes it an `h2`. A whole page begins with an `h1`."""

    def __post_init__(self) -> None:
        """Refuse a level that leaves no room for those below it."""
        if not 1 <= self.heading <= 3:
            remedy = "A fragment's headings go three levels further down, and HTML has six."
            raise InputError(f"a heading of level {self.heading}: should be 1, 2 or 3", remedy=remedy)

    @property
    def canonical(self) -> str:
        """The page's address, or nothing where the site's is not known."""
        return f"{self.url}{'' if self.path == 'index.html' else self.path}" if self.url and self.path else ""

    @property
    def root(self) -> str:
        """The way from the page to the site's root, such as `../`; empty at the root."""
        return "../" * self.path.count("/")
