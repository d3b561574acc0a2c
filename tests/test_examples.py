"""The three example programs, run as their readers would run them."""

from __future__ import annotations

import asyncio
import importlib
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from local_server import serving

from panelsynth import Comparison

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
TOOLS = [f"examples/tools/{name}.yaml" for name in ("mistral-3b", "gpt-5-fine-tuning-api")]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_a_program_has_at_most_ten_lines_of_code(path: Path) -> None:
    code = path.read_text(encoding="utf-8").split('"""', 2)[2]
    assert len([line for line in code.splitlines() if line.strip()]) <= 10


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
