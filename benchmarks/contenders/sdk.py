"""The SDK alone: `chat.completions.parse`, as documented."""

from __future__ import annotations

from typing import Any

from harness import run
from openai import AsyncOpenAI


async def begin(address: str, model: str) -> Any:
    client = AsyncOpenAI(base_url=address, api_key="none")

    async def ask(kind: Any, system: str, user: str) -> Any:
        messages: Any = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        done = await client.chat.completions.parse(model=model, messages=messages, response_format=kind)
        return done.choices[0].message.parsed

    return ask


if __name__ == "__main__":
    run(begin)
