"""Markdown: the page with YAML front matter, every foreign text inert in CommonMark, GFM, MDX and Liquid."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from markupsafe import Markup

from .front_matter import front_matter
from .plain import line, mapped
from .setting import Setting
from .templating import environment

_STEERING = re.compile(
    r"""
      (?P<slash> [\\`*_{}\[\]#|~$]      # marks that count anywhere
        | ^[-+=:!]                      # lists, rules, underlined headings, admonitions
        | ^\d{1,9}[.)]                  # numbered lists
        | :(?=[\w+-]+:)                 # names of emoji
        | :/(?=/) | \bwww\. )           # addresses that would become links by themselves
    | (?P<entity> [<>] | &(?=\#?[0-9A-Za-z]+;)
        | (?<=\{)%                      # Liquid tags, which know no backslash
        | ^[ie](?=(?:mport|xport)\b) )  # MDX modules
    | (?P<mail> (?<=[\w.+-])@(?=[\w-]) )  # addresses of mail, with mailto: and xmpp: or without
    """,
    re.VERBOSE,
)
_TYPOGRAPHY = re.compile(r"""["']|(?<=-)-|(?<=\.)\.""")


def render(view: dict[str, object], setting: Setting) -> str:
    """Write the view as Markdown that static-site generators take."""
    return write(view, fields(view), templates=setting.templates)


def write(
    view: dict[str, object],
    front: Mapping[str, object],
    *,
    templates: Path | None = None,
    change: Callable[[str], str] | None = None,
) -> str:
    """Write the view below front matter of one's own.

    Args:
        view: the page as plain data.
        front: the fields of its front matter, unescaped; a template finds them as `fields`, and dumped as `front`.
        templates: a folder whose templates stand in for ours.
        change: how a text is made inert; `escape` when None.
    """
    # Escaped for Markdown, the strings are marked so that they are not escaped again for HTML.
    inert = mapped(view, lambda text: Markup((change or escape)(text)), keep=("href", "say"))  # noqa: S704
    dumped = Markup(front_matter(front))  # noqa: S704 - YAML, quoted by its own writer
    page = environment(templates).get_template("page.md.j2")
    return page.render(cast("dict[str, object]", inert), front=dumped, fields=front)


def escape(text: str) -> str:
    r"""Make a text one line that every Markdown reader shows as it is: no mark-up, HTML, template or link comes of it.

    Example:
        >>> escape("# 1 <b> & [x](javascript:y) {{ z }}")
        '\\# 1 &lt;b&gt; & \\[x\\](javascript:y) \\{\\{ z \\}\\}'
    """
    return _STEERING.sub(_inert, line(text))


def escape_typography(text: str) -> str:
    r"""Make a text inert as `escape` does, and keep its quotes, dashes and dots where a reader would set them prettier.

    Hugo does so by default: `--flag` would lose a hyphen, and a command its straight quotes.

    Example:
        >>> escape_typography("say '--flag'...")
        "say \\'-\\-flag\\'.\\.\\."
    """
    return _TYPOGRAPHY.sub(r"\\\g<0>", escape(text))


def fields(view: dict[str, object]) -> dict[str, object]:
    """Give what the front matter says of a page, in the order in which people read it."""
    tools = cast("list[dict[str, object]]", view["tools"])
    return {
        "title": view["title"],
        "slug": view["slug"],
        "status": view["status"],
        "draft": view["draft"],
        **({"date": view["date"]} if view["date"] else {}),
        "tools": [tool["id"] for tool in tools],
        "percent": {str(tool["id"]): tool["share"] for tool in tools},
        "disclosure": view["disclosure"],
    }


def _inert(found: re.Match[str]) -> str:
    sign = found[0]
    if found["mail"]:
        return "@&#8288;"  # GFM links these last, when entities are read: only a word joiner keeps them apart
    if found["slash"]:
        return f"{sign[:-1]}\\{sign[-1]}"
    return html.escape(sign) if sign in "<>&" else f"&#{ord(sign)};"
