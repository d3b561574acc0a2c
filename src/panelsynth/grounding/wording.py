"""Wording: what no reviewer may claim of itself, and phrases and lengths that its brief rules out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from .quoting import SPACELESS

SHORTEST, LONGEST = 80, 220
"""Words of a review, some way around the 100 to 180 that are asked for."""
SHORTEST_SPACELESS, LONGEST_SPACELESS = 160, 500
"""The same in characters, for scripts without spaces."""

_DONE = (
    r"tried|used|tested|ran|run|installed|benchmarked|measured|deployed|evaluated|integrated|played with|built with"
    r"|put it through|spent|worked with|set up|timed|compared|clicked|migrated"
)
_ADVERB = r"(?:(?:personally|already|actually|also|just|recently|then|have|'ve|both|each|even|briefly|first) )*"
_EXPERIENCE = re.compile(
    rf"""
      \b(?=[iwmoabhfj])(?:  # what an alternative begins with: most words are passed over at once
      (?:I|we)\ ?(?:'ve\ |\ have\ |\ had\ |\ )?{_ADVERB}(?:{_DONE})\b(?!\ (?:to|into|out|across|short)\b)
    | (?:I|we)(?:'ve|\ have)\ been\ (?:using|running|testing|trying|evaluating|deploying)\b
    | (?:my|our)\ (?:team|company|shop|office|firm|department|colleagues)\ (?:has\ |have\ |already\ )*
        (?:uses?|used|runs?|ran|tried|tested|adopted|deployed|relies|rely)\b
    | (?:in|after|with|over)\ (?:my\ |the\ |more\ than\ |over\ |nearly\ )*(?:\w+\ )?(?:years|decades)
        \ (?:of|in|as|at)[ ]
        [^.;]{{0,60}}(?:\bI\b|\bwe\b|practice|trade|field|industry)
    | (?:when|after|before|while|once)\ (?:I|we)\ (?:{_DONE})\b
    | (?:after|having|from)\ (?:{_ADVERB})(?:using|testing|trying|running|tried|tested|used|installing|installed)\b
    | in\ (?:my|our)\ (?:own\ )?(?:tests?|testing|experience|benchmarks?|trials?|hands|use|usage|setup|runs?
        |evaluation
        |environment|lab|deployment|workflow|team)\b
    | (?:my|our)\ (?:own\ )?(?:tests?|testing|benchmarks?|trials?|measurements?|experiments?|hands-on)\b(?!\ suite)
    | hands[- ]on\ (?:test|use|experience|with\ it|time|review)
    | (?:as|being)\ (?:an?|someone|somebody)\ [^.;]{{0,60}}\b(?:\d+|ten|twenty|fifteen|many)\+?\ years\b
    | I\ (?:have|'ve\ got|bring)\ [^.;]{{0,30}}\byears\ of\b | in\ my\ (?:\w+\ )?(?:years|career|job|company)\b
    | as\ a\ (?:certified|senior|former|long-time|longtime)\b
    | he\ (?:probado|usado|utilizado)\b | j'ai\ (?:test|utilis|essay)\w+ | ich\ habe\ [^.;]{{0,60}}\b(?:getestet
        |ausprobiert|benutzt|verwendet)\b
    )
    | 使ってみ(?:た|まし|ると|て) | 試してみ?(?:た|まし|ると|ました) | 試しました | 実際に(?:使|試|触|導入)
        | 検証しました
    | 我(?:们)?(?:试用|测试|使用|用)(?:了|过) | 亲自(?:试|测|用) | 직접\ ?(?:써|사용|테스트)
    | (?:جربت|جرّبت|جربنا|اختبرت|اختبرنا|استخدمت|استخدمنا)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:\b(?:not|never|nobody|no one|cannot|can't|haven't|hasn't|didn't|would|could|if|until|unless|should|will|might|"
    r"without|ideally|once|before|says?|writes?|claims?|states?|reports?)\b|n't)[^.;!?]{0,40}\Z",
    re.IGNORECASE,
)
_ALIKE = {
    " ": r"\s+",
    **dict.fromkeys("'\u2018\u2019\u201b`\u00b4", "['\u2018\u2019\u201b`\u00b4]"),
    **dict.fromkeys('"\u201c\u201d\u201e\u00ab\u00bb', '["\u201c\u201d\u201e\u00ab\u00bb]'),
    **dict.fromkeys("-\u2010\u2011\u2013\u2014", "[-\u2010\u2011\u2013\u2014]"),
}
"""Signs that a writer may use for each other, as patterns."""
_BARE = re.compile(r"\b(?:I|we) (?:have |had )?(?:used) to\b", re.IGNORECASE)


def find_experience(text: str) -> Iterator[str]:
    """Go through the words in which a reviewer claims to have used or tested the tool, or a career of its own.

    Example:
        >>> [*find_experience("I tested it for a week. Nobody has tested the claim. I would have tested it first.")]
        ['I tested']
    """
    plain = text.replace("’", "'").replace("\u00a0", " ")
    for found in _EXPERIENCE.finditer(plain):
        if _BARE.match(plain, found.start()) or _DENIED.search(_clause(plain, found.start())):
            continue
        yield text[found.start() : found.end()].strip()


def find_banned(text: str, banned: Sequence[str]) -> Iterator[str]:
    """Go through a persona's banned phrases as they stand in a text, whatever case, quotes and spaces.

    Example:
        >>> [*find_banned("Only  time will tell.", ["only time will tell", "game changer"])]
        ['Only  time will tell']
    """
    if not _any_of(tuple(banned)).search(text):  # the rule: one search, not one for each phrase
        return
    for phrase in banned:
        if found := _any_of((phrase,)).search(text):
            yield found[0]


@lru_cache(256)
def _any_of(phrases: Sequence[str]) -> re.Pattern[str]:
    """Find phrases as whole words; a script without spaces knows none."""
    patterns = {True: ["(?!)"], False: ["(?!)"]}
    for phrase in phrases:
        signs = "".join(_ALIKE.get(sign, re.escape(sign)) for sign in " ".join(phrase.split()))
        patterns[bool(SPACELESS.search(phrase))].append(signs)
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns[False])})(?!\w)|{'|'.join(patterns[True])}", re.IGNORECASE)


def length_fault(review: str) -> str:
    """Say how a review misses the length that it should have; nothing where it does not.

    Example:
        >>> length_fault("Too short.")
        'has 2 words, and 100 to 180 are asked for'
    """
    spaceless = len(SPACELESS.findall(review))
    if 2 * spaceless > len(re.sub(r"\s", "", review)):
        count = len(re.sub(r"\s", "", review))
        wanted = f"{SHORTEST_SPACELESS} to {LONGEST_SPACELESS}"
        fits = SHORTEST_SPACELESS <= count <= LONGEST_SPACELESS
        return "" if fits else f"has {count} characters, and {wanted} are usual"
    count = len(review.split())
    return "" if SHORTEST <= count <= LONGEST else f"has {count} words, and 100 to 180 are asked for"


def _clause(text: str, at: int) -> str:
    """Give what stands before a place in its own clause."""
    begin = max(text.rfind(mark, 0, at) for mark in ".;!?\n")
    return text[begin + 1 : at]
