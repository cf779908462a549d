"""File reservations of an Agent Mail server on this machine: JSON-RPC over HTTP, with the user's address and token.

A reservation there is advice: a path that somebody else holds is granted all the same, beside a word about the conflict. Here a conflict is a refusal, and
what was granted with it is given back at once.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from maestro.errors import Failed
from maestro.records import dataclass

if TYPE_CHECKING:
    import urllib.request
    from collections.abc import Sequence

LIMIT = 10.0
"""Seconds for one answer."""

LIFETIME = 4 * 3600
"""Seconds after which a reservation ends by itself, should nobody come back to renew or release it."""

_LARGEST = 4_000_000
_LOCAL = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Agent:
    """Under whose name paths are reserved. `token` is what the server asks for to prove it; old servers give none."""

    name: str
    token: str = ""


@dataclass(frozen=True, slots=True)
class Grant:
    """`ids` of what was reserved; or `refused`, who holds what, with nothing reserved."""

    ids: tuple[int, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """One server, for one project: the primary checkout's absolute path, so that worktrees mean the same files. Every call raises Failed `mail-failed`."""

    url: str
    token: str
    project: str

    def register(self, task: str) -> Agent:
        """A name of our own from the server."""
        self._call("ensure_project", human_key=self.project)
        found = self._call("register_agent", project_key=self.project, program="maestro", model="none", task_description=task)
        if not isinstance(found.get("name"), str):
            raise self._failed("it gave no name")
        return Agent(found["name"], str(found.get("registration_token") or ""))

    def reserve(self, agent: Agent, paths: Sequence[str], reason: str) -> Grant:
        """All of these paths for writing, or none."""
        found = self._call("file_reservation_paths", **self._as(agent), paths=list(paths), ttl_seconds=LIFETIME, exclusive=True, reason=reason)
        ids = tuple(int(entry["id"]) for entry in found.get("granted") or () if isinstance(entry, dict) and str(entry.get("id", "")).isdigit())
        conflicts = [entry for entry in found.get("conflicts") or () if isinstance(entry, dict)]
        if not conflicts:
            return Grant(ids)
        self.release(agent, ids)
        return Grant(refused="; ".join(_holders(entry) for entry in conflicts))

    def renew(self, agent: Agent, ids: Sequence[int]) -> bool:
        """Hold them for a whole lifetime from now on. False where one of them has ended meanwhile."""
        found = self._call("renew_file_reservations", **self._as(agent), file_reservation_ids=list(ids), extend_seconds=LIFETIME)
        return found.get("renewed") == len(ids)

    def release(self, agent: Agent, ids: Sequence[int]) -> None:
        """Give back. Nothing happens for no ids: the server would take that as a word about all."""
        if ids:
            self._call("release_file_reservations", **self._as(agent), file_reservation_ids=list(ids))

    def release_all(self, agent: Agent) -> None:
        """Give back all that this agent holds, also what a call that was killed had no time to note."""
        self._call("release_file_reservations", **self._as(agent))

    def _as(self, agent: Agent) -> dict[str, str]:
        proof = {"registration_token": agent.token} if agent.token else {}
        return {"project_key": self.project, "agent_name": agent.name, **proof}

    def _call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        import urllib.error
        import urllib.request

        require_local(self.url)
        request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            with _opener().open(urllib.request.Request(self.url, json.dumps(request).encode(), headers), timeout=LIMIT) as answer:
                text = answer.read(_LARGEST).decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            error.close()
            raise self._failed(f"HTTP {error.code}") from None
        except (OSError, ValueError) as error:
            raise self._failed(str(getattr(error, "reason", error))) from None
        return self._result(text, tool)

    def _result(self, text: str, tool: str) -> dict[str, Any]:
        """What a tool returned, out of a JSON body or an event stream."""
        bodies = [line.removeprefix("data:").strip() for line in text.splitlines() if line.startswith("data:")] or [text]
        try:
            body = json.loads(bodies[-1])
            if body.get("error"):
                raise self._failed(f"{tool}: {body['error'].get('message')}")
            result = body["result"]
            if result.get("isError"):
                raise self._failed(f"{tool}: {result['content'][0]['text'][:200]}")
            found = result.get("structuredContent")
            found = found if isinstance(found, dict) else json.loads(result["content"][0]["text"])
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            raise self._failed(f"{tool}: an answer that is no answer") from None
        found = found.get("result", found) if isinstance(found, dict) and set(found) == {"result"} else found
        return found if isinstance(found, dict) else {}

    def _failed(self, why: str) -> Failed:
        return Failed("mail-failed", f"The reservation server at {self.url} did not do it: {why}.", hint="Start it, or take its address away.")


def _opener() -> urllib.request.OpenerDirector:
    """Without proxies and redirects: the address is on this machine, and the token is meant for it alone."""
    import urllib.request

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    return urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay())


def require_local(url: str) -> None:
    """Raise Failed `mail-not-local` unless the address is on this machine: paths and token are nobody else's business."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        fits = parts.scheme == "http" and parts.hostname in _LOCAL and (parts.port or 80) > 0
    except ValueError:
        fits = False
    if not fits:
        raise Failed("mail-not-local", f"{url} is no http address on this machine.", hint="Give one such as http://127.0.0.1:8765/api/.")


def _holders(entry: dict[str, Any]) -> str:
    names = [str(holder.get("agent") or "somebody") for holder in entry.get("holders") or () if isinstance(holder, dict)]
    return f"{entry.get('path')} is reserved by {', '.join(names) or 'somebody'}"
