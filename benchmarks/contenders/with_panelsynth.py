"""panelsynth with everything on: prompts built, answers checked, held against their source and stored, panels counted.

The others are handed prompts that are ready; here they are made from tools and personas, which is part of the work.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from contextlib import ExitStack, aclosing
from pathlib import Path

import panelsynth as ps
from panelsynth.model import Store

WARM_UP, LATENCY = 4, 50


def tools(count: int) -> list[ps.Tool]:
    """Make tools of usual length, each with a text of its own."""
    shipped = ps.Tool.from_file(Path(__file__).resolve().parents[2] / "examples" / "tools" / "mistral-3b.yaml")
    return [
        shipped.model_copy(update={"id": f"tool-{n}", "description": f"{shipped.description} Build {n}."})
        for n in range(count)
    ]


async def refuses(host: str) -> bool:
    """Tell whether a decision that the schema does not allow is no vote."""
    async with aclosing(ps.OpenAIModel("bench", base_url=f"{host}/wrong/v1")) as model:
        [panel] = await ps.areview(tools(1), model=model)
    return not panel.verdicts


async def main(host: str, count: int, in_flight: int, *, stored: bool) -> dict[str, float]:
    every = tools(WARM_UP + count // 4)
    async with aclosing(ps.OpenAIModel("bench", base_url=f"{host}/{LATENCY}/v1")) as model:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
            store = stack.enter_context(Store(Path(folder) / "store.sqlite")) if stored else None
            await ps.areview(every[:WARM_UP], model=model, store=store, in_flight=in_flight)
            wall, cpu = time.perf_counter(), time.process_time()
            panels = await ps.areview(every[WARM_UP:], model=model, store=store, in_flight=in_flight)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            assert all(panel.tally.voted == 4 for panel in panels)
    return {"ms": 1000 * cpu / count, "wall": wall, "refuses": await refuses(host)}


if __name__ == "__main__":
    where, _, number, places, *more = sys.argv[1:]
    print(json.dumps(asyncio.run(main(where, int(number), int(places), stored="bare" not in more))))
