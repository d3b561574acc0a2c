"""Setting: what surrounds a page and is no part of its comparison: site, addresses, theme, sign-up block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True)
class Signup:
    """An invitation to sign up, as a plain form that posts to an address of the site's own."""

    title: str
    text: str
    action: str
    """Where the form posts to: the only address that a page lets its form reach."""
    field: str = "email"
    """The name under which the address is posted."""


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

    @property
    def canonical(self) -> str:
        """The page's address, or nothing where the site's is not known."""
        return f"{self.url}{'' if self.path == 'index.html' else self.path}" if self.url and self.path else ""

    @property
    def root(self) -> str:
        """The way from the page to the site's root, such as `../`; empty at the root."""
        return "../" * self.path.count("/")
