"""Which issue stands for which task of a plan. Pure.

`metadata.json` says it in `beads_issue_map`: `{"P1T1": id}` for task 1.1, `{"P1": id}` for phase 1, and a task's own id as the key where ids have another form.
What it leaves out is found by its title, where exactly one issue of the epic has it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from maestro.integrations.issues import Issue
from maestro.models.notes import Note
from maestro.models.plan import Phase, Plan, Task
from maestro.records import dataclass

_NUMBERED = re.compile(r"(\d+)\.(\d+)")
_LABEL = re.compile(r"(?:task\s+)?(?:P\d+T\d+|T?\d+(?:\.\w+)*)\s*[:：.—–-]\s*", re.IGNORECASE)
"""What stands before a title when an issue names the task's id too: "Task 1.2: ", "1.2 - "."""


@dataclass(frozen=True, slots=True)
class IssueMap:
    """Issues by task and by phase; `by_title` are the tasks that were found by their title, `unmapped` those without an issue."""

    tasks: dict[str, str]
    phases: dict[str, str]
    by_title: tuple[str, ...] = ()
    unmapped: tuple[str, ...] = ()

    def notes(self, where: str | None = None) -> tuple[Note, ...]:
        """What a reader should know of it."""
        found = []
        if self.by_title:
            pairs = ", ".join(f"{task} = {self.tasks[task]}" for task in self.by_title)
            found.append(Note("beads-mapped-by-title", f"beads_issue_map does not name {pairs}: found by title.", where))
        if self.unmapped:
            found.append(Note("beads-task-unmapped", f"No issue of the epic stands for {', '.join(self.unmapped)}.", where))
        return tuple(found)


def task_key(task: Task) -> str:
    """`P1T2` for task 1.2, the id itself for ids of another form."""
    numbers = _NUMBERED.fullmatch(task.id)
    return f"P{numbers[1]}T{numbers[2]}" if numbers else task.id


def phase_key(phase: Phase) -> str:
    return f"P{phase.id}"


def map_issues(plan: Plan, told: Mapping[str, str], issues: Iterable[Issue], groups: Iterable[Issue] = ()) -> IssueMap:
    """The issues of an epic that stand for the plan's tasks and phases. `told` is `beads_issue_map`; its word counts even for issues the epic lacks."""
    tasks = {task.id: told.get(task_key(task)) or told.get(task.id) or "" for task in plan.tasks}
    phases = {phase.id: told.get(phase_key(phase)) or "" for phase in plan.phases}
    titles = _unique((issue.title, issue.id) for issue in issues if issue.id not in tasks.values())
    wanted = _unique((task.title, task.id) for task in plan.tasks if not tasks[task.id])
    by_title = tuple(task for title, task in wanted.items() if title in titles)
    tasks |= {task: titles[title] for title, task in wanted.items() if title in titles}
    names = _unique((issue.title, issue.id) for issue in groups if issue.id not in phases.values())
    for phase in plan.phases:
        if not phases[phase.id]:
            phases[phase.id] = names.get(_plain(phase.title), names.get(_plain(f"Phase {phase.id}: {phase.title}"), ""))
    return IssueMap(
        {task: issue for task, issue in tasks.items() if issue},
        {phase: issue for phase, issue in phases.items() if issue},
        by_title,
        tuple(task for task, issue in tasks.items() if not issue),
    )


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names by plain title, without titles that several have."""
    listed = [(_plain(title), name) for title, name in pairs]
    counts = Counter(title for title, _ in listed)
    return {title: name for title, name in listed if title and counts[title] == 1}


def _plain(title: str) -> str:
    words = " ".join(title.replace("`", "").replace("*", "").split()).casefold()
    return _LABEL.sub("", words, count=1) if _LABEL.match(words) else words
