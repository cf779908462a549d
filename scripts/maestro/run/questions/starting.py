"""What is asked before the first task."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.models.gate import GateRun
from maestro.models.run import Option, Question, RunState
from maestro.models.schedule import SLOTS, Mode
from maestro.run.commands import command, text_at


def no_registry(plans: Sequence[str], root: str = "") -> Question:
    """Nothing is registered yet. `plans` are paths that look like plans, below `root` where the caller is not there."""
    found = f" These look like plans: {', '.join(plans)}." if plans else ""
    there = ("-C", root) if root else ()
    adopting = (
        Option(f"adopt-{number}", f"Adopt {path}", "it is registered as a track where it stands", command("tracks", "adopt", *there, path))
        for number, path in enumerate(plans, 1)
    )
    drafting = Option(
        "draft", "Draft a plan", f"with the user, as {text_at('drafting-a-plan')} says", command("tracks", "new", "--id", "ID", "--description", "TEXT", "PLAN")
    )
    return Question("no-registry", "no-registry", f"This repository has no tracks.{found} What should be executed?", (*adopting, drafting))


_IN_MODE = {
    Mode.SINGLE: "one task after the other, in this checkout",
    Mode.PARALLEL: f"in waves, up to {SLOTS} workers at once, each in a git worktree",
    Mode.TEAM: f"up to {SLOTS} workers at once, who share this checkout",
}
"""How tasks run, for who has to choose."""


def start(track: str, summary: str, background: Sequence[str] | None = None, advised: Mode | None = None) -> Question:
    """`background`: the permission rules that workers in the background would still need; None where there is no choice.

    advised: another mode than the one asked for, in which the answer of its name starts instead
    """
    options = [Option("start", "Start", "the first tasks begin")]
    if advised is not None:
        options.append(Option(str(advised), f"Start in {advised} mode", _IN_MODE[advised]))
    if background is not None:
        adds = f"adds {', '.join(background)} to .claude/settings.local.json until the run is over; " if background else ""
        options.append(Option("background", "Start, workers in the background", f"{adds}finished work is merged while others still run"))
    return Question(
        "start",
        "start",
        f"Start the run of {track}? {summary}",
        (*options, Option("cancel", "Cancel", "nothing happens")),
        default="start",
        unattended="start",
        context={"rules": list(background)} if background else {},
    )


def mode_conflict(warning: str, requested: str) -> Question:
    """`warning` ends in the implement document's own question, whose `(y/n)` these options replace."""
    return Question(
        "mode",
        "mode",
        warning.replace(" (y/n)", ""),
        (
            Option("single", "Fall back to single-agent mode", _IN_MODE[Mode.SINGLE]),
            Option("go-on", f"Go on with --{requested}", "the run starts as asked"),
        ),
        default="single",
        unattended="go-on",
    )


def test_command(suggestions: Sequence[tuple[str, str]]) -> Question:
    """`suggestions` are (command, why), the best first. A found one is the default, which `--yes` takes; where there is none only a person can say."""
    best = f" Found: `{suggestions[0][0]}` ({suggestions[0][1]})." if suggestions else ""
    options = [Option("use", f"Use `{command}`", "it must pass before a task is committed") for command, _ in suggestions[:1]]
    options.append(Option("command", "Another command" if suggestions else "A command", "one that you name"))
    options.append(Option("none", "No tests", "tasks are committed untested, and the report says so"))
    return Question(
        "test-command",
        "test-command",
        f"Which command runs the project's tests?{best}",
        tuple(options),
        default="use" if suggestions else None,
        unattended="use" if suggestions else None,
        context={"suggestions": [{"command": command, "why": why} for command, why in suggestions]},
    )


def setup_command(suggestions: Sequence[tuple[str, str]]) -> Question:
    """`suggestions` are (command, why), at least one, the best first."""
    command, why = suggestions[0]
    return Question(
        "setup-command",
        "setup-command",
        f"A worktree is a fresh checkout without what git ignores. Which command prepares it for the tests? Found: `{command}` ({why}).",
        (
            Option("use", f"Use `{command}`", "it runs in each worktree before work and tests begin"),
            Option("command", "Another command", "one that you name"),
            Option("none", "None", "the tests need nothing but what git has"),
        ),
        default="use",
        unattended="use",
        context={"suggestions": [{"command": command, "why": why} for command, why in suggestions]},
    )


LAST_LINES = 10
"""Of a red run's output, in the question."""


def base_red(command: str, gate: GateRun, begun: bool = False) -> Question:
    """With the end of the output, which says whether the tests are red or the command itself is wrong.

    begun: tasks ran already, and the branch was changed since its tests were last green
    """
    output = "\n".join(gate.tail.rstrip().splitlines()[-LAST_LINES:]) or "(nothing)"
    when = f"on the branch as it is now ({gate.commit[:7]}), before any further task" if begun else "before the first task"
    return Question(
        "base-red",
        "base-red",
        f"The tests fail {when}, twice in a row. A task's own failure could not be told apart from this one.\n"
        f"`{command}` printed at its end:\n{output}\nall of it: {gate.log}",
        (
            Option("stop", "Stop", "mend the tests first, then start again"),
            Option("no-test", "Go on without the gate", "tasks are committed untested"),
            Option("again", "Run them again", "after you mended them"),
            Option("command", "Another command", "one that you name; the tests run anew"),
        ),
        default="stop",
        context={"log": gate.log, "tail": gate.tail},
    )


def branch_choice(current: str, proposed: str) -> Question:
    return Question(
        "branch",
        "branch",
        f"You are on {current}, the repository's default branch. Where should the commits go?",
        (
            Option("here", f"Here, on {current}", "tasks are committed to this branch"),
            Option("new", f"On a new branch {proposed}", f"maestro runs `git switch -c {proposed}`, then starts"),
        ),
        default="here",
        unattended="here",
        context={"branch": current, "proposed": proposed},
    )


def unfinished(state: RunState, resume: str, abort: str) -> Question:
    """`resume` and `abort` are the commands of the answers."""
    done = sum(task.state.finished for task in state.tasks.values())
    return Question(
        "unfinished",
        "unfinished",
        f"Track {state.track} has an unfinished run ({done} of {len(state.tasks)} tasks done, last sign of life {state.last_event_at}).",
        (
            Option("resume", "Resume it", "goes on where it stopped", resume),
            Option("abort", "End it", "unmerged branches stay; then start anew", abort),
        ),
        default="resume",
        unattended="resume",
    )
