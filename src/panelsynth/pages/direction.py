"""Direction: foreign words kept apart from the page's own, so that words from right to left reorder nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markupsafe import Markup, escape


def isolate(text: str, names: Sequence[str]) -> Markup:
    """Escape a sentence and wrap the tools' names in it.

    Example:
        >>> isolate("A & B ships.", ["A & B"])
        Markup('<bdi>A &amp; B</bdi> ships.')
    """
    longest_first = sorted({*names} - {""}, key=lambda name: (-len(name), name))
    parts = re.split(f"({'|'.join(map(_whole, longest_first))})", text)
    # With one group, `re.split` puts what matched at the odd places.
    return Markup().join(named(part) if at % 2 else part for at, part in enumerate(parts))


def _whole(name: str) -> str:
    """Match a name that is no part of a longer word; Arabic and Japanese put their words right beside a Latin one."""
    before, after = ("[A-Za-z0-9_]" if edge.isascii() else r"\w" for edge in (name[0], name[-1]))
    return rf"(?<!{before}){re.escape(name)}(?!{after})"


def foreign(language: str) -> Markup:
    """Write the attributes of an element that holds a tool's own words.

    Example:
        >>> foreign("ar"), foreign("")
        (Markup(' dir="auto" lang="ar"'), Markup(' dir="auto"'))
    """
    return Markup(f' dir="auto"{_tongue(language)}')  # noqa: S704 - escaped


def named(name: str, language: str = "") -> Markup:
    """Write a tool's name within the page's own words.

    Example:
        >>> named("<A>")
        Markup('<bdi>&lt;A&gt;</bdi>')
    """
    return Markup(f"<bdi{_tongue(language)}>{escape(name)}</bdi>")  # noqa: S704 - escaped


def dated(date: str, shown: str) -> Markup:
    """Write a day so that machines can read it, too.

    Example:
        >>> dated("2026-11-23", "23 Nov")
        Markup('<time datetime="2026-11-23">23 Nov</time>')
    """
    return Markup('<time datetime="{}">{}</time>').format(date, shown)


def _tongue(language: str) -> str:
    return f' lang="{escape(language)}"' if language else ""
