"""Changes single issues: claim, release, close, each true afterwards or an error. Doing one twice does no harm.

A tool's own words about a change are not enough: by version it may leave out who holds an issue, call a refused change a success, or be killed after the
change was made. So each verb looks first, changes, and looks again.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from maestro.errors import Conflict, Failed
from maestro.integrations.calls import Calls
from maestro.integrations.issues import CONTAINERS, Issue
from maestro.integrations.jsonl import issue_of
from maestro.integrations.reading import show
from maestro.integrations.speech import Answer
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """An issue after a verb; `changed` is false when it was so already, `before` is what it was."""

    issue: Issue
    before: Issue
    changed: bool


def new_actor() -> str:
    """A name that no other process uses: the tools let the same name claim twice."""
    return f"maestro-{os.urandom(4).hex()}"


def claim(calls: Calls, issue_id: str) -> Change:
    """Take an issue for this actor. Raises Conflict `beads-claimed`, `beads-closed`, `beads-epic`; Failed `beads-refused`."""

    def mine(issue: Issue) -> bool:
        return issue.status == "in_progress" and issue.assignee == calls.actor

    with calls.alone():
        before = show(calls, issue_id)
        if mine(before):
            return Change(before, before, False)
        if before.type in CONTAINERS:
            raise Conflict("beads-epic", f"{issue_id} is an epic, which nobody works on as such.", hint="Claim one of its tasks: `beads.py tasks`.")
        if before.over:
            raise Conflict("beads-closed", f"{issue_id} is {before.status}.", hint="`beads.py release` opens it again.")
        _require_free(before, calls.actor)
        answer = calls.write("update", issue_id, "--claim")
        after = _proof(calls, answer, issue_id, mine)
        if after is None:
            _require_free(show(calls, issue_id), calls.actor)
            raise _refused(calls, "claimed", issue_id, answer)
        return Change(after, before, True)


def release(calls: Calls, issue_id: str) -> Change:
    """Give an issue back, or open it again: open, and nobody's. An open issue that keeps its holder could not be claimed by anybody else.

    Raises Failed `beads-refused`.
    """

    def free(issue: Issue) -> bool:
        return issue.status == "open" and not issue.assignee

    with calls.alone():
        before = show(calls, issue_id)
        if free(before):
            return Change(before, before, False)
        answer = calls.write("update", issue_id, "--status", "open", "--assignee", "")
        after = _proof(calls, answer, issue_id, free, certain=False)
        if after is None:
            raise _refused(calls, "released", issue_id, answer)
        return Change(after, before, True)


def close(calls: Calls, issue_id: str, reason: str) -> Change:
    """Close one issue; one that is closed keeps the reason it has. Raises Failed `beads-refused`."""
    with calls.alone():
        before = show(calls, issue_id)
        if before.over:
            return Change(before, before, False)
        answer = calls.write("close", issue_id, f"--reason={reason}")
        after = _proof(calls, answer, issue_id, lambda issue: issue.over)
        if after is None:
            raise _refused(calls, "closed", issue_id, answer)
        return Change(after, before, True)


def _require_free(issue: Issue, actor: str) -> None:
    if issue.assignee and issue.assignee != actor:
        raise Conflict(
            "beads-claimed", f"{issue.id} is claimed by {issue.assignee}.", hint=f"Take another task; `beads.py release {issue.id}` when its holder is gone."
        )


def _proof(calls: Calls, answer: Answer, issue_id: str, holds: Callable[[Issue], bool], *, certain: bool = True) -> Issue | None:
    """The issue, where the change is proven: by the tool's echo of it when that is `certain` to say all, else by looking."""
    echoed = [issue for record in answer.records if (issue := issue_of(record)) is not None and issue.id == issue_id]
    if certain and answer.code == 0 and echoed and holds(echoed[-1]):
        return echoed[-1]
    found = show(calls, issue_id)
    return found if holds(found) else None


def _refused(calls: Calls, what: str, issue_id: str, answer: Answer) -> Failed:
    says = answer.error or "it gave no reason"
    skipped = [str(entry.get("reason")) for document in answer.documents if isinstance(document, dict) for entry in document.get("skipped") or ()]
    message = f"{issue_id} was not {what}. {calls.program.kind} says: {'; '.join(skipped) or says}."
    return Failed("beads-refused", message, hint="Mend that, then repeat; `beads.py status` compares plan and tracker.")
