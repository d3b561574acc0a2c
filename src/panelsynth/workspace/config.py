"""Config: `panelsynth.toml`, a workspace's settings, in which no key has a place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ..documents import Document, Tree, read_document
from ..documents.values import Address, Line, Text
from ..errors import DocumentError
from ..request import Rung

CONFIG_NAME = "panelsynth.toml"

_FROZEN = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, str_strip_whitespace=True)
_KEY_WORDS = re.compile(r"(?:^|[_-])(?:api[_-]?)?(?:key|token|secret|password)$", re.IGNORECASE)
_KEY_LOOKS = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf|ghp|github_pat|glpat)[-_][A-Za-z0-9_-]{12,}|\bAIza[\w-]{20,}|\bBearer [\w.-]{12,}"
    r"|://[^/\s]*@|[?&](?:api[_-]?)?(?:key|token|secret|password)=",
    re.IGNORECASE,
)
"""What servers' keys look like, and addresses that carry a password or a key."""
_VARIABLE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_STYLE_VALUE = re.compile(r"(?:[\w #%.,()+*/-]|'[\w ,.-]*'|\"[\w ,.-]*\"){1,200}")
_STYLE_FUNCTIONS = {
    *("rgb", "rgba", "hsl", "hsla", "hwb", "lab", "lch", "oklab", "oklch", "color", "color-mix", "light-dark"),
    *("calc", "min", "max", "clamp", "var"),
}
"""CSS functions that compute; others, such as url() and image-set(), fetch."""


class ModelSection(BaseModel):
    """`[model]`: whom `panelsynth review` asks."""

    model_config = _FROZEN

    name: Line
    """The model's name, pinned, so that an upgrade of panelsynth asks nobody else."""
    base_url: Address | None = None
    """The address of an OpenAI-compatible server; OpenAI's own when absent."""
    samples: Annotated[int, Field(ge=1, le=99)] | None = None
    """Answers of each reviewer, of which the majority is its one vote; one when absent."""
    in_flight: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Calls at once."""
    rpm: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Calls that may begin in a minute."""
    deadline: Annotated[float, Field(ge=1, le=86_400)] | None = None
    """Seconds that one call may take."""
    rung: Rung | None = None
    """How firmly the answer's shape is asked for."""


class SiteSection(BaseModel):
    """`[site]`: what readers should know of the site."""

    model_config = _FROZEN

    name: Line
    """The site's name."""
    url: Address | None = None
    """The address under which `public/` is served: canonical links, feeds and the sitemap need it."""
    publisher: Line | None = None
    """Who answers for the texts; the site's name when absent."""
    description: Text | None = None
    """What the site is, in a sentence, above the index."""
    language: Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")] = "en"
    """The language of the page's own words."""
    max_comparisons: Annotated[int, Field(ge=1)] = 200
    """How many comparisons a build may publish: search engines take pages by the thousand for scaled content."""


class ThemeSection(BaseModel):
    """`[theme]`: how pages look."""

    model_config = _FROZEN

    templates: Line | None = None
    """A folder whose templates stand in for ours of the same name."""
    variables: dict[str, Line] = {}
    """CSS variables to set otherwise, by name without dashes, such as `paper = "#fff"`."""


class SignupSection(BaseModel):
    """`[signup]`: a block that invites readers to sign up; without this section there is none."""

    model_config = _FROZEN

    title: Line
    """Its heading."""
    text: Text
    """What readers sign up for."""
    action: Address
    """Where its form posts to: your newsletter's address. panelsynth sends nothing itself."""
    field: Annotated[str, Field(pattern=r"^[A-Za-z][\w-]{0,39}$")] = "email"
    """The name under which the reader's address is posted."""


class Config(BaseModel):
    """The settings of a workspace."""

    model_config = _FROZEN

    model: ModelSection
    site: SiteSection
    theme: ThemeSection = ThemeSection()
    signup: SignupSection | None = None

    @classmethod
    def from_file(cls, path: Path) -> Config:
        """Read `panelsynth.toml`.

        Raises:
            DocumentError: its contents are wrong, or it holds a key: keys belong into the environment.
        """
        document = read_document(path)
        for keys, value in _leaves(document.data):
            _refuse_key(document, keys, value)
        made = document.validate(cls)
        for name, value in made.theme.variables.items():
            _check_variable(document, name, value)
        return made


def _leaves(data: Tree, keys: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], str]]:
    if isinstance(data, dict):
        return [leaf for name, value in data.items() for leaf in _leaves(value, (*keys, name))]
    if isinstance(data, list):
        return [leaf for at, value in enumerate(data) for leaf in _leaves(value, (*keys, at))]
    return [] if data is None else [(keys, data)]


def _refuse_key(document: Document, keys: tuple[str | int, ...], value: str) -> None:
    named = isinstance(keys[-1], str) and _KEY_WORDS.search(keys[-1])
    if named or _KEY_LOOKS.search(value):
        remedy = (
            "Take it out, and withdraw it if the file was shared; export OPENAI_API_KEY, or use --key-env, --key-file."
        )
        raise document.error("a key has no place in this file", *keys, remedy=remedy)


def _is_style(value: str) -> bool:
    """Tell whether a value stays a value wherever it stands: it ends nothing, hides nothing and fetches nothing."""
    functions = {name.lower() for name in re.findall(r"([\w-]*)\(", value) if name}
    paired = value.count("(") == value.count(")")
    hides = re.search(r"//|/\*|\*/", value)
    return bool(_STYLE_VALUE.fullmatch(value)) and functions <= _STYLE_FUNCTIONS and paired and not hides


def _check_variable(document: Document, name: str, value: str) -> None:
    fault: DocumentError | None = None
    if not _VARIABLE.fullmatch(name):
        fault = document.error(
            "is no CSS variable", "theme", "variables", name, remedy="Lower-case letters, digits and hyphens."
        )
    elif not _is_style(value):
        remedy = "A colour, a length or a list of fonts: no braces, semicolons or addresses."
        fault = document.error(f"{value[:60]!r} cannot stand in a style", "theme", "variables", name, remedy=remedy)
    if fault:
        raise fault
