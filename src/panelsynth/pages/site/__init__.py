"""The site around the comparisons: index, pages of tools and reviewers, feeds, digest."""

from .value import Site, SitePage

__all__ = ["Site", "SitePage"]
