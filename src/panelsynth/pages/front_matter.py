"""Front matter: a page's fields as YAML that every reader of YAML, old or new, takes for the same values."""

from __future__ import annotations

from collections.abc import Mapping

import yaml


class _Name(str):
    """A field's name of our own, which needs no quotes."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Quote every text: without quotes `1e3` is a number and `y` a truth to some readers, and a text to others."""


_TEXT = "tag:yaml.org,2002:str"
_Dumper.add_representer(str, lambda dumper, text: dumper.represent_scalar(_TEXT, text, style='"'))
_Dumper.add_representer(_Name, lambda dumper, name: dumper.represent_scalar(_TEXT, name))


def front_matter(fields: Mapping[str, object]) -> str:
    """Write the lines that stand between the fences.

    Example:
        >>> print(front_matter({"title": "yes: no", "draft": True, "tools": ["a", "b"]}), end="")
        title: "yes: no"
        draft: true
        tools:
        - "a"
        - "b"
    """
    named = {_Name(name): value for name, value in fields.items()}
    dumped: str = yaml.dump(named, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=float("inf"))
    return dumped
