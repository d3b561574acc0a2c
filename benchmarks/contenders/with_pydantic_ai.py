"""pydantic-ai, as documented."""

from __future__ import annotations

from typing import Any

from harness import run
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


async def begin(address: str, model: str) -> Any:
    chat = OpenAIChatModel(model, provider=OpenAIProvider(base_url=address, api_key="none"))
    agents: dict[tuple[Any, str], Any] = {}

    async def ask(kind: Any, system: str, user: str) -> Any:
        agent = agents.setdefault((kind, system), None) or Agent(chat, output_type=kind, system_prompt=system)
        agents[kind, system] = agent
        return (await agent.run(user)).output

    return ask


if __name__ == "__main__":
    run(begin)
