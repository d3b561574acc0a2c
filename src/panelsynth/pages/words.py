"""Words: a language's texts as templates take them, in every format as they stand."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from ..language import Language


@lru_cache(maxsize=16)
def words(language: Language) -> dict[str, Markup]:
    """Give every text of a language by its key, marked as safe: a locale file may hold no mark-up.

    Those with names in braces are filled in by `format`, which escapes what it is handed.
    """
    return {key: Markup(forms["other"]) for key, forms in language.words.items()}  # noqa: S704 - checked when read
