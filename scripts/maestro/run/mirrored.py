"""What the issue tracker should say of a run, from the journal's state alone. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from maestro.models.gate import GateRun
from maestro.models.mirror import EPIC
from maestro.models.run import RunState, TaskRun, TaskState
from maestro.records import dataclass
from maestro.run.commits import printable

OPEN, CLAIMED, CLOSED = "open", "claimed", "closed"

EVIDENCE = 200
"""Characters of a worker's summary in the reason for which an issue is closed."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The tracker should be told `word` of `issue`, which stands for `subject`. `reason` is what an issue is closed for; `what` names it for people."""

    subject: str
    issue: str
    word: str
    what: str
    reason: str = ""


def untold(state: RunState) -> list[Wish]:
    """What the tracker does not have yet, in an order that it accepts: what opens from the top down, what closes from the bottom up, as it was merged.

    Claims come last: they may wait for what was closed in the same step.
    """
    told = state.mirror.told
    missing = [wish for wish in _wishes(state) if told.get(wish.subject, OPEN) != wish.word]
    opening = [wish for wish in missing if wish.word == OPEN]
    claims = [wish for wish in missing if wish.word == CLAIMED]
    return [*reversed(opening), *(wish for wish in missing if wish.word not in (OPEN, CLAIMED)), *claims]


def _wishes(state: RunState) -> Iterator[Wish]:
    """Tasks, phases, the epic. What this run has not touched is not its business."""
    issues = state.mirror.issues
    for task in sorted(state.tasks.values(), key=lambda task: task.merged_at or ""):
        subject = f"task:{task.id}"
        if subject in issues and (task.attempts or task.state is TaskState.SKIPPED or subject in state.mirror.told) and not task.outside:
            yield _task(subject, issues[subject], state, task)
    for phase in state.phases.values():
        subject = f"phase:{phase.id}"
        if subject in issues and (phase.composed or phase.verified):  # what was verified before this run still holds up what follows, while its issue is open
            reason = f"sha:{phase.checkpoint[:7]} | phase verified" if phase.checkpoint else "phase verified"
            yield Wish(subject, issues[subject], CLOSED if phase.verified else OPEN, f"phase {phase.id}", reason)
    if EPIC in issues:
        over = state.outcome == "completed" or (state.completing is not None and state.outcome is None)
        yield Wish(EPIC, issues[EPIC], CLOSED if over else OPEN, f"track {state.track}", "every phase verified")


def _task(subject: str, issue: str, state: RunState, task: TaskRun) -> Wish:
    match task.state:
        case TaskState.RUNNING | TaskState.REPORTED:
            return Wish(subject, issue, CLAIMED, task.id)
        case TaskState.MERGED:
            return Wish(subject, issue, f"{CLOSED} {task.sha[:7]}".strip(), task.id, _reason(state, task))
        case TaskState.SKIPPED:
            return Wish(subject, issue, CLOSED, task.id, f"skipped | {printable(task.reason) or 'no reason given'}")
        case _:
            return Wish(subject, issue, OPEN, task.id)


def _reason(state: RunState, task: TaskRun) -> str:
    """`sha:abaa869 | tests pass | what the worker said`, or how many files it changed where it said nothing."""
    attempt = task.attempt
    report = attempt.report if attempt else {}
    words = printable(str(report.get("summary") or report.get("reason") or ""))
    said = words if len(words) <= EVIDENCE else words[: EVIDENCE - 1].rstrip() + "…"
    proof = _tests(attempt.gate if attempt else None, state)
    count = len(task.real_paths)
    evidence = said or (f"{count} file{'s' if count != 1 else ''} changed" if count else "")
    return " | ".join(part for part in (f"sha:{task.sha[:7]}" if task.sha else "no change", proof, evidence) if part)


def _tests(gate: GateRun | None, state: RunState) -> str:
    if gate is not None and gate.ok:
        return "no tests found" if gate.empty else "tests pass"
    return "untested" if state.settings.test is None else "tests not run"
