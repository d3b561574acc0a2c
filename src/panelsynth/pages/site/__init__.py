"""The site around the comparisons: index, pages of tools and reviewers, feeds, digest."""

from .digest import digest
from .rendering import render_path, render_site
from .value import Site, SitePage

__all__ = ["Site", "SitePage", "digest", "render_path", "render_site"]
