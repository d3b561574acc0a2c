"""A server on loopback that answers every chat completion alike, after a fixed time: what benchmarks are run against.

`python benchmarks/steady_server.py` prints its port and serves until its input ends. A request names its latency in
its path: `/50/v1/chat/completions` is answered after 50 ms. The answer is the authored reply whose fields are asked
for, with a number in it; below `/wrong/` its decision is one that no schema allows.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from itertools import count
from pathlib import Path

import yaml

AUTHORED = Path(__file__).resolve().parents[1] / "examples" / "authored" / "mistral-3b"
NUMBERS = count()
ANSWERS = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(AUTHORED.glob("*.yaml"))]


def completion(body: bytes, **changed: str) -> bytes:
    """Answer with the reply all of whose fields are named in the request, by a tool call where one is offered."""
    asked = json.loads(body)
    answer = next((a for a in ANSWERS if all(f'"{field}"'.encode() in body for field in a)), ANSWERS[0])
    once = f"{answer['would_change']} Case {next(NUMBERS)}."  # no two answers alike: a cache must not know them
    text = json.dumps(answer | {"would_change": once} | changed)
    message: dict[str, object] = {"role": "assistant", "content": text}
    if tools := asked.get("tools"):
        call = {"name": tools[0]["function"]["name"], "arguments": text}
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": call}],
        }
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if tools else "stop", "logprobs": None}
    usage = {"prompt_tokens": 1_000, "completion_tokens": 500, "total_tokens": 1_500}
    made = {"id": "x", "object": "chat.completion", "created": 1_800_000_000, "model": asked["model"]}
    return json.dumps({**made, "choices": [choice], "usage": usage}).encode()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection, one after the other."""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next(
                (int(x.split(":")[1]) for x in head.splitlines() if x.lower().startswith("content-length")), 0
            )
            place, body = head.split("/")[1], await reader.readexactly(length)
            reply = completion(body, decision="maybe") if place == "wrong" else completion(body)
            await asyncio.sleep(int(place) / 1000 if place.isdigit() else 0)
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(reply) + reply
            )
            await writer.drain()
    writer.close()


async def main() -> None:
    """Serve until standard input ends."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
