"""Language: a page's words, numbers and days in one language, read from its locale file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from .documents import Document, read_document
from .errors import InputError
from .plurals import CATEGORIES, category_of, fault_of

_FOLDER = Path(__file__).parent / "locales"
_CODE = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$"
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MARKED = re.compile(r"[<>&\"`*_{}\[\]#|~$\\\n]")
"""What means something in HTML or Markdown: without it a word is the same in every format."""

_DAY_PARTS = {"year", "month", "day", "m", "d", "name"}
_NAMED = re.compile(r"\{([a-z]+)\}")

Forms = Mapping[str, str]
"""One text in its plural forms."""


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    language: Annotated[str, Field(pattern=_CODE)]
    name: str
    direction: Literal["ltr", "rtl"]
    digits: Annotated[str, Field(min_length=10, max_length=10)]
    decimal: Annotated[str, Field(min_length=1, max_length=1)]
    group: Annotated[str, Field(max_length=1)]
    months: Annotated[tuple[str, ...], Field(min_length=12, max_length=12)]
    numbers: tuple[str, ...] = ()
    plurals: dict[str, str] = {}
    words: dict[str, str | dict[str, str] | None]


@dataclass(frozen=True, eq=False)
class Language:
    """How pages speak in one language."""

    code: str
    """A BCP 47 tag, such as `ar`."""
    name: str
    """Its English name, by which a model is asked for it."""
    direction: Literal["ltr", "rtl"]
    digits: str
    decimal: str
    group: str
    months: tuple[str, ...]
    numbers: tuple[str, ...]
    """Numbers as they are written in sentences, from none upwards; those beyond are written as digits."""
    plurals: Forms
    """CLDR's rule for each plural form but `other`."""
    words: Mapping[str, Forms]
    """Every text by its key, in its plural forms; most have `other` alone."""

    def say(self, key: str, /, n: int | None = None, **values: object) -> str:
        """Write one text of the page.

        Args:
            key: which text.
            n: the number that chooses among plural forms; `{n}` shows it.
            values: what the names in braces stand for; numbers are written as the language writes them.

        Example:
            >>> language_of("en").say("share_of", percent="75%", part=3, whole=4)
            '75% (3 of 4)'
        """
        forms = self.words[key]
        text = forms["other"] if n is None or len(forms) == 1 else self._form(forms, n)
        if "{" not in text:
            return text
        # One pass: a name in braces within a value is nobody's.
        return _NAMED.sub(lambda found: self._shown(n if found[1] == "n" else values[found[1]]), text)

    def number(self, value: Decimal | float) -> str:
        """Write a number with the language's digits and decimal sign."""
        text = f"{value:f}" if isinstance(value, Decimal) else f"{value:g}" if isinstance(value, float) else str(value)
        return self._written(text)

    def grouped(self, value: int) -> str:
        """Write a number with its thousands apart."""
        return self._written(f"{value:,}")

    def percent(self, value: int | None) -> str:
        """Write a percent; a dash where there is none."""
        return self.say("none") if value is None else self.say("percent", n=value)

    def range(self, low: int, high: int) -> str:
        """Write a range of percents."""
        return self.say("range", low=low, high=high)

    def counted(self, value: int) -> str:
        """Write a number inside a sentence: in letters where the language has them for it."""
        return self.numbers[value] if value < len(self.numbers) else self.number(value)

    def listed(self, parts: Sequence[str]) -> str:
        """Join texts as people do: `a`, `a and b`, `a, b and c`."""
        if len(parts) < 2:
            return "".join(parts)
        return self.say("and", first=self.words["comma"]["other"].join(parts[:-1]), last=parts[-1])

    def day(self, written: object) -> str:
        """Write a day that is given as `2026-11-03`; anything else stays as it is."""
        found = _DAY.fullmatch(str(written))
        if not found or not 1 <= int(found[2]) <= 12:
            return str(written)
        year, month, day = found.groups()
        parts = {"year": year, "month": month, "day": day, "m": int(month), "d": int(day)}
        digits: dict[str, object] = {name: self._written(str(part)) for name, part in parts.items()}
        return self.say("day", None, name=self.months[int(month) - 1], **digits)

    def stopped(self, text: str) -> str:
        """Put a text on one line that ends as a sentence does."""
        line = " ".join(text.split()).rstrip(" :：")
        return line if line.endswith((".", "!", "?", "…", "。", "！", "？", "؟")) else line + self.say("stop")

    def _form(self, forms: Forms, n: int) -> str:
        return forms.get(category_of(n, self.plurals), forms["other"])

    def _shown(self, value: object) -> str:
        return self.number(value) if isinstance(value, int | float | Decimal) else str(value)

    def _written(self, text: str) -> str:
        return text.translate(self._signs)

    @cached_property
    def _signs(self) -> dict[int, str]:
        digits = {str(at): sign for at, sign in enumerate(self.digits)}
        return str.maketrans(digits | {".": self.decimal, ",": self.group})


