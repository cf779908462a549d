"""Command lines for well-known agents. None of them skips permissions: what an agent may do is its user's decision."""

from __future__ import annotations

import shlex

from maestro.run.commands import command


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
