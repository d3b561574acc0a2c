"""langchain-openai, as documented."""

from __future__ import annotations

from typing import Any

from harness import run
from langchain_openai import ChatOpenAI


async def begin(address: str, model: str) -> Any:
    chat = ChatOpenAI(model=model, base_url=address, api_key="none")
    shaped: dict[Any, Any] = {}

    async def ask(kind: Any, system: str, user: str) -> Any:
        if kind not in shaped:
            shaped[kind] = chat.with_structured_output(kind)
        return await shaped[kind].ainvoke([("system", system), ("human", user)])

    return ask


if __name__ == "__main__":
    run(begin)
