"""Addresses: where each page of a site stands, as a path below its root, and as a link to it."""

from __future__ import annotations

from urllib.parse import quote

INDEX = "index.html"
TOOLS = "tools/index.html"
REVIEWERS = "reviewers/index.html"


def comparison_path(slug: str) -> str:
    """Give the path of a comparison, or of a redirect to one."""
    return f"compare/{slug}.html"


def tool_path(tool: str) -> str:
    """Give the path of a tool's page.

    Example:
        >>> tool_path("acme"), tool_path("index")
        ('tools/acme.html', 'tools/index-.html')
    """
    return f"tools/{_beside_index(tool)}.html"


def reviewer_path(reviewer: str) -> str:
    """Give the path of a reviewer's page."""
    return f"reviewers/{_beside_index(reviewer)}.html"


def link(path: str, root: str = "") -> str:
    """Write a path as a link.

    Args:
        path: below the site's root.
        root: the way there, such as `../`, or the site's own address.
    """
    return root + quote(path)


def _beside_index(name: str) -> str:
    """Keep a tool called `index` from taking the list's place; no name ends in a hyphen, so the place is free."""
    return f"{name}-" if name == "index" else name
