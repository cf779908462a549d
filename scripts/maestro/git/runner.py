"""The only place that starts git, and what every call of it has in common."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import field
from functools import cache
from pathlib import Path
from typing import BinaryIO, cast

from maestro.errors import Failed, NotFound
from maestro.records import dataclass

KEPT_VARIABLES = frozenset(
    {
        "GIT_ALLOW_PROTOCOL",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_NAME",
        "GIT_CEILING_DIRECTORIES",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM",
        "GIT_EXEC_PATH",
        "GIT_HTTP_PROXY_AUTHMETHOD",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSH_VARIANT",
        "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH",
        "GIT_SSL_NO_VERIFY",
    }
)
"""Who the user is and how a network is reached. Every other GIT_* variable would point our calls at another repository, index or time."""

KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")

SETTINGS = (
    "core.fsmonitor=false",  # would leave a daemon behind
    "core.quotePath=false",
    "color.ui=false",
    "gc.auto=0",  # the user's git may tidy up, ours has no time for it
    "maintenance.auto=false",
    "submodule.recurse=false",  # our worktrees have no submodules checked out
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
)


_GRACE = 5.0
"""Seconds between asking git to stop and killing it."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a call ended: its arguments after `git`, exit code, exact stdout, and decoded stderr."""

    args: tuple[str, ...]
    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        """stdout without blanks around it. Bytes that are no text survive as surrogates."""
        return os.fsdecode(self.out).strip()

    @property
    def fields(self) -> list[str]:
        """stdout as NUL-terminated fields."""
        return split_z(self.out)

    @property
    def said(self) -> str:
        """What git and its hooks said, as a person would have seen it."""
        return "\n".join(part for part in (os.fsdecode(self.out).strip(), self.err.strip()) if part)


@dataclass(frozen=True, slots=True)
class Git:
    """git, run in one directory, with `env` added to the environment of every call."""

    cwd: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        *args: str,
        input: bytes | None = None,
        index: Path | None = None,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        hold: int | None = None,
        settings: tuple[str, ...] = (),
    ) -> Result:
        """Run one command to its end, however long its hooks take.

        `index` is a private index file used instead of the directory's own, `hold` a descriptor that git keeps open while it runs, `settings` more of git's
        configuration (`name=value`) for this call.
        Raises Failed `git-failed` on a non-zero exit code when `check`, Failed `git-missing`, NotFound `directory-missing`.
        """
        variables = {**clean_environment(os.environ), **self.env, **(env or {})}
        if index is not None:
            variables["GIT_INDEX_FILE"] = os.fspath(index)
            settings = (*settings, "core.splitIndex=false")  # a split index would leave its shared half in the repository
        result = self._wait_for(_command(args, settings), args, input, variables, hold)
        if check and result.code != 0:
            raise failure(result, self.cwd)
        return result

    def start(self, *args: str, hold: int, settings: tuple[str, ...] = ()) -> subprocess.Popen[bytes]:
        """Start one command and go on beside it; what it says is lost. Who lets go of it looks afterwards at what it did."""
        command, variables = _command(args, settings), {**clean_environment(os.environ), **self.env}
        none = subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=self.cwd, env=variables, stdin=none, stdout=none, stderr=none, pass_fds=(hold,), start_new_session=True)
        _beside[:] = [process, *(other for other in _beside if other.poll() is None)]
        return process

    def text(self, *args: str) -> str:
        """Stripped stdout."""
        return self.run(*args).text

    def lines_z(self, *args: str) -> list[str]:
        """The NUL-terminated fields of stdout. Bytes that are no text survive as surrogates, so the names can be given back to the system."""
        return self.run(*args).fields

    def _wait_for(self, command: list[str], args: tuple[str, ...], input: bytes | None, variables: Mapping[str, str], hold: int | None) -> Result:
        # Files instead of pipes: a process that a hook leaves behind would hold a pipe open and keep us waiting for ever.
        with contextlib.ExitStack() as stack:
            out, err = (stack.enter_context(_scratch()) for _ in range(2))
            stdin: int | BinaryIO = subprocess.DEVNULL
            if input is not None:
                stdin = stack.enter_context(_scratch())
                stdin.write(input)
                stdin.seek(0)
            try:
                # In a session of its own git has no terminal to ask on (gpg, ssh), and ends what it began when we are killed.
                process = subprocess.Popen(
                    command,
                    cwd=self.cwd,
                    env=variables,
                    stdin=stdin,
                    stdout=out,
                    stderr=err,
                    pass_fds=() if hold is None else (hold,),
                    start_new_session=True,
                )
            except (FileNotFoundError, NotADirectoryError):
                if not self.cwd.is_dir():
                    raise NotFound("directory-missing", f"{self.cwd} is not a directory.", hint="Check the path.", where=str(self.cwd)) from None
                raise Failed("git-missing", "git is not installed, or not on PATH.", hint="Install git 2.38 or newer.") from None
            try:
                code = process.wait()
            except BaseException:
                end(process)
                raise
            out.seek(0)
            err.seek(0)
            return Result(args, code, out.read(), err.read().decode("utf-8", "replace"))


