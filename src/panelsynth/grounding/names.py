"""Names: products, makers and standards in a text that its source does not know."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .quoting import fold

_NAME = re.compile(
    r"(?<![\w@/.-])(?:[A-Z][a-z]*(?:[A-Z0-9][\w]*)+|[A-Z]{2,}[\w]*|[A-Z][\w]+)(?:[-.][A-Z0-9]\w*)*"
    r"(?:\s(?:[A-Z][\w.-]*|\d+(?:\.\d+)*[A-Za-z]?\b))*"
)
_COMMON = frozenset(
    # Words that are written with capitals and name no product, maker or standard.
    [
        "i",
        "europe",
        "asia",
        "africa",
        "america",
        "not",
        "no",
        "never",
        "only",
        "all",
        "ai",
        "api",
        "apis",
        "llm",
        "llms",
        "gpu",
        "gpus",
        "cpu",
        "cpus",
        "npu",
        "sdk",
        "sdks",
        "url",
        "urls",
        "ui",
        "ux",
        "ide",
        "ides",
        "cli",
        "ci",
        "cd",
        "it",
        "os",
        "pc",
        "saas",
        "b2b",
        "b2c",
        "ceo",
        "cto",
        "cfo",
        "ciso",
        "roi",
        "kpi",
        "sla",
        "slas",
        "faq",
        "faqs",
        "ok",
        "us",
        "uk",
        "eu",
        "usa",
        "id",
        "ids",
        "ml",
        "nlp",
        "qa",
        "devops",
        "ram",
        "ssd",
        "vram",
        "pdf",
        "pr",
        "prs",
        "vp",
        "arr",
        "tco",
        "dx",
        "mvp",
        "english",
        "french",
        "german",
        "spanish",
        "japanese",
        "chinese",
        "arabic",
        "european",
        "american",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "builder",
        "skeptic",
        "futurist",
        "business",
        "developer",
        "internet",
        "web",
        "q1",
        "q2",
        "q3",
        "q4 not no never only all legal mondays fridays",
    ]
)
_GERMAN = re.compile(r"\b(?:der|die|das|und|ist|nicht|eine?[nmrs]?)\b.*\b(?:der|die|das|und|ist|nicht|eine?[nmrs]?)\b")
_OPENERS = frozenset(".!?;\"'“(")


def find_names(text: str, source: str) -> Iterator[str]:
    """Go through names in a text, each once, that do not stand in a source.

    A capital at the beginning of a sentence makes no name by itself.

    Example:
        >>> [*find_names("Start with rivals: Vale and ProseLint 2 do this. Acme does too.", "Acme reads Markdown.")]
        ['Vale', 'ProseLint 2']
    """
    known = fold(source)
    nouns = bool(_GERMAN.search(text))
    seen: set[str] = set()
    for found in _NAME.finditer(text):
        name = found[0].rstrip(".-")
        folded = fold(name)
        starts = _begins_sentence(text, found.start())
        if starts and not re.search(r"\d|[a-z][A-Z]|[A-Z]{2}|\s", name):
            continue
        if starts and " " in name and not re.search(r"\d|[a-z][A-Z]", name.split()[0]):
            name = name.split(" ", 1)[1]  # `Compared with Vale`: the first word only begins the sentence
            folded = fold(name)
        if nouns and not re.search(r"\d|[a-z][A-Z]|[A-Z]{2}", name):
            continue  # there every noun has a capital
        words = [word.removesuffix("s") if word.endswith("days") else word for word in folded.split()]
        if folded in seen or all(word in _COMMON or _stands(word, known) for word in words) or _stands(folded, known):
            continue
        seen.add(folded)
        yield name


def _begins_sentence(text: str, at: int) -> bool:
    bare = text[:at].rstrip()
    return at == 0 or bare[-1:] in _OPENERS or "\n" in text[len(bare) : at]


def _stands(name: str, known: str) -> bool:
    """Tell whether a name is a whole word of a source, in the plural or the genitive, too."""
    stem = re.sub(r"(?:'s|s')$", "", name)
    at = known.find(stem)
    while at >= 0:
        ends = (at + len(stem) + len(ending) for ending in ("", "s", "'s") if known.startswith(ending, at + len(stem)))
        if not _is_word(known[at - 1 : at]) and not all(_is_word(known[end : end + 1]) for end in ends):
            return True
        at = known.find(stem, at + 1)
    return False


def _is_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"
