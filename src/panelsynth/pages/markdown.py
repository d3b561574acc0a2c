"""Markdown: the page with YAML front matter, every foreign text inert in CommonMark, GFM, MDX and Liquid."""

from __future__ import annotations

import html
import re
from typing import cast

import yaml
from markupsafe import Markup

from .plain import line, mapped
from .setting import Setting
from .templating import environment

_STEERING = re.compile(
    r"""
      (?P<slash> [\\`*_{}\[\]#|~$]      # marks that count anywhere
        | ^[-+=:!]                      # lists, rules, underlined headings, admonitions
        | ^\d{1,9}[.)]                  # numbered lists
        | :/(?=/) | \bwww\. )           # addresses that would become links by themselves
    | (?P<entity> [<>] | &(?=\#?[0-9A-Za-z]+;)
        | (?<=\{)%                      # Liquid tags, which know no backslash
        | ^[ie](?=(?:mport|xport)\b) )  # MDX modules
    | (?P<mail> (?<=[\w.+-])@(?=[\w-]) )  # addresses of mail, with mailto: and xmpp: or without
    """,
    re.VERBOSE,
)


def render(view: dict[str, object], setting: Setting) -> str:  # noqa: ARG001 - every form is handed it
    """Write the view as Markdown that static-site generators take."""
    # Escaped for Markdown, the strings are marked so that they are not escaped again for HTML.
    inert = mapped(view, lambda text: Markup(escape(text)), keep=("href",))  # noqa: S704
    front = Markup(_front_matter(view))  # noqa: S704 - YAML, quoted by its own writer
    return environment().get_template("page.md.j2").render(cast("dict[str, object]", inert), front=front)


def escape(text: str) -> str:
    r"""Make a text one line that every Markdown reader shows as it is: no mark-up, HTML, template or link comes of it.

    Example:
        >>> escape("# 1 <b> & [x](javascript:y) {{ z }}")
        '\\# 1 &lt;b&gt; & \\[x\\](javascript:y) \\{\\{ z \\}\\}'
    """
    return _STEERING.sub(_inert, line(text))


def _inert(found: re.Match[str]) -> str:
    sign = found[0]
    if found["mail"]:
        return "@&#8288;"  # GFM links these last, when entities are read: only a word joiner keeps them apart
    if found["slash"]:
        return f"{sign[:-1]}\\{sign[-1]}"
    return html.escape(sign) if sign in "<>&" else f"&#{ord(sign)};"


def _front_matter(view: dict[str, object]) -> str:
    tools = cast("list[dict[str, object]]", view["tools"])
    fields = {
        "title": view["title"],
        "slug": view["slug"],
        "status": view["status"],
        "draft": view["draft"],
        **({"date": view["date"]} if view["date"] else {}),
        "tools": [tool["id"] for tool in tools],
        "percent": {str(tool["id"]): tool["share"] for tool in tools},
        "disclosure": view["disclosure"],
    }
    return yaml.safe_dump(fields, allow_unicode=True, sort_keys=False, width=float("inf"))
