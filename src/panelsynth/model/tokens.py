"""How many tokens texts take: exact where tiktoken's vocabulary is at hand, else an estimate that says so."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

from ..request import Request, canonical

_FRAME = 200
"""Tokens that a server may put around the messages: roles, dates, a line of its own."""

_VOCABULARY = "o200k_base"
_ADDRESS = f"https://openaipublic.blob.core.windows.net/encodings/{_VOCABULARY}.tiktoken"


def count_tokens(texts: list[str]) -> tuple[int, bool]:
    """Count the tokens of texts; the second value tells whether the count is exact.

    tiktoken would fetch its vocabulary at first use, without a timeout: it is asked only when its cache holds the file.
    The estimate is a quarter of the UTF-8 bytes, off by about 20% either way.
    """
    if not _is_cached():
        return sum(-(-len(text.encode()) // 4) for text in texts), False
    import tiktoken

    encoding = tiktoken.get_encoding(_VOCABULARY)
    return sum(len(encoding.encode(text, disallowed_special=())) for text in texts), True


def most_tokens(request: Request) -> int:
    """Bound what a server may count as the input of a request: no tokenizer makes two tokens of one byte."""
    return len(canonical(request.body()).encode()) + _FRAME


def _is_cached() -> bool:
    folder = os.environ.get("TIKTOKEN_CACHE_DIR") or os.environ.get("DATA_GYM_CACHE_DIR")
    name = hashlib.sha1(_ADDRESS.encode(), usedforsecurity=False).hexdigest()  # tiktoken's own naming
    return (Path(folder or Path(tempfile.gettempdir()) / "data-gym-cache") / name).is_file()
