"""What goes wrong on servers of one's own: a model that is not installed, a prompt that does not fit the context."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

from ..errors import CallError
from ..request import Request
from .endpoint import DEFAULT_MODEL, PRESETS, Endpoint
from .envelope import load, scrub, usage

if TYPE_CHECKING:
    import httpx2
    import openai

MODELS_DEADLINE = 5.0
"""Seconds for the one question which models a server has."""

_OLLAMA_PORT = urlsplit(PRESETS["ollama"]).port
_LEAST = 8
"""Prompt tokens below which a count is none: a server that counts only what its cache lacked says 0, 1 or a few."""


async def installed(client: openai.AsyncOpenAI, key: SecretStr | None) -> list[str]:
    """Ask a server which models it has; empty when it does not say."""
    import httpx2

    try:
        async with asyncio.timeout(MODELS_DEADLINE):  # in all: the client's own is one between two reads
            response = await client.get("/models", cast_to=httpx2.Response, options={"max_retries": 0})
    except Exception:  # noqa: BLE001 - the answer is a hint; the fault that needs it is told without
        return []
    data = load(response)
    rows = data.get("data") if isinstance(data, dict) else None
    names = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return sorted(scrub(name, key)[:100] for name in names if isinstance(name, str))


def remedy(model: str, names: list[str], endpoint: Endpoint) -> str:
    """Say how to come by a model that a local server does not know."""
    known = f"Installed there: {', '.join(names[:20])}." if names else "It names no installed models."
    address = urlsplit(endpoint.base_url)
    if not names and not address.path.endswith("/v1"):
        root = f"{address.scheme}://{address.netloc}"
        return f"Most servers answer under /v1 alone: try --base-url {root}/v1."
    if model == DEFAULT_MODEL:
        return f"{known} Choose one with --model; when left out, OpenAI's {DEFAULT_MODEL} is asked for."
    if address.port == _OLLAMA_PORT:
        return f"{known} To install it: ollama pull {model}"
    return f"{known} Choose one with --model, or load {model} there first; check that --base-url ends in /v1."


class Contexts:
    """What local servers have seen of our prompts; a server that has seen one whole has room for one as long."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def check(self, request: Request, response: httpx2.Response) -> None:
        """Refuse a reply to part of a prompt: the server's own count is below what the prompt must take.

        Every tokenizer splits at blanks, so that a prompt takes at least a token per word; English takes 1.3. Chinese
        and Japanese have few blanks and many tokens: there the bound is low, and the check silent rather than wrong.
        Some versions of servers leave out of their count what their cache held: what was once seen whole is not
        doubted later, and a count of almost nothing is none.

        Raises:
            CallError: `prompt-cut`.
        """
        counted = load(response).get("usage")
        spent = usage(counted)
        details = counted.get("prompt_tokens_details") if isinstance(counted, dict) else None
        cached = details.get("cached_tokens") if isinstance(details, dict) else 0
        tokens = (spent.input if spent else 0) + (cached if type(cached) is int else 0)
        self._seen[request.model] = max(tokens, self._seen.get(request.model, 0))
        least = sum(len(message.content.split()) for message in request.messages) * 3 // 4
        if tokens >= _LEAST and least > self._seen[request.model]:
            message = (
                f"the server read {tokens:,} tokens of a prompt that takes at least {least:,}: raise its context length"
                " (Ollama: num_ctx or OLLAMA_CONTEXT_LENGTH; LM Studio: Context Length; llama.cpp: -c)"
            )
            raise CallError(message, cause="prompt-cut", usage=spent)
