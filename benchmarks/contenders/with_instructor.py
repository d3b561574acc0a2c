"""instructor, as documented."""

from __future__ import annotations

from typing import Any

import instructor
from harness import run
from openai import AsyncOpenAI


async def begin(address: str, model: str) -> Any:
    client = instructor.from_openai(AsyncOpenAI(base_url=address, api_key="none"))

    async def ask(kind: Any, system: str, user: str) -> Any:
        messages: Any = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        return await client.chat.completions.create(model=model, messages=messages, response_model=kind)

    return ask


if __name__ == "__main__":
    run(begin)