_beside: list[subprocess.Popen[bytes]] = []
"""What was started and may still run: to be buried when it ends."""


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask git and what it began to stop, and kill what does not listen. git removes its lock files when it is asked."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _command(args: tuple[str, ...], settings: tuple[str, ...]) -> list[str]:
    return ["git", "--no-pager", *(word for setting in (*SETTINGS, *settings) for word in ("-c", setting)), *args]


def _scratch() -> BinaryIO:
    """A file without a name. In memory where the system can, since all of it is read into memory anyway and importing tempfile takes longer than a call."""
    if hasattr(os, "memfd_create"):
        return open(os.memfd_create("maestro"), "w+b")
    import tempfile

    return cast("BinaryIO", tempfile.TemporaryFile())


def clean_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment for git: nothing inherited from a git that called us, nobody to prompt, messages in English.

    git exports GIT_DIR, GIT_INDEX_FILE and more to its hooks, which is where pre-commit learned to drop them (pre-commit#300, #664). The language is set by
    LC_MESSAGES and not by LC_ALL, which would also take the character set away from the user's hooks.
    """
    kept = {name: value for name, value in variables.items() if not name.startswith("GIT_") or name in KEPT_VARIABLES or name.startswith(KEPT_PREFIXES)}
    for name in ("GPG_TTY", "LANGUAGE", "SSH_ASKPASS"):
        kept.pop(name, None)
    characters = kept.pop("LC_ALL", "") or kept.get("LC_CTYPE") or kept.get("LANG")
    if characters:
        kept["LC_CTYPE"] = characters
    return kept | {
        "LC_MESSAGES": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_EDITOR": "true",
        "GIT_SEQUENCE_EDITOR": "true",
        "GIT_PAGER": "cat",
        "GIT_OPTIONAL_LOCKS": "0",  # looking must never make another git fail on index.lock
    }


def split_z(data: bytes) -> list[str]:
    """The fields of NUL-terminated (or NUL-separated) output."""
    words = os.fsdecode(data).split("\0")
    return words[:-1] if words[-1] == "" else words


def join_z(fields: Iterable[str]) -> bytes:
    """Fields as git reads them from stdin with `-z`."""
    return b"".join(os.fsencode(field) + b"\0" for field in fields)


def failure(result: Result, cwd: Path) -> Failed:
    """The error for a call that was not expected to fail: the command and git's own words."""
    words = result.said or f"exit code {result.code}"
    gone = _missing(result, cwd)
    hint = (
        f"Object {gone[:12]} is gone: `git prune` or `git gc --prune=now` ran meanwhile? Repeat the same command, which makes anew what was being made. "
        "If it stops there again, `git fsck` says what is lacking."
        if gone
        else "Do as git says, then repeat."
    )
    return Failed("git-failed", f"`git {' '.join(result.args)}` failed: {words}", hint=hint, where=str(cwd))


def _missing(result: Result, cwd: Path) -> str | None:
    """The first object that a failed call names and that is not in the repository."""
    import re

    names = dict.fromkeys(re.findall(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b", result.err))
    return next((name for name in names if name.strip("0") and Git(cwd).run("cat-file", "-e", name, check=False).code), None)


@cache
def version() -> tuple[int, int]:
    """Major and minor version of the git on PATH."""
    words = Git(Path(os.sep)).text("version").split()
    major, minor = words[2].split(".")[:2]
    return int(major), int(minor)
