"""Record the demo again, through the real client and the recording transport.

Without a model's name, a small server on loopback answers with the replies in `examples/authored/`, written by hand for
this project; with one (and a key or base URL in the environment), a live model answers.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import yaml

ROOT = Path(__file__).resolve().parents[1]
WRITTEN_ON = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""The day on which the authored replies were written."""


class AuthoredServer(BaseHTTPRequestHandler):
    """Answer a labelled request with the reply that was written for its tool and persona."""

    def do_POST(self) -> None:
        """Answer one chat completion."""
        self.rfile.read(int(self.headers["content-length"]))
        tool, persona, *_ = self.headers["x-panelsynth-label"].split("/")
        answer = yaml.safe_load((ROOT / "examples" / "authored" / tool / f"{persona}.yaml").read_text(encoding="utf-8"))
        message = {"role": "assistant", "content": json.dumps(answer, indent=2, ensure_ascii=False)}
        reply = {
            "object": "chat.completion",
            "created": int(WRITTEN_ON.timestamp()),
            "model": "authored",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        }
        body = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Stay quiet."""


def record(model: str, recording: Path) -> int:
    """Review the example tools and keep the exchanges; return the exit code."""
    command = [sys.executable, "-m", "panelsynth", "review", "examples/tools", "--no-store", "--record", str(recording)]
    if model != "authored":
        return subprocess.run([*command, "--model", model], cwd=ROOT, check=False).returncode  # noqa: S603
    server = ThreadingHTTPServer(("127.0.0.1", 0), AuthoredServer)
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        return subprocess.run([*command, "--model", model, "--base-url", address], cwd=ROOT, check=False).returncode  # noqa: S603
    finally:
        server.shutdown()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--model", default="authored", help="'authored' for the hand-written replies, else a live model"
    )
    parser.add_argument("--recording", type=Path, default=Path("cassettes/demo.yaml"))
    given = parser.parse_args()
    sys.exit(record(given.model, given.recording))
