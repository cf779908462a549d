"""The board as a page that follows its run: a small server for this machine alone, which only reads."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import click

from maestro import clock
from maestro.cli.boundary import Interrupted
from maestro.cli.output import dump
from maestro.cli.reply import Reply, envelope
from maestro.errors import Conflict, MaestroError
from maestro.run.home import Home
from maestro.run.watching import Sight, Watcher
from maestro.views.board_page import board_page
from maestro.views.watch_data import watch_data

ADDRESS = "127.0.0.1"

FRESH = 0.8
"""Seconds for which one look serves everybody who asks."""

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Board:
    """The newest look at a run as a page and as data, made when somebody asks and not more often than useful."""

    def __init__(self, home: Home) -> None:
        self._watcher, self._home = Watcher(home), home
        self._lock = threading.Lock()
        self._seen: tuple[float, Sight, dict[str, Any]] | None = None

    def page(self) -> str | None:
        """None when there is no run (any more)."""
        found = self._look()
        return board_page(found[1], found[0], live=True) if found else None

    def data(self) -> str | None:
        """The same document as `progress.py --json`."""
        found = self._look()
        return dump(envelope(Reply("maestro.status/1", found[1], str))) if found else None

    def _look(self) -> tuple[Sight, dict[str, Any]] | None:
        with self._lock:
            if self._seen is None or clock.monotonic() - self._seen[0] > FRESH:
                sight = self._watcher.look()
                if sight is None:
                    return None
                self._seen = (clock.monotonic(), sight, watch_data(self._home, sight))
            return self._seen[1:]


class Server(ThreadingHTTPServer):
    """Answers this machine only."""

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, board: Board, port: int) -> None:
        self.board = board
        super().__init__((ADDRESS, port), Handler)

    @property
    def url(self) -> str:
        """The address to open, with the port that was taken."""
        return f"http://{ADDRESS}:{self.server_address[1]}/"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader who went away in the middle of an answer is nobody's trouble."""


class Handler(BaseHTTPRequestHandler):
    """`/` is the page, `/board.json` (or `/` for who accepts JSON only) the data. Nothing can be changed through it."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "maestro", ""
    timeout = 30

    def do_GET(self) -> None:
        if not self._is_for_us():
            return self._say(HTTPStatus.MISDIRECTED_REQUEST, "This server answers only under its own address.\n")
        path = self.path.partition("?")[0]
        wants_data = path == "/board.json" or (path == "/" and self.headers.get("Accept", "").split(",")[0].strip() == "application/json")
        if path != "/" and not wants_data:
            return self._say(HTTPStatus.NOT_FOUND, "There is only / and /board.json.\n")
        try:
            answer = self.server.board.data() if wants_data else self.server.board.page()
        except MaestroError as error:
            return self._say(HTTPStatus.INTERNAL_SERVER_ERROR, f"{error.message}\n")
        if answer is None:
            return self._say(HTTPStatus.GONE, "The run is gone.\n")
        self._send(answer, "application/json" if wants_data else "text/html")

    do_HEAD = do_GET

    def _is_for_us(self) -> bool:
        """A page of somewhere else whose name was made to point to this machine sends that name: it learns nothing."""
        port = self.server.server_address[1]
        return self.headers.get("Host", "").casefold() in (f"{ADDRESS}:{port}", f"localhost:{port}")

    def _send(self, text: str, kind: str) -> None:
        body = text.encode("utf-8", "replace")
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        known = self.headers.get("If-None-Match") == tag
        self.send_response(HTTPStatus.NOT_MODIFIED if known else HTTPStatus.OK)
        self._finish(b"" if known else body, kind, {"ETag": tag})

    def _say(self, status: HTTPStatus, words: str) -> None:
        self.send_response(status)
        self._finish(words.encode(), "text/plain", {})

    def _finish(self, body: bytes, kind: str, more: dict[str, str]) -> None:
        for name, value in {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(body)), **HEADERS, **more}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Nobody wants a line for each look."""


def serve(board: Board, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Serve until Ctrl-C; raises Interrupted then, Conflict `port-taken` where the port cannot be had. `ready` is told the address."""
    try:
        server = Server(board, port)
    except (OSError, OverflowError) as error:
        hint = "Leave --port out: a free one is taken."
        raise Conflict("port-taken", f"Port {port} of {ADDRESS} cannot be used: {error}.", hint=hint) from None
    with server:
        (ready or _announce)(server.url)
        try:
            server.serve_forever(poll_interval=0.2)
        except KeyboardInterrupt:
            raise Interrupted("interrupted", "You stopped the server; the run was not touched.") from None


def _announce(url: str) -> None:
    click.echo(f"The board is at {url} (data: {url}board.json). Ctrl-C stops serving, not the run.", err=True)
