"""Issues of a beads tracker, whichever tool keeps them: what they are, how they hang together, what is left of an epic. Pure.

Rules that the tools of the family share: an edge says that its issue depends on another one; the parent of a child is an edge of type `parent-child` on the
child; only some types block; a blocked parent blocks its children, an open one does not; closed and tombstone are the ends of an issue's life.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from maestro.errors import NotFound
from maestro.models.notes import Note
from maestro.records import dataclass

TERMINAL = frozenset({"closed", "tombstone"})
WAITING = frozenset({"deferred", "draft", "pinned"})
"""Not over, and nobody should begin it."""
STATUSES = frozenset({"open", "in_progress", "blocked", *WAITING, *TERMINAL})
BLOCKING = frozenset({"blocks", "conditional-blocks", "waits-for", ""})
PARENT = "parent-child"
CONTAINERS = frozenset({"epic"})


@dataclass(frozen=True, slots=True)
class Issue:
    """One issue. `blockers` are the issues it waits for; `reason` says why it was closed; `line` is its place in the file it was read from, 0 for none."""

    id: str
    title: str
    status: str = "open"
    type: str = "task"
    assignee: str = ""
    reason: str = ""
    updated_at: str = ""
    parent: str | None = None
    blockers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    line: int = 0

    @property
    def over(self) -> bool:
        return self.status in TERMINAL


@dataclass(frozen=True)
class Issues:
    """All issues of a tracker, by id, and what reading them had to say."""

    by_id: dict[str, Issue]
    notes: tuple[Note, ...] = ()
    shown: str = ""

    @cached_property
    def children(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for issue in self.by_id.values():
            parent = parent_of(issue, self.by_id)
            if parent is not None and issue.status != "tombstone":
                found.setdefault(parent, []).append(issue.id)
        return found

    def where(self, issue: Issue) -> str | None:
        return f"{self.shown}:{issue.line}" if self.shown and issue.line else None


@dataclass(frozen=True, slots=True)
class EpicTask:
    """A task of an epic: the tasks of the same epic that it `needs`, blockers that do not exist (`missing`).

    `outside` are other open issues that block it: elsewhere, or a phase whose tasks are all over and that nobody has closed.
    """

    issue: Issue
    needs: tuple[str, ...]
    outside: tuple[str, ...]
    missing: tuple[str, ...]
    ready: bool


@dataclass(frozen=True, slots=True)
class Epic:
    """An epic with its tasks in their own order. `groups` are the epics inside it: phases."""

    issue: Issue
    tasks: tuple[EpicTask, ...]
    groups: tuple[Issue, ...]
    notes: tuple[Note, ...]


def parent_of(issue: Issue, known: dict[str, Issue]) -> str | None:
    """The parent that an edge names; without one, the issue whose id this one extends: `bd-1.2` is a child of `bd-1`."""
    if issue.parent is not None:
        return issue.parent
    prefix, dot, last = issue.id.rpartition(".")
    return prefix if dot and last.isdigit() and prefix in known else None


def read_epic(issues: Issues, epic_id: str) -> Epic:
    """Everything below an epic, with the edges that count. Raises NotFound `beads-epic-missing`."""
    root = issues.by_id.get(epic_id)
    if root is None:
        raise NotFound("beads-epic-missing", f"The tracker has no issue {epic_id}.", hint="`beads.py probe` says which tracker answers.")
    below = list(_below(issues, epic_id))
    containers = {issue.id for issue in below if issue.type in CONTAINERS or issues.children.get(issue.id)}
    inside = {issue.id for issue in below}
    tasks = sorted((issue for issue in below if issue.id not in containers), key=lambda issue: _numbered(issue.id))
    notes: list[Note] = []
    found = tuple(_task(issues, issue, inside, containers, notes) for issue in tasks)
    groups = tuple(sorted((issue for issue in below if issue.id in containers), key=lambda issue: _numbered(issue.id)))
    return Epic(root, found, groups, tuple(dict.fromkeys(notes)))


def _below(issues: Issues, start: str) -> Iterator[Issue]:
    """All descendants, each once, however the edges run in circles."""
    seen, stack = {start}, list(reversed(issues.children.get(start, ())))
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            yield issues.by_id[name]
            stack.extend(reversed(issues.children.get(name, ())))


def ancestors(issues: Issues, issue: Issue) -> list[Issue]:
    """The parents of an issue, the nearest first, each once."""
    chain: list[Issue] = []
    seen = {issue.id}
    current = issues.by_id.get(parent_of(issue, issues.by_id) or "")
    while current is not None and current.id not in seen:
        seen.add(current.id)
        chain.append(current)
        current = issues.by_id.get(parent_of(current, issues.by_id) or "")
    return chain


def _task(issues: Issues, issue: Issue, inside: set[str], containers: set[str], notes: list[Note]) -> EpicTask:
    above = ancestors(issues, issue)
    needs: dict[str, None] = {}
    outside: dict[str, None] = {}
    missing: dict[str, None] = {}
    family = {issue.id, *(parent.id for parent in above)}
    for holder in (issue, *above):
        for blocker in holder.blockers:
            if blocker in family:
                says = f"{holder.id} waits for {blocker}, which contains it: left out."
                notes.append(Note("beads-waits-for-parent", says, issues.where(holder)))
            elif blocker not in issues.by_id:
                missing[blocker] = None
                notes.append(Note("beads-blocker-missing", f"{holder.id} waits for {blocker}, which does not exist.", issues.where(holder)))
            elif blocker in containers:
                parts = [part for part in _below(issues, blocker) if part.id not in containers and part.id not in family]
                needs.update((part.id, None) for part in parts)
                if not issues.by_id[blocker].over and all(part.over for part in parts):
                    outside[blocker] = None
            elif blocker in inside:
                needs[blocker] = None
            elif not issues.by_id[blocker].over:
                outside[blocker] = None
    open_needs = [need for need in needs if not issues.by_id[need].over]
    resting = any(parent.status in WAITING or parent.status == "blocked" for parent in above)
    ready = issue.status == "open" and not (open_needs or outside or missing or resting)
    return EpicTask(issue, tuple(needs), tuple(outside), tuple(missing), ready)


def _numbered(name: str) -> tuple[tuple[int, str], ...]:
    """`bd-1.10` after `bd-1.9`."""
    return tuple((int(part), "") if part.isdigit() else (0, part) for part in name.split("."))
