"""The example programs, run as their readers would run them."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx2
import pytest
from local_server import serving

from panelsynth import Comparison

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
TOOLS = [f"examples/tools/{name}.yaml" for name in ("mistral-3b", "gpt-5-fine-tuning-api")]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_a_program_has_at_most_ten_lines_of_code_and_a_batch_twenty(path: Path) -> None:
    code = path.read_text(encoding="utf-8").split('"""', 2)[2]
    assert len([line for line in code.splitlines() if line.strip()]) <= (20 if "batch" in path.name else 10)


def test_the_content_teams_program_prints_a_page() -> None:
    with serving({"gpt-5-fine-tuning-api/business": "skip"}) as (url, _):
        ran = subprocess.run(
            [sys.executable, "examples/content_team.py", *TOOLS],
            capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "OPENAI_BASE_URL": url},
        )  # fmt: skip
    assert ran.stdout.startswith("<!doctype html>")
    assert "One vote apart: business." in ran.stderr


def test_the_apps_route_returns_the_contract(monkeypatch: pytest.MonkeyPatch) -> None:
    """A FastAPI route that returns a Comparison sends the numbers too, and its schema says so."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    app = importlib.import_module("fastapi_app").app

    async def post() -> httpx2.Response:
        acme, zenith = ({"id": name, "name": name.title(), "description": "Lints."} for name in ("acme", "zenith"))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://app") as client:
            return await client.post("/comparisons", json={"first": acme, "second": zenith})

    refused = asyncio.run(post())
    assert refused.status_code == 502
    assert "OPENAI_API_KEY" in refused.json()["detail"]

    with serving({"zenith/business": "skip"}) as (url, _):
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        response = asyncio.run(post())
    assert response.status_code == 200
    assert [panel["tally"]["percent"] for panel in response.json()["panels"]] == [100, 75]
    assert Comparison.model_validate(response.json()).model_dump(mode="json") == response.json()
    assert "Tally" in app.openapi()["components"]["schemas"]


def test_the_ci_program_passes_and_fails_with_a_stale_recording(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"]
    ran = subprocess.run(
        [*command, "examples/test_published_page.py"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stdout
    for part in ("examples/tools", "cassettes"):
        (tmp_path / part).mkdir(parents=True)
    for tool in TOOLS:
        text = (ROOT / tool).read_text(encoding="utf-8")
        (tmp_path / tool).write_text(text.replace("open-weight", "closed-weight"), encoding="utf-8")
    (tmp_path / "cassettes/demo.yaml").write_bytes((ROOT / "cassettes/demo.yaml").read_bytes())
    program = EXAMPLES / "test_published_page.py"
    (tmp_path / "test_published_page.py").write_bytes(program.read_bytes())
    stale = subprocess.run(
        [*command, "test_published_page.py"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert stale.returncode == 1
    assert "tool 'mistral-3b' has changed" in stale.stdout


BATCH = b'{"custom_id": "k", "response": {"status_code": 200, "body": {}}, "error": null}\n'


@contextmanager
def batches() -> Iterator[tuple[str, list[str]]]:
    """Serve OpenAI's files and batches until the block ends; a batch is completed at the second look."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            seen.append(f"POST {self.path}")
            if self.path == "/v1/files":
                assert b'name="purpose"\r\n\r\nbatch' in body
                assert b'"custom_id"' in body
                self.reply({"id": "file-in", "object": "file"})
            else:
                wanted = {"input_file_id": "file-in", "endpoint": "/v1/chat/completions", "completion_window": "24h"}
                assert json.loads(body) == wanted
                self.reply({"id": "batch-1", "status": "validating"})

        def do_GET(self) -> None:
            seen.append(f"GET {self.path}")
            if self.path == "/v1/batches/batch-1":
                is_done = seen.count(seen[-1]) > 1
                ids = {"output_file_id": "file-out", "error_file_id": "file-err"} if is_done else {}
                self.reply({"id": "batch-1", "status": "completed" if is_done else "in_progress", **ids})
            else:
                self.reply(BATCH)

        def reply(self, body: object) -> None:
            payload = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", seen
    finally:
        server.shutdown()
        server.server_close()


def test_the_batch_program_sends_waits_and_fetches_and_sends_nothing_twice(tmp_path: Path) -> None:
    (tmp_path / "001-m.jsonl").write_bytes(BATCH)
    command = [sys.executable, "examples/batch_openai.py", str(tmp_path), "0"]
    with batches() as (url, seen):
        for _ in range(2):
            env = {**os.environ, "OPENAI_BASE_URL": url, "OPENAI_API_KEY": "none"}
            ran = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=env)
            assert ran.stdout == "001-m completed \n"
    assert [one for one in seen if one.startswith("POST")] == ["POST /v1/files", "POST /v1/batches"]
    for name in ("file-out", "file-err"):
        assert (tmp_path / f"result-{name}.jsonl").read_bytes() == BATCH
