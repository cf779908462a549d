"""Command lines for well-known agents. None of them skips permissions: what an agent may do is its user's decision."""

from __future__ import annotations

import os
import re
import shlex
import shutil

from maestro.errors import NotFound
from maestro.run.commands import command

_PROGRAM = re.compile(r"\s*([\w@%+:,./~-]+)(?=\s|$)")
"""The first word of a shell command where it can only be a program's name or one of the shell's own words: nothing in it is expanded or quoted."""

_SHELLS_OWN = re.compile(
    r"[.:]|alias|bg|break|case|cd|command|continue|eval|exec|exit|export|fc|fg|for|getopts|hash|if|jobs|read|readonly|return|set|shift|times|trap|type|ulimit"
    r"|umask|unalias|unset|until|wait|while"
)
"""POSIX: reserved words that begin a command, and utilities that are the shell's alone."""


def worker_command(worker: str, tests: str | None = None) -> str:
    """The shell command for `--worker`: a preset's line, or the user's own words. `tests`: what the worker runs itself to check its work, where that is not
    `worktree.py check`.
    """
    checking = f"Bash({tests or command('worktree', 'check') + ' *'})"
    presets = {
        "claude": f"claude -p --permission-mode acceptEdits --allowedTools {shlex.quote(checking)}",
        "codex": "codex exec --sandbox workspace-write -",
        "gemini": "gemini --approval-mode auto_edit",
        "opencode": 'opencode run "$(cat "$MAESTRO_PROMPT_FILE")"',
    }
    return presets.get(worker.strip(), worker)


def require_program(line: str) -> None:
    """Raise NotFound `worker-missing` where the first word of a worker's command line is a program that is certain not to start: better now than once for each
    task. A relative path is looked up in the worktrees, so nothing can be said of it before.
    """
    found = _PROGRAM.match(line)
    word = found[1] if found else ""
    path = os.path.expanduser(word)
    if not word or _SHELLS_OWN.fullmatch(word) or ("/" in path and not os.path.isabs(path)) or shutil.which(path):
        return
    if os.path.isfile(path):
        raise NotFound("worker-missing", f"The worker {word} is not executable.", hint=f"`chmod +x {shlex.quote(path)}`, or name its interpreter.")
    hint = "Name one by its absolute path, or install it. Presets: claude, codex, gemini, opencode."
    raise NotFound("worker-missing", f"There is no program {word} here that could be the worker.", hint=hint)
