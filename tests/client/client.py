"""The real client, installed once and run offline: its own home, a made-up key, a model on loopback."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from maestro.files import lock
from support import LONG, ROOT, load_beside

VERSION = "2.1.328"
"""Pinned: with an older Node, npm would silently choose an older client."""

PACKAGE = "@anthropic-ai/claude-code"

CACHE = Path(os.environ.get("MAESTRO_TEST_CACHE") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "maestro-tests")
"""Decided at import, before a test gets a home of its own: 370 MB are worth keeping from one test session to the next."""

model = load_beside(__file__, "model")


@cache
def install() -> Path | str:
    """The client's program, or the reason why there is none."""
    npm = shutil.which("npm")
    if npm is None:
        return "npm is missing"
    folder = CACHE / f"claude-code-{VERSION}"
    with lock(folder / "lock", purpose="installing the client", timeout=LONG + 60):
        return _installed(folder, npm)


def _installed(folder: Path, npm: str) -> Path | str:
    program = folder / "node_modules" / ".bin" / "claude"
    if not (folder / "complete").exists():
        line = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error", f"{PACKAGE}@{VERSION}"]
        try:
            done = subprocess.run(line, cwd=folder, env=_INSTALLING, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LONG)
        except subprocess.TimeoutExpired:
            return f"npm install took more than {LONG:.0f} seconds"
        if done.returncode:
            return f"npm install failed: {done.stderr.strip()[-300:]}"
        (folder / "complete").touch()
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LONG)
    except OSError as error:
        return f"the client does not run here: {error}"
    if said.returncode or VERSION not in said.stdout:
        return f"the client does not run here: {(said.stdout + said.stderr).strip()[-300:]}"
    return program


_INSTALLING = dict(os.environ)
"""The environment of whoever runs the tests: npm's settings and certificates are theirs."""


@dataclass(frozen=True)
class Session:
    """What one call of the client left behind: the events that it printed."""

    code: int
    events: list[dict[str, Any]]
    err: str

    @property
    def init(self) -> dict[str, Any]:
        return next(event for event in self.events if event["type"] == "system" and event.get("subtype") == "init")

    @property
    def denials(self) -> list[Any]:
        return [denial for event in self.events if event["type"] == "result" for denial in event.get("permission_denials", ())]

    @property
    def compactions(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("subtype") == "compact_boundary"]


@dataclass(frozen=True)
class Client:
    """The client with a home of its own."""

    program: Path
    home: Path

    def run(self, cwd: Path, url: str, prompt: str, *arguments: str, environment: Mapping[str, str] | None = None, plugin: bool = True) -> Session:
        """One call with `-p`, to its end. `plugin`: this checkout is loaded as a plugin."""
        loaded = ("--plugin-dir", str(ROOT)) if plugin else ()
        line = [str(self.program), "-p", prompt, "--output-format", "stream-json", "--verbose", *loaded, *arguments]
        with subprocess.Popen(
            line,
            cwd=cwd,
            env=self.environment(url) | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(timeout=LONG)
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return Session(process.returncode, [json.loads(line) for line in out.splitlines() if line.startswith("{")], err)

    def _python(self) -> Path:
        """A folder with this Python as `python3` and nothing else, so that `maestro` is the plugin's own and no installed one."""
        program = self.home / "python" / "python3"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
        program.chmod(0o755)
        return program.parent

    def environment(self, url: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name.startswith(("GIT_", "MAESTRO_")) or name in ("LC_ALL", "TZ", "TMPDIR")}
        return {
            **kept,
            "PATH": os.pathsep.join([str(self._python()), os.environ["PATH"]]),
            "HOME": str(self.home),
            "CLAUDE_CONFIG_DIR": str(self.home / "config"),
            "ANTHROPIC_BASE_URL": url,
            "ANTHROPIC_API_KEY": "made-up-key-for-tests-0123456789",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "DISABLE_TELEMETRY": "1",
            "HTTP_PROXY": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1",
        }
