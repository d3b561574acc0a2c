"""A real server on loopback that speaks Chat Completions and answers by a script, for tests that need a socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@contextmanager
def serving(
    decisions: str | Mapping[str, str] = "ship",
    *,
    model: str = "authored",
    usage: tuple[int, int] | None = None,
    before: Callable[[str], int | None] = lambda _: None,
    quote: str = "a stand-in quote",
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve until the block ends; yield the address and the list of bodies received.

    Args:
        decisions: one decision for all, or decisions by `tool/persona` (`ship` for the rest); an HTTP status fails.
        model: the model that says it has answered.
        usage: tokens in and out that it counts for each call.
        before: called with a request's label before it is answered; a status that it returns is the answer.
        quote: the evidence of every answer.
    """
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            received.append({"headers": dict(self.headers), "body": body})
            label = self.headers["x-panelsynth-label"]
            if status := before(label):
                self.send_error(status)
                return
            review = "/".join(label.split("/")[:2])
            decision = decisions if isinstance(decisions, str) else decisions.get(review, "ship")
            if decision.isdigit():
                self.send_response(int(decision))
                self.send_header("content-length", "0")
                self.end_headers()
                return
            schema = body.get("response_format", {}).get("json_schema", {}).get("schema", {"properties": {}})
            answer: dict[str, object] = {name: f"A stand-in for {name}." for name in schema["properties"]}
            answer |= {"evidence": [quote], "decision": decision, "score": 60}
            message = {"role": "assistant", "content": json.dumps(answer)}
            reply: dict[str, object] = {"created": 1_800_000_000, "model": model, "choices": [{"message": message}]}
            if usage:
                reply["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
            payload = json.dumps(reply).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(payload)))
            self.send_header("set-cookie", "session=not-for-the-recording")
            self.end_headers()
            self.wfile.write(payload)

        def handle(self) -> None:
            with suppress(ConnectionError):  # a client may be killed while it waits
                super().handle()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
