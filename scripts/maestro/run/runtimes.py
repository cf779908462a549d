"""What the agent's runtime lacks for driving a run, and what to do instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run.permissions import missing, needed
from maestro.schedule.advice import known_runtimes, offered

_SIGNS = {"CLAUDECODE": "claude", "GEMINI_CLI": "gemini"}
"""Variables that a runtime sets for the commands it runs, and its name."""

_TEAMS = "CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS"


@dataclass(frozen=True, slots=True)
class Lack:
    """Nothing is wrong; something is not to be had here. `hint` is the way round it."""

    code: str
    message: str
    hint: str


def runtime_of(environment: Mapping[str, str]) -> str | None:
    """The runtime that started this process, where it says so."""
    return next((name for sign, name in _SIGNS.items() if environment.get(sign)), None)


def lacks(runtime: str, environment: Mapping[str, str], root: Path) -> Iterator[Lack]:
    """What this runtime lacks, by its name as `--runtime` takes it. Of one that nobody knows only that is told."""
    side_by_side, teams = offered(runtime)
    if side_by_side is None:
        yield Lack("runtime-unknown", f"Nothing is known of what {runtime} can do.", f"Known are {', '.join(known_runtimes())}.")
    if side_by_side is False:
        yield Lack("no-sub-agents", f"{runtime} runs no sub-agents side by side.", f"Single mode, or `run.py exec TRACK --worker {runtime}` from a terminal.")
    if teams is False and side_by_side:
        yield Lack("no-teams", f"{runtime} has no agent teams.", "Parallel mode needs none; in team mode sub-agents take their place.")
    if runtime == "codex":
        yield Lack(
            "sandbox", "codex makes .git read-only in its workspace-write sandbox.", "Let it write there, or drive it with `run.py exec` from a terminal."
        )
    if runtime in ("claude", "claude-code"):
        if teams and not environment.get(_TEAMS):
            yield Lack("teams-off", "Agent teams are switched off.", f"Sub-agents take their place; {_TEAMS}=1 switches them on.")
        if rules := missing(root, needed(Mode.PARALLEL)):
            yield Lack(
                "background-rules",
                f"Workers in the background lack {', '.join(rules)}.",
                "`run.py start` offers to write them; in the foreground none are needed.",
            )
