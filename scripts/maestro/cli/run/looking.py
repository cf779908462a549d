"""`run.py status`: where a run stands."""

from __future__ import annotations

import click

from maestro.cli.call import Call
from maestro.cli.options import track_argument
from maestro.cli.reply import Reply
from maestro.cli.run.common import door
from maestro.cli.screen import columns


@door.verb("status", examples=[("", "where it stands"), ("auth --json", "as data")])
@track_argument
def status(call: Call, track: str | None) -> Reply:
    """Show where the run stands. Reads only."""
    from maestro.run.commands import command
    from maestro.run.status import find_state, status_data

    home, state = find_state(call.directory, track)
    data = status_data(home, state)
    going_on = command("run", "next", *(("--driver", state.driver.id) if state.driver.id and not state.driver.process else ()))
    following = {"completed": "nothing", "stopped": command("run", "start", state.track), "running": going_on, "waiting": going_on}
    data["next"] = following.get(data["condition"], command("run", "start", state.track, "--resume"))

    def text() -> str:
        from maestro.views.status import status_text

        return status_text(data, columns())

    return Reply("maestro.status/1", data, text)


@door.verb("doctor", examples=[("", "what does not fit together"), ("--fix", "mend what is safe")])
@click.option("--fix", is_flag=True, help="Mend what can be mended without losing anything.")
def doctor(call: Call, fix: bool) -> Reply:
    """Look for stale tasks, lost worktrees, rewritten history and traps of this machine."""
    from maestro.run.commands import spell
    from maestro.run.doctoring import examine, mend
    from maestro.run.home import find_run_checkout

    checkout = find_run_checkout(call.directory)
    findings = examine(checkout)
    mended, failed = mend(findings) if fix else ([], [])
    left = examine(checkout) if fix else findings
    data = {
        "findings": [{"code": found.code, "message": found.message, "hint": spell(found.hint), "fixable": found.fix is not None} for found in left],
        "mended": mended,
        "failed": failed,
    }

    def text() -> str:
        lines = [f"mended: {code}" for code in mended] + [f"not mended: {words}" for words in failed]
        lines += [f"{found.code}: {found.message}\n    {spell(found.hint)}" for found in left]
        return "\n".join(lines) or "Everything fits together."

    return Reply("maestro.doctor/1", data, text, exit_code=1 if left else 0)
