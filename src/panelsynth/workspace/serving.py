"""Serving: a preview on this machine alone; each page is made when it is asked for, so that a reload shows an edit."""

from __future__ import annotations

import html
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

from ..errors import InputError, PanelsynthError
from ..pages.site import Site, render_path
from .desk import Desk, open_store
from .folder import Workspace
from .memory import inputs_digest
from .siting import site_of

HOST = "127.0.0.1"
_KINDS = {
    "html": "text/html",
    "xml": "application/xml",
    "json": "application/json",
    "txt": "text/plain",
    "md": "text/markdown",
}
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?", re.ASCII | re.IGNORECASE)
_HEADERS = {
    "Cache-Control": "no-store",
    # Beside each page's own policy: nothing runs here, and nothing is fetched from elsewhere.
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
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
        self._lock = threading.Lock()
        self._read: tuple[str, Site] | None = None
        super().__init__((HOST, port), _Handler)

    @property
    def address(self) -> str:
        """Where to look."""
        return f"http://{HOST}:{self.server_address[1]}/"

    def site(self) -> Site:
        """Gather the pages from the files as they stand; as long as no file changes they are read once.

        Raises:
            PanelsynthError: a file cannot be read.
        """
        with self._lock:  # readers who come together wait for one look at the files
            now = Workspace(self.workspace.root)  # anew: a workspace remembers what it has read
            files = inputs_digest(now)
            if self._read is None or self._read[0] != files:
                with open_store(now) as store:
                    self._read = files, site_of(Desk(now, store), drafts=True)
            return self._read[1]

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

    def do_POST(self) -> None:
        """Refuse to take anything: the methods of writing all end here."""
        self.close_connection = True  # what else was sent is not read
        self.send_response(HTTPStatus.METHOD_NOT_ALLOWED)
        self.send_header("Allow", "GET, HEAD")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_POST  # noqa: N815 - the names that http.server calls
    do_HEAD = do_GET  # noqa: N815 - the names that http.server calls

    def log_message(self, *_: object) -> None:
        """Log nothing: what was looked at is no news."""

    def _found(self) -> tuple[HTTPStatus, str, str]:
        # A page elsewhere may have pointed its own name at this machine.
        if not _HOST.fullmatch(self.headers.get("host", "")):
            return HTTPStatus.FORBIDDEN, "txt", f"This is a preview for {HOST} alone.\n"
        try:
            path = unquote(urlsplit(self.path).path).lstrip("/") or "index.html"
        except ValueError:  # such as http://[
            return HTTPStatus.BAD_REQUEST, "txt", "This is no address.\n"
        path = f"{path}index.html" if path.endswith("/") else path
        try:
            text = render_path(self.server.site(), path)
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
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _fault(title: str, text: str) -> str:
    return _FAULT.format(title=html.escape(title), text=html.escape(text))
