"""Serving: a preview on this machine alone; each page is made when it is asked for, so that a reload shows an edit."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from ..errors import InputError, PanelsynthError
from ..pages.site import render_path
from .desk import Desk, open_store
from .folder import Workspace
from .siting import site_of

HOST = "127.0.0.1"
_KINDS = {
    "html": "text/html",
    "xml": "application/xml",
    "json": "application/json",
    "txt": "text/plain",
    "md": "text/markdown",
}
_NAMES = {HOST, "localhost"}
_FAULT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"></head>
<body><h1>{title}</h1><pre>{text}</pre><p><a href="/">To the index</a></p></body></html>
"""


class Preview(ThreadingHTTPServer):
    """A server of a workspace's pages, drafts among them, on this machine's own address."""

    daemon_threads = True

    def __init__(self, workspace: Workspace, port: int) -> None:
        self.workspace = workspace
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """Where to look."""
        return f"http://{HOST}:{self.server_address[1]}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Pass over readers who went away in the middle; tell everything else."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def preview(workspace: Workspace, port: int) -> Iterator[Preview]:
    """Open a preview, and close it at the end.

    Raises:
        InputError: the port is taken.
    """
    try:
        server = Preview(workspace, port)
    except OSError as exc:
        remedy = "Another preview may be running; name another port with --port N, or 0 for any."
        raise InputError(f"port {port} cannot be used: {exc.strerror}", remedy=remedy) from exc
    with server:
        yield server


class _Handler(BaseHTTPRequestHandler):
    server: Preview
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        """Answer with the page as its files stand now."""
        self._answer(*self._found())

    do_HEAD = do_GET  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Log nothing: what was looked at is no news."""

    def _found(self) -> tuple[HTTPStatus, str, str]:
        host = urlsplit(f"//{self.headers.get('host', '')}").hostname
        if host not in _NAMES:  # a page elsewhere may have pointed its own name at this machine
            return HTTPStatus.FORBIDDEN, "txt", f"This is a preview for {HOST} alone.\n"
        path = unquote(urlsplit(self.path).path).lstrip("/") or "index.html"
        path = f"{path}index.html" if path.endswith("/") else path
        try:
            text = _render(self.server.workspace, path)
        except PanelsynthError as exc:
            return HTTPStatus.INTERNAL_SERVER_ERROR, "html", _fault("This page cannot be made yet", str(exc))
        if text is None:
            return HTTPStatus.NOT_FOUND, "html", _fault("There is no such page", f"/{path}")
        return HTTPStatus.OK, path.rpartition(".")[2], text

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", f"{_KINDS.get(kind, 'text/plain')}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _render(workspace: Workspace, path: str) -> str | None:
    """Make one page from the files as they stand; a workspace remembers what it has read, so it is opened anew."""
    now = Workspace(workspace.root)
    with open_store(now) as store:
        return render_path(site_of(Desk(now, store), drafts=True), path)


def _fault(title: str, text: str) -> str:
    return _FAULT.format(title=html.escape(title), text=html.escape(text))
