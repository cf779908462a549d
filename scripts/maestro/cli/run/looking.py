"""`run.py status`: where a run stands."""

from __future__ import annotations

import os

import click

from maestro.cli.call import Call
from maestro.cli.options import track_argument
from maestro.cli.output import TEXT_LIMIT
from maestro.cli.reply import Reply
from maestro.cli.run.common import door
from maestro.cli.screen import columns


@door.verb("status", examples=[("", "where it stands"), ("auth --json", "as data"), ("--line", "for a prompt or a status bar; nothing where nothing runs")])
@track_argument
@click.option("--line", is_flag=True, help="One short line, quickly; nothing, and exit 0, where there is no run.")
def status(call: Call, track: str | None, line: bool) -> Reply:
    """Show where the run stands. Reads only."""
    if line:
        return _line(call, track)
    from dataclasses import asdict

    from maestro.models.untried import untried
    from maestro.run.commands import next_call
    from maestro.run.notifying import unheard
    from maestro.run.status import find_state, status_data
    from maestro.run.unmerged import unmerged_work

    home, state = find_state(call.directory, track)
    data = status_data(home, state)
    data["untried"] = [asdict(entry) for entry in untried(state)]
    data["left"] = [asdict(left) for left in unmerged_work(home, state)]
    data["unheard"] = unheard(home, state)
    data["next"] = next_call(state, data["condition"])

    def text() -> str:
        from maestro.views.status import status_text

        return status_text(data, columns(), limit=None if call.full else TEXT_LIMIT)

    return Reply("maestro.status/1", data, text)


def _line(call: Call, track: str | None) -> Reply:
    """The run at a glance. It is called at every prompt, so it imports little."""
    from maestro.run.glance import glance
    from maestro.run.progress import progress_of
    from maestro.views.line import status_line

    seen = glance(call.directory, track)
    if seen is None:
        return Reply("maestro.line/1", {"line": "", **dict.fromkeys(("track", "condition", "done", "total", "failed", "questions"))}, lambda: "")
    state, condition = seen
    progress, questions = progress_of(state), len(state.open_questions)
    line = status_line(state.track, progress, state.phase, list(state.phases), questions, condition)
    counts = {"done": progress.done, "total": progress.total, "failed": progress.failed, "questions": questions}
    return Reply("maestro.line/1", {"line": line, "track": state.track, "condition": condition, **counts}, lambda: line)


@door.verb("doctor", examples=[("", "what does not fit together"), ("--fix", "mend what is safe"), ("--runtime codex", "what that agent lacks")])
@click.option("--fix", is_flag=True, help="Mend what can be mended without losing anything.")
@click.option("--runtime", metavar="NAME", help="The agent runtime to judge; without it the one that runs this command, where it can be told.")
def doctor(call: Call, fix: bool, runtime: str | None) -> Reply:
    """Look for stale tasks, lost worktrees, rewritten history and traps."""
    from dataclasses import asdict

    from maestro.run.commands import spell
    from maestro.run.doctoring import examine, mend
    from maestro.run.home import find_run_checkout
    from maestro.run.runtimes import Lack, lacks, runtime_of

    checkout = find_run_checkout(call.directory)
    findings = examine(checkout)
    mended, failed = mend(findings) if fix else ([], [])
    left = examine(checkout) if fix else findings
    name = runtime or runtime_of(os.environ)
    lacking = [Lack(lack.code, lack.message, spell(lack.hint)) for lack in (lacks(name, os.environ, checkout.root) if name else ())]
    data = {
        "findings": [{"code": found.code, "message": found.message, "hint": spell(found.hint), "fixable": found.fix is not None} for found in left],
        "mended": mended,
        "failed": failed,
        "runtime": name,
        "lacks": [asdict(lack) for lack in lacking],
    }

    def text() -> str:
        lines = [f"mended: {code}" for code in mended] + [f"not mended: {words}" for words in failed]
        lines += [f"{found.code}: {found.message}\n    {spell(found.hint)}" for found in left]
        lines = lines or ["Everything fits together."]
        return "\n".join([*lines, *(f"{lack.code}: {lack.message}\n    {lack.hint}" for lack in lacking)])

    return Reply("maestro.doctor/1", data, text, exit_code=1 if left else 0)
