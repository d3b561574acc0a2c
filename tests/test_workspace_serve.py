"""Preview: pages as their files stand, on this machine alone, over a real socket."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from workspaces import fill, mend, new_workspace

from panelsynth.errors import InputError
from panelsynth.workspace import Workspace
from panelsynth.workspace.serving import Preview, preview

PAGE = "/compare/acme-vs-zenith.html"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = new_workspace(tmp_path)
    fill(made)
    return made


@pytest.fixture
def server(workspace: Workspace) -> Iterator[Preview]:
    with preview(workspace, 0) as opened:
        thread = threading.Thread(target=opened.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield opened
        opened.shutdown()
        thread.join()


def ask(
    server: Preview, path: str, method: str = "GET", host: str | None = None
) -> tuple[int, str, dict[str, str | None]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    connection.request(method, path, headers={"host": host} if host else {})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, dict(answer.getheaders())


def test_a_draft_is_shown_marked_and_a_reload_shows_an_edit(server: Preview, workspace: Workspace) -> None:
    status, text, _ = ask(server, PAGE)
    assert (status, "Draft, not yet approved" in text, "75%" in text) == (200, True, True)
    mend(workspace.review_path("acme", "futurist"), "decision: skip", "decision: ship")
    assert "100%" in ask(server, PAGE)[1]


def test_it_listens_on_this_machine_alone(server: Preview) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::1]x", "[::1", "evil@127.0.0.1", "127.0.0.1:x"],
)
def test_another_name_for_this_machine_is_refused(server: Preview, host: str) -> None:
    """A page elsewhere may point its own name here, to read what is unpublished."""
    assert ask(server, PAGE, host=host)[0] in {400, 403}
    assert ask(server, PAGE, host="localhost:1")[0] == 200


def test_a_broken_file_is_shown_with_its_place_and_remedy_and_inert(server: Preview, workspace: Workspace) -> None:
    mend(workspace.review_path("acme", "skeptic"), "decision: ship", "decision: <b>maybe</b>")
    status, text, _ = ask(server, PAGE)
    assert status == 500
    assert "skeptic.md:2" in text
    assert "<b>maybe</b>" not in text


def test_what_is_not_there_is_404_and_its_name_inert(server: Preview) -> None:
    status, text, _ = ask(server, "/compare/%3Cscript%3E.html")
    assert (status, "<script>" in text) == (404, False)
    assert ask(server, "/../../panelsynth.toml")[0] == 404
    assert ask(server, "/tools/../../panelsynth.toml")[0] == 404


def test_only_reading_is_allowed(server: Preview) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        status, _, headers = ask(server, PAGE, method=method)
        assert (status, headers["Allow"]) == (405, "GET, HEAD")
    status, text, headers = ask(server, PAGE, method="HEAD")
    assert (status, text) == (200, "")
    assert int(headers["Content-Length"] or 0) > 1_000


def test_nothing_is_kept_by_browsers_and_the_kind_is_said(server: Preview) -> None:
    headers = ask(server, PAGE)[2]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_every_answer_forbids_scripts_frames_and_what_is_elsewhere(server: Preview) -> None:
    for path in (PAGE, "/", "/nothing.html", "/404.html"):
        policy = ask(server, path)[2]["Content-Security-Policy"] or ""
        assert policy.startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy


@pytest.mark.parametrize(
    "line", ["GET http://[ HTTP/1.1", "GET //[ HTTP/1.1", "GET /%00%ff HTTP/1.1", "GET ? HTTP/1.1"]
)
def test_an_address_that_is_none_gets_an_answer(server: Preview, line: str) -> None:
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=20) as connection:
        connection.sendall(f"{line}\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        said = connection.makefile("rb").readline()
    assert said.split()[1] in {b"200", b"400", b"404"}


def test_a_fault_in_a_template_of_the_teams_own_is_shown_and_mended_by_a_reload(
    server: Preview, workspace: Workspace
) -> None:
    folder = workspace.root / "own"
    folder.mkdir()
    config = workspace.root / "panelsynth.toml"
    config.write_text(config.read_text(encoding="utf-8") + '\n[theme]\ntemplates = "own"\n', encoding="utf-8")
    (folder / "page.html.j2").write_text("one\n{{ nothing.there }}\n", encoding="utf-8")
    status, text, _ = ask(server, PAGE)
    assert (status, "own/page.html.j2:2" in text, "undefined" in text) == (500, True, True)
    (folder / "page.html.j2").write_text("mended\n", encoding="utf-8")
    assert ask(server, PAGE)[:2] == (200, "mended\n")
    (folder / "page.html.j2").unlink()
    (folder / "page.css").write_text(":root { --x: 1 }\n", encoding="utf-8")
    assert "--x: 1" in ask(server, PAGE)[1]
    (folder / "page.css").write_text(":root { --x: 2 }\n", encoding="utf-8")
    assert "--x: 2" in ask(server, PAGE)[1]


def test_files_that_stay_are_read_once(server: Preview, workspace: Workspace) -> None:
    before = server.site()
    assert server.site() is before
    mend(workspace.root / "tools" / "acme.yaml", "name: Acme", "name: Apex")
    assert server.site() is not before


@pytest.mark.parametrize(
    "path", ["/", "/tools/acme.html", "/tools/", "/reviewers/skeptic.html", "/compare/zenith-vs-acme.html"]
)
def test_the_pages_around_the_comparisons_are_shown_too(server: Preview, path: str) -> None:
    status, text, headers = ask(server, path)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert text.startswith("<!doctype html>")


def test_a_taken_port_is_said_with_the_remedy(server: Preview, workspace: Workspace) -> None:
    with pytest.raises(InputError, match="cannot be used") as caught, preview(workspace, server.server_address[1]):
        pass
    assert "--port" in caught.value.remedy


def test_many_readers_at_once_are_served(server: Preview) -> None:
    found: list[int] = []
    readers = [threading.Thread(target=lambda: found.append(ask(server, PAGE)[0])) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert found == [200] * 8
