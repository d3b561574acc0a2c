"""Site: everything that a site's pages are made of, as values; no folder and no clock is in reach here."""

from __future__ import annotations

from dataclasses import dataclass

from ...comparison import Comparison
from ...persona import Persona
from ..setting import Setting


@dataclass(frozen=True)
class SitePage:
    """One comparison at its address."""

    slug: str
    """Its name in addresses: `compare/<slug>.html`."""
    comparison: Comparison
    """As readers are to see it: the approved version, or the draft where drafts are shown."""
    aliases: tuple[str, ...] = ()
    """Further addresses that lead there."""
    is_behind: bool = False
    """Whether its files have changed since it was approved."""


@dataclass(frozen=True)
class Site:
    """A site: its pages, its reviewers, and what was published before."""

    setting: Setting
    """Name, address, theme and sign-up block; `path` is empty here."""
    pages: tuple[SitePage, ...]
    """In the order in which the index lists them: newest first."""
    personas: tuple[Persona, ...]
    """The reviewers, in the order shown."""
    past: tuple[SitePage, ...] = ()
    """Earlier approved versions, newest first: what tool pages tell as history."""
    description: str = ""
    """What the site is, in a sentence."""
