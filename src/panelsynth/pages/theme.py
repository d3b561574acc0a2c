"""Theme: a site's own CSS variables, checked so that no page becomes hard to read or stops being self-contained."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..errors import InputError

LIGHT = {
    "paper": "#fdfdfb",
    "tint": "#f3f3ee",
    "ink": "#1a1b1d",
    "soft": "#595c62",
    "rule": "#d5d5cd",
    "link": "#0b4f8a",
    "ship": "#0c5c3b",
    "skip": "#99291c",
    "split": "#6b4d00",
}
"""The colours of `page.css` in a light scheme; a test holds the two alike."""
DARK = {
    "paper": "#151618",
    "tint": "#1f2124",
    "ink": "#e8e6e1",
    "soft": "#a9abaf",
    "rule": "#3a3c41",
    "link": "#8cc2f5",
    "ship": "#84d3aa",
    "skip": "#f3a595",
    "split": "#e4c67c",
}
"""The same in a dark scheme."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_VALUE = re.compile(r"[\w #%.,()'\"+*/-]{1,200}", re.ASCII)
_FUNCTION = re.compile(r"([\w-]*)\(")
_FUNCTIONS = {"rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix"}
_FUNCTIONS |= {"light-dark", "clamp", "min", "max", "calc", "var", ""}
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_LEAST = 4.5
"""The least contrast of text that WCAG 2.2 allows at level AA."""


def overrides(variables: Mapping[str, str]) -> str:
    """Write a theme's variables as CSS that comes after ours.

    A colour holds in the light scheme, and with `dark-` before its name in the dark one, so that setting the one cannot
    spoil the other; any other variable holds in both.

    Raises:
        InputError: a name or a value cannot stand in a style, or text would be too faint.

    Example:
        >>> print(overrides({"paper": "#fff", "dark-paper": "#000"}), end="")
        @media screen and (prefers-color-scheme: light) { :root { --paper: #fff; } }
        @media screen and (prefers-color-scheme: dark) { :root { --paper: #000; } }
    """
    for name, value in variables.items():
        _check(name, value)
    light = {name: value for name, value in variables.items() if name in LIGHT}
    dark = {name[5:]: value for name, value in variables.items() if name.startswith("dark-") and name[5:] in DARK}
    both = {
        name: value for name, value in variables.items() if name not in light and name.removeprefix("dark-") not in dark
    }
    _check_contrast("", LIGHT | light)
    _check_contrast("dark-", DARK | dark)
    places = {
        ":root": both,
        "@media screen and (prefers-color-scheme: light) { :root": light,
        "@media screen and (prefers-color-scheme: dark) { :root": dark,
    }
    return "".join(
        f"{place} {{ {' '.join(f'--{name}: {value};' for name, value in held.items())} }}{' }' * place.count('{')}\n"
        for place, held in places.items()
        if held
    )


def _check(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        remedy = "Lower-case letters, digits and hyphens, without the two at its beginning, such as 'paper'."
        raise InputError(f"the theme's variable {name[:60]!r} is no name for one", remedy=remedy)
    strange = {found.lower() for found in _FUNCTION.findall(value)} - _FUNCTIONS
    if not _VALUE.fullmatch(value) or strange or not _closed(value):
        remedy = (
            "A colour, a length or a list of fonts: no braces, semicolons or addresses, every bracket and quote closed."
        )
        raise InputError(f"the theme's variable {name!r}: {value[:60]!r} cannot stand in a style", remedy=remedy)


def _closed(value: str) -> bool:
    """Tell whether brackets and quotes are closed: an open one would swallow what follows."""
    bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", value)
    depth = 0
    for sign in bare:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0 and not re.search(r"[\"']|//|/\*|\*/", bare)


def _check_contrast(scheme: str, colours: Mapping[str, str]) -> None:
    """Refuse text too faint against its ground; a colour that is not written as #rgb or #rrggbb is taken on trust."""
    for text in ("ink", "soft", "link", "ship", "skip", "split"):
        for ground in ("paper", "tint"):
            pair = colours[text], colours[ground]
            if all(map(_HEX.fullmatch, pair)) and (found := _contrast(*pair)) < _LEAST:
                remedy = f"Set '{scheme}{text}' or '{scheme}{ground}' so that it is {_LEAST} at least."
                said = f"{scheme}{text} ({pair[0]}) on {scheme}{ground} ({pair[1]}) has a contrast of {found:.2f}"
                raise InputError(f"the theme's text is too faint: {said}", remedy=remedy)


def _contrast(first: str, second: str) -> float:
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Compute WCAG's relative luminance."""
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> Iterator[float]:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    return (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