_ADDED: dict[str, Language] = {}


def language_of(code: str) -> Language:
    """Find a language by its code; a region without a file of its own takes its language's.

    Raises:
        InputError: there is no locale file for it.

    Example:
        >>> language_of("ar-EG").direction
        'rtl'
    """
    for name in (code, code.partition("-")[0]):
        if name in _ADDED:
            return _ADDED[name]
        if name in _shipped():
            return _read(_FOLDER / f"{name}.yaml")
    known = ", ".join(sorted({*_shipped(), *_ADDED}))
    remedy = (
        f"There are {known}; for another, translate a copy of locales/en.yaml and hand it to"
        " panelsynth.language.add_language(path)."
    )
    raise InputError(f"there are no page words in the language {code[:40]!r}", remedy=remedy)


def add_language(path: str | Path) -> Language:
    """Read a locale file of one's own; from now on its language is known in this process by its code.

    Raises:
        InputError: the file cannot be read.
        DocumentError: a key is missing or unknown, a text lacks one of its names in braces or holds mark-up, or its
            plural rules are not CLDR's.
    """
    made = read_locale(path)
    _ADDED[made.code] = made
    return made


def read_locale(path: str | Path) -> Language:
    """Read and check a locale file, and leave it at that; see `add_language` for what it raises."""
    document = read_document(Path(path))
    file = document.validate(_File)
    for category, rule in file.plurals.items():
        if fault := fault_of(category, rule):
            raise document.error(fault, "plurals", category, remedy=f"Write CLDR's: one of {', '.join(CATEGORIES)}.")
    held = {key: MappingProxyType({"other": text} if isinstance(text, str) else dict(text or {"other": ""}))
            for key, text in file.words.items()}  # fmt: skip
    model = held if file.language == "en" else _read(_FOLDER / "en.yaml").words
    _check(document, held, model, {*file.plurals, "other"})
    given = file.model_dump(exclude={"language", "words", "plurals"})
    return Language(code=file.language, plurals=MappingProxyType(file.plurals), words=MappingProxyType(held), **given)


def _check(document: Document, held: Mapping[str, Forms], model: Mapping[str, Forms], categories: set[str]) -> None:
    """Hold a file's texts against the English ones."""
    if strange := next((key for key in held if key not in model), None):
        raise document.error("is no key of a locale file", "words", strange, remedy="Take it out: en.yaml lists them.")
    if lacking := [key for key in model if key not in held]:
        more = f" ({len(lacking) - 1} more are missing)" if len(lacking) > 1 else ""
        remedy = f"Add it as in en.yaml, in your language{more}."
        raise document.error("is missing", "words", lacking[0], remedy=remedy)
    for key, forms in held.items():
        wanted = _names(model[key])
        allowed = categories if len(model[key]) > 1 else {"other"}
        if set(forms) - allowed or "other" not in forms:
            remedy = f"Its forms are {', '.join(sorted(allowed))}; 'other' is always needed."
            raise document.error("has other plural forms than it may", "words", key, remedy=remedy)
        names = _names(forms)
        if key == "day":  # a language chooses how it writes one: it needs the year, the rest as it likes
            wanted, names = {"year"}, {"year"} if "year" in names and names <= _DAY_PARTS else names
        if names != wanted or _names({"other": forms["other"]}) - (_DAY_PARTS if key == "day" else wanted):
            remedy = f"Write each of these once: {', '.join(f'{{{name}}}' for name in sorted(wanted)) or 'none'}."
            raise document.error("has other names in braces than the English text", "words", key, remedy=remedy)
        if any(_MARKED.search(_NAMED.sub("", text)) for text in forms.values()):
            remedy = "Take signs of HTML and Markdown out, and straight double quotes: use “ and ”."
            raise document.error("holds mark-up", "words", key, remedy=remedy)


def _names(forms: Forms) -> set[str]:
    return {name for text in forms.values() for name in _NAMED.findall(text)}


@lru_cache(maxsize=1)
def _shipped() -> frozenset[str]:
    return frozenset(path.stem for path in _FOLDER.glob("*.yaml"))


_read = lru_cache(maxsize=None)(read_locale)
