"""A model for the real client: answers its requests on loopback from a script, and remembers them.

A script is a generator: it yields what the model says next (`text`, or a list of tool calls) and is sent what the tools answered. Each conversation, of
the session or of one of its workers, gets a generator of its own, so that a scenario reads from top to bottom like what it plays.
"""

from __future__ import annotations

import json
import threading
import traceback
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

from waiting import join

Call = tuple[str, dict[str, Any]]
Said = str | list[Call]
Script = Generator[Said, list[str], None]
"""Yields text or tool calls; receives what each of these calls answered."""


def bash(command: str, **more: Any) -> Call:
    return ("Bash", {"command": command, "description": "a step of the scenario", **more})


def write(path: object, content: str) -> Call:
    return ("Write", {"file_path": str(path), "content": content})


def text_of(content: Any) -> str:
    """All text of a message's or tool result's content."""
    if isinstance(content, str):
        return content
    parts = (block.get("text") or text_of(block.get("content") or "") for block in content if isinstance(block, dict))
    return "\n".join(part for part in parts if part)


@dataclass
class Request:
    """One request of the client."""

    body: dict[str, Any]

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [message for message in self.body["messages"] if message["role"] in ("user", "assistant")]

    @property
    def opening(self) -> str:
        """The first thing that the conversation was told."""
        return text_of(self.messages[0]["content"])

    @property
    def latest(self) -> str:
        return text_of(self.messages[-1]["content"])

    @property
    def text(self) -> str:
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def tools(self) -> set[str]:
        return {tool["name"] for tool in self.body.get("tools") or ()}

    def results(self) -> list[str]:
        """What the calls of the last turn answered, in their order."""
        spoken = [message for message in self.messages if message["role"] == "assistant"]
        calls = [block["id"] for block in spoken[-1]["content"] if block["type"] == "tool_use"] if spoken and isinstance(spoken[-1]["content"], list) else []
        answers = {}
        for message in self.messages:
            for block in message["content"] if isinstance(message["content"], list) else ():
                if block["type"] == "tool_result":
                    answers[block["tool_use_id"]] = text_of(block.get("content") or "")
        return [answers[call] for call in calls if call in answers]


@dataclass
class Model:
    """`cast` finds the script of a new conversation, by the request that opens it."""

    cast: Callable[[Request], tuple[str, Callable[[], Script]] | None]
    requests: list[Request] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    usage: int = 1000
    """Input tokens that each answer claims: many of them make the client compact its conversation."""

    def __post_init__(self) -> None:
        self._playing: dict[str, Script] = {}
        self._answered: dict[str, Said] = {}
        self._lock = threading.RLock()
        self._numbers = count(1)
        self.heard: dict[str, list[list[str]]] = {}
        """What the tools answered, by conversation."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="model", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        join(self._thread)

    def answer(self, request: Request) -> Said:
        with self._lock:
            self.requests.append(request)
            found = self.cast(request)
            if found is None:
                return "Fine."
            name, script = found
            key = json.dumps([name, request.messages], sort_keys=True)
            if key not in self._answered:
                self._answered[key] = self._next(name, script, request)
            return self._answered[key]

    def _next(self, name: str, script: Callable[[], Script], request: Request) -> Said:
        try:
            if name not in self._playing:
                self._playing[name] = script()
                return next(self._playing[name])
            results = request.results()
            self.heard.setdefault(name, []).append(results)
            return self._playing[name].send(results)
        except StopIteration:
            return "That is all."
        except Exception:
            self.errors.append(f"{name}: {traceback.format_exc()}\nheard last: {self.heard.get(name, [])[-1:]}")
            return "The scenario broke."

    def message(self, said: Said, model: str) -> dict[str, Any]:
        blocks: list[dict[str, Any]] = []
        if isinstance(said, str):
            blocks.append({"type": "text", "text": said})
        else:
            blocks += [{"type": "tool_use", "id": f"toolu_{next(self._numbers):06}", "name": name, "input": given} for name, given in said]
        return {
            "id": f"msg_{next(self._numbers):06}",
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": blocks,
            "stop_reason": "end_turn" if isinstance(said, str) else "tool_use",
            "stop_sequence": None,
            "usage": {"input_tokens": self.usage, "output_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0},
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *arguments: object) -> None:
                pass

            def do_GET(self) -> None:
                self._reply(b"{}")

            def do_HEAD(self) -> None:
                self._reply(b"")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
                path = self.path.partition("?")[0]
                if path.endswith("/count_tokens"):
                    self._reply(json.dumps({"input_tokens": model.usage}).encode())
                elif path.endswith("/messages"):
                    message = model.message(model.answer(Request(body)), body.get("model", "model"))
                    if body.get("stream"):
                        self._reply(b"".join(events(message)), "text/event-stream")
                    else:
                        self._reply(json.dumps(message).encode())
                else:
                    self._reply(b"{}")

            def _reply(self, data: bytes, kind: str = "application/json") -> None:
                self.send_response(200)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Handler


def events(message: dict[str, Any]) -> list[bytes]:
    """The message as a stream of server-sent events."""

    def event(name: str, **data: Any) -> bytes:
        return f"event: {name}\ndata: {json.dumps({'type': name, **data})}\n\n".encode()

    stream = [event("message_start", message={**message, "content": [], "stop_reason": None})]
    for index, block in enumerate(message["content"]):
        if block["type"] == "text":
            start, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": block["text"]}
        else:
            start, delta = {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        stream += [
            event("content_block_start", index=index, content_block=start),
            event("content_block_delta", index=index, delta=delta),
            event("content_block_stop", index=index),
        ]
    stream.append(event("message_delta", delta={"stop_reason": message["stop_reason"], "stop_sequence": None}, usage=message["usage"]))
    stream.append(event("message_stop"))
    return stream
