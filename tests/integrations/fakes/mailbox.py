"""A stand-in for an Agent Mail server: projects, agents, reservations, with a conflict being granted all the same, as the real one does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from waiting import join

TOKEN = "open sesame"


class Mailbox:
    """What the server knows. `style` is how it answers: plain JSON, an event stream, or text that holds JSON."""

    def __init__(self) -> None:
        self.url = ""
        self.style = "json"
        self.status = 200
        self.projects: list[str] = []
        self.agents: dict[str, str] = {}
        self.held: dict[int, tuple[str, str]] = {}
        self.calls: list[str] = []
        self.renewed: list[tuple[int, int]] = []
        self._next = 0

    def hold(self, agent: str, path: str) -> int:
        """Somebody has a path."""
        self._next += 1
        self.held[self._next] = (agent, path)
        return self._next

    def paths(self, agent: str) -> list[str]:
        return sorted(path for holder, path in self.held.values() if holder == agent)

    def answer(self, tool: str, words: dict[str, Any]) -> dict[str, Any]:
        self.calls.append(tool)
        if tool == "ensure_project":
            self.projects.append(words["human_key"])
            return {"id": 1, "slug": "project"}
        if words.get("project_key") not in self.projects:
            raise ValueError("no such project")
        if tool == "register_agent":
            name = f"BlueLake{len(self.agents) or ''}"
            self.agents[name] = f"token of {name}"
            return {"name": name, "registration_token": self.agents[name]}
        if self.agents.get(words["agent_name"]) != words.get("registration_token"):
            raise ValueError("wrong registration_token")
        tools = {"file_reservation_paths": self._reserve, "renew_file_reservations": self._renew, "release_file_reservations": self._release}
        return tools[tool](words)

    def _reserve(self, words: dict[str, Any]) -> dict[str, Any]:
        conflicts = []
        for path in words["paths"]:
            holders = [
                holder for holder, other in self.held.values() if holder != words["agent_name"] and (fnmatchcase(path, other) or fnmatchcase(other, path))
            ]
            if holders:
                conflicts.append({"path": path, "holders": [{"agent": holder, "path_pattern": path, "exclusive": True} for holder in holders]})
        granted = [{"id": self.hold(words["agent_name"], path), "path_pattern": path, "exclusive": True} for path in words["paths"]]
        return {"granted": granted, "conflicts": conflicts}

    def _renew(self, words: dict[str, Any]) -> dict[str, Any]:
        mine = [number for number in words["file_reservation_ids"] if self.held.get(number, ("", ""))[0] == words["agent_name"]]
        self.renewed += [(number, words["extend_seconds"]) for number in mine]
        return {"renewed": len(mine), "file_reservations": [{"id": number, "path_pattern": self.held[number][1]} for number in mine]}

    def _release(self, words: dict[str, Any]) -> dict[str, Any]:
        ids = words.get("file_reservation_ids")
        if ids == []:
            raise ValueError("file_reservation_ids must not be empty")
        gone = [number for number, (holder, _) in self.held.items() if holder == words["agent_name"] and (ids is None or number in ids)]
        for number in gone:
            del self.held[number]
        return {"released": len(gone), "released_at": "2026-01-18T04:27:21Z"}


@contextmanager
def serve() -> Iterator[Mailbox]:
    """The server on a free port of this machine, until the block ends."""
    mailbox = Mailbox()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                self._send(401, "no")
                return
            if mailbox.status != 200:
                self._send(mailbox.status, "no")
                return
            try:
                found = mailbox.answer(request["params"]["name"], request["params"]["arguments"])
                result: dict[str, Any] = {"content": [{"type": "text", "text": json.dumps(found)}], "isError": False}
                if mailbox.style == "json":
                    result["structuredContent"] = found
            except ValueError as error:
                result = {"content": [{"type": "text", "text": str(error)}], "isError": True}
            body = json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result})
            self._send(200, f"event: message\ndata: {body}\n\n" if mailbox.style == "stream" else body)

        def _send(self, status: int, body: str) -> None:
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("Location", mailbox.url + "elsewhere")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        mailbox.url = f"http://127.0.0.1:{server.server_port}/api/"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield mailbox
        finally:
            server.shutdown()
            join(thread)
