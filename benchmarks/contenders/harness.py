"""What every contender shares: the same prompts, the same answer types, the same count of CPU time.

Run as `python contenders/NAME.py HOST PROMPTS REVIEWS IN_FLIGHT`; prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, create_model

WARM_UP = 16
LATENCY = 50
"""Milliseconds."""


def answer_type(fields: list[str]) -> type[BaseModel]:
    """Write the answer as its documentation would have it: a plain model."""
    kinds: dict[str, Any] = dict.fromkeys(fields, (str, ...))
    kinds |= {"evidence": (list[str], ...), "decision": (Literal["ship", "skip"], ...), "score": (int, ...)}
    return create_model("Answer", **kinds)


def run(begin: Callable[[str, str], Awaitable[Callable[[type[BaseModel], str, str], Awaitable[Any]]]]) -> None:
    """Ask for all reviews, so many at once, and print what they cost, and whether a wrong answer is refused.

    Args:
        begin: makes the client for an address and a model, and returns a call: type, system and user message to answer.
    """
    host, prompts, count, in_flight = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    kinds, pairs = json.loads(prompts.read_text(encoding="utf-8"))
    types = {name: answer_type(fields) for name, fields in kinds.items()}

    async def refuses(persona: str, system: str, user: str) -> bool:
        ask = await begin(f"{host}/wrong/v1", "bench")
        try:
            await ask(types[persona], system, user)
        except Exception:  # noqa: BLE001 - each has a name of its own for it
            return True
        return False

    async def main() -> dict[str, float]:
        ask = await begin(f"{host}/{LATENCY}/v1", "bench")
        places = asyncio.Semaphore(in_flight)

        async def one(persona: str, system: str, user: str) -> None:
            async with places:
                answer = await ask(types[persona], system, user)
            assert answer.decision in {"ship", "skip"}, answer

        await asyncio.gather(*(one(*pair) for pair in pairs[:WARM_UP]))
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(one(*pair) for pair in pairs[WARM_UP : WARM_UP + count]))
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        return {"ms": 1000 * cpu / count, "wall": wall, "refuses": await refuses(*pairs[0])}

    print(json.dumps(asyncio.run(main())))
