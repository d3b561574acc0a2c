"""`panelsynth status`: each page's state, what it lacks and why, what that would cost, and the next command."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from workspaces import CONFIG, fill, mend, new_workspace, one

from panelsynth.model import Store
from panelsynth.workspace import Workspace
from panelsynth.workspace.states import survey

PANELSYNTH = [sys.executable, "-m", "panelsynth"]


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = new_workspace(tmp_path)
    (tmp_path / "panelsynth.toml").write_text(CONFIG.replace("m-1", "gpt-6.1-terra"), encoding="utf-8")
    return made


@pytest.fixture
def full(ws: Workspace) -> Workspace:
    fill(ws)
    return ws


def status(ws: Workspace, *words: str, **environ: str) -> str:
    ran = subprocess.run(
        [*PANELSYNTH, "status", *words], cwd=ws.root, capture_output=True, text=True, env={**os.environ, **environ}
    , check=False)  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def as_json(ws: Workspace) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(status(ws, "--json"))
    return found


def approve(ws: Workspace, **fields: str) -> None:
    """Freeze the page as approving it does."""
    [page] = survey(Workspace(ws.root)).pages
    given = {"status": "approved", "approved_by": "Mo", "approved_at": "2026-11-25T10:00:00Z", **fields}
    path = ws.published("acme-vs-zenith")
    path.parent.mkdir(exist_ok=True)
    path.write_text(page.draft.model_copy(update=given).to_json(), encoding="utf-8")


def test_a_new_workspace_says_what_is_missing_what_it_costs_and_what_comes_next(ws: Workspace) -> None:
    out = status(ws)
    assert "My site: 1 page, 2 tools, 8 reviews; the model to ask is gpt-6.1-terra" in out
    assert "acme-vs-zenith: draft\n  missing acme/developer, acme/skeptic," in out
    assert "next    panelsynth review --tool acme --tool zenith" in out
    assert re.search(r"To refresh all of it: panelsynth review\n  8 calls: missing, about \$0\.\d{4}\n", out)


def test_states_go_from_draft_over_edited_and_approved_to_update_waiting(ws: Workspace) -> None:
    fill(ws)
    assert as_json(ws)["pages"][0]["state"] == "draft"
    mend(one(ws).path, "score: 70", "score: 71")
    assert as_json(ws)["pages"][0]["state"] == "edited"
    approve(ws)
    page = as_json(ws)["pages"][0]
    assert (page["state"], page["approved_by"], page["next"]) == ("approved", "Mo", "")
    mend(ws.root / "comparisons" / "acme-vs-zenith.md", "Two ways", "Three ways")
    page = as_json(ws)["pages"][0]
    assert (page["state"], page["next"].rpartition("panelsynth ")[2]) == ("update waiting", "approve acme-vs-zenith")
    approve(ws, status="retired")
    assert as_json(ws)["pages"][0]["state"] == "retired"


def test_a_page_with_a_persons_review_counts_as_edited(ws: Workspace) -> None:
    one(ws).path.parent.mkdir(parents=True)
    one(ws).path.write_text("---\ndecision: ship\nscore: 80\n---\nI like it.\n", encoding="utf-8")
    assert as_json(ws)["pages"][0]["state"] == "edited"


def test_a_clean_workspace_says_so_in_a_line(full: Workspace) -> None:
    approve(full)
    assert status(full) == (
        "Nothing to do: 1 page, 2 tools, 8 reviews; every page is approved, every review current.\n"
    )
    assert as_json(full)["clean"] is True


def test_every_cause_is_told_with_its_reviews(full: Workspace) -> None:
    mend(full.root / "tools" / "acme.yaml", "runs offline", "runs online")
    one(full, "zenith", "business").path.unlink()
    one(full, "zenith", "futurist").path.unlink()
    with Store(full.store_path) as store:
        request = one(full, "zenith", "futurist").request
        asyncio.run(store.note_failure(request, "timeout", "no reply within 180 s \x1b[31m"))
    mend(one(full, "zenith").path, "decision: ship", "decision: maybe")
    out = status(full)
    assert "stale   (tool changed) acme/developer, acme/skeptic, acme/futurist, acme/business" in out
    assert "missing zenith/business" in out
    assert "failed  (timeout) zenith/futurist" in out
    assert (
        "broken  reviews/zenith/skeptic.md:2: decision: should be 'ship' or 'skip', found 'maybe'. decision: Ship"
        in out
    )
    assert "next    mend reviews/zenith/skeptic.md" in out
    assert "\x1b" not in out
    data = as_json(full)
    reviews = {review["review"]: (review["state"], review["reason"]) for review in data["reviews"]}
    assert reviews["acme/skeptic"] == ("stale", "tool changed")
    assert reviews["zenith/futurist"][0] == "failed"
    assert reviews["zenith/developer"] == ("current", "")
    assert data["refresh"]["calls"] == 6
    assert data["refresh"]["causes"] == {"stale: tool changed": 4, "failed: timeout": 1, "missing": 1}
    assert 0 < data["refresh"]["usd"] < data["refresh"]["most_usd"]


def test_the_docs_show_the_shape_of_the_json(ws: Workspace) -> None:
    docs = (Path(__file__).parents[1] / "docs" / "workspace.md").read_text(encoding="utf-8")
    shape = docs.split("in this shape:\n\n```\n")[1].split("```")[0]
    data = as_json(ws)
    keys = [*data, *data["pages"][0], *data["reviews"][0], *data["refresh"]]
    assert {*keys} <= {*re.findall(r"\w+", shape)}


def test_a_draft_beside_an_edit_is_named_with_the_way_to_resolve_it(full: Workspace) -> None:
    path = one(full).path
    path.with_name("skeptic.new.md").write_bytes(path.read_bytes())
    assert "beside  reviews/acme/skeptic.new.md: a new draft beside your own words" in status(full)
    assert "next    take what you want from reviews/acme/skeptic.new.md, and remove it" in status(full)


def test_loud_flags_are_open_until_the_page_is_approved(ws: Workspace) -> None:
    fill(ws)
    mend(one(ws).path, "- A linter for prose that", "- It won a prize in 2025")
    assert "flag    acme/skeptic: It won a prize in 2025 (quote-not-verbatim)" in status(ws)
    assert (
        "next    mend what is flagged, then: panelsynth approve acme-vs-zenith (or let it stand: --waive KIND"
        in status(ws)
    )
    approve(ws)
    assert as_json(ws)["pages"][0]["flags"] == []


def test_tools_on_no_page_and_approved_pages_without_a_file_are_told(full: Workspace) -> None:
    approve(full)
    (full.root / "tools" / "third.yaml").write_text("name: Third\ndescription: Another one.\n", encoding="utf-8")
    (full.root / "comparisons" / "acme-vs-zenith.md").rename(full.root / "comparisons" / "other.md")
    out = status(full)
    assert "Tools on no page\n  missing third/developer" in out
    assert "published/acme-vs-zenith.json is approved, and comparisons/acme-vs-zenith.md is gone" in out


def test_what_the_store_holds_is_no_call(full: Workspace) -> None:
    from panelsynth import Reply
    from panelsynth.testing import ScriptedModel

    review = one(full)
    review.path.unlink()
    text = asyncio.run(ScriptedModel("ship").ask(review.request)).text
    with Store(full.store_path) as store:
        asyncio.run(store.keep(review.request, Reply(text, "m-1", "2026-11-25T10:00:00Z")))
    assert (as_json(full)["refresh"]["calls"], as_json(full)["refresh"]["from_store"]) == (0, 1)
    assert "0 calls: 1 from the store, no charge" in status(full)


def test_status_works_in_any_folder_of_the_workspace_and_nowhere_else(full: Workspace, tmp_path: Path) -> None:
    ran = subprocess.run([*PANELSYNTH, "status"], cwd=full.root / "tools", capture_output=True, text=True, check=True)
    assert "acme-vs-zenith: draft" in ran.stdout or "acme-vs-zenith: edited" in ran.stdout
    ran = subprocess.run([*PANELSYNTH, "status"], cwd="/", capture_output=True, text=True, check=False)
    assert (ran.returncode, "is in no workspace" in ran.stderr) == (2, True)


def test_nothing_stands_beyond_the_edge_of_a_narrow_terminal(ws: Workspace) -> None:
    seen, terminal = pty.openpty()
    subprocess.run(
        [*PANELSYNTH, "status"], cwd=ws.root, stdout=terminal, check=True, env={**os.environ, "COLUMNS": "40"}
    )
    os.close(terminal)
    out = b""
    while True:
        try:
            part = os.read(seen, 65_536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        out += part
    os.close(seen)
    lines = out.decode().replace("\r\n", "\n").split("\n")
    assert "acme-vs-zenith: draft" in lines
    assert max(map(len, lines)) <= 40


def test_a_store_that_cannot_be_opened_does_not_hinder_a_status(full: Workspace) -> None:
    full.store_path.mkdir(parents=True)
    assert "acme-vs-zenith: draft" in status(full)
