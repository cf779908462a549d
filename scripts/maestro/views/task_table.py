"""The tasks of a run as a table, each with its evidence; and what was merged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from maestro import clock
from maestro.counting import plural
from maestro.models.dependency import Dependency
from maestro.models.run import Attempt, RunState, TaskRun
from maestro.run.watching import Sight
from maestro.views.board_parts import anchor, region, state
from maestro.views.progress import duration
from maestro.views.sections import html
from maestro.views.words import paths, reason, source

Data = Mapping[str, Any]

MOST_PATHS = 40
"""Paths that one line of evidence lists."""

MINOR = frozenset({"Wave", "Attempts", "Files"})
"""Columns that a narrow screen leaves to screen readers, so that titles have room there."""

NARROW = ' class="narrow-quiet"'


def tasks_table(data: Data, sight: Sight) -> str:
    """Every task: its state, wave, attempts and commit; folded below it what it needs and why, what it was to touch and what it did, and how its tests went."""
    waves = {task: wave for wave in data["waves"] for task in wave["tasks"]}
    needs: dict[str, list[Dependency]] = {}
    for edge in sight.composition.dependencies if sight.composition else ():
        needs.setdefault(edge.task, []).append(edge)
    rows = "".join(_row(task, sight.state.tasks[task["id"]], waves.get(task["id"]), needs.get(task["id"], []), sight) for task in data["tasks"])
    head = _heads("Task", "State", "Wave", "Attempts", "Commit")
    return region("Tasks", f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


def _heads(*names: str) -> str:
    return "".join(f'<th scope="col"{NARROW if name in MINOR else ""}>{name}</th>' for name in names)


def _row(task: Data, run: TaskRun, wave: Data | None, needs: list[Dependency], sight: Sight) -> str:
    place = f"phase {html(wave['phase'])}, wave {wave['number']}" if wave else ""
    evidence = "".join(f"<li>{line}</li>" for line in _evidence(run, needs, sight))
    name = anchor(run.id)
    fold = f'<details id="{name}-evidence"><summary id="{name}-summary">Evidence of {html(run.id)}</summary><ul>{evidence}</ul></details>'
    trouble = f'<p class="red">{html(task["reason"])}</p>' if task["reason"] and task["state"] in ("failed", "blocked", "held") else ""
    commit = f"<code>{html(task['sha'])}</code>" if task["sha"] else ""
    return (
        f'<tr id="{name}"><th scope="row" class="title">{html(run.id)} <bdi>{html(run.title)}</bdi>{trouble}{fold}</th><td>{state(task["state"])}</td>'
        f'<td class="time narrow-quiet">{place}</td><td class="narrow-quiet">{task["attempt"] or ""}</td><td class="sha">{commit}</td></tr>'
    )


def _evidence(run: TaskRun, needs: list[Dependency], sight: Sight) -> Iterator[str]:
    for edge in needs:
        yield f'needs <a href="#{anchor(edge.needs)}">{html(edge.needs)}</a> ({html(source(edge))}): {html(reason(edge))}'
    if not needs and sight.composition is not None:
        yield "needs no other task"
    scope = sight.composition.scopes.get(run.id, ()) if sight.composition else ()
    yield f"was to touch <code>{html(paths(scope, MOST_PATHS))}</code>" if scope else "no paths were known before"
    if run.real_paths:
        yield f"did touch <code>{html('  '.join(f'{kind} {path}' for path, kind in run.real_paths[:MOST_PATHS]))}</code>"
    for attempt in run.attempts:
        yield html("; ".join(_attempt(attempt, run.merged_at if attempt is run.attempts[-1] else None)))


def _attempt(attempt: Attempt, merged_at: str | None) -> Iterator[str]:
    end = attempt.ended_at or merged_at
    yield f"attempt {attempt.number}: {attempt.outcome or 'open'}" + (f" after {duration(clock.seconds_between(attempt.dispatched_at, end))}" if end else "")
    if attempt.checks:
        yield "its worker's tests: " + ", ".join("green" if check.ok else "red" for check in attempt.checks)
    if attempt.gate is not None and attempt.gate.ok is not None:
        yield f"tests of the candidate: {'green' if attempt.gate.ok else 'red'}" + (" (none found)" if attempt.gate.empty else "")
    if attempt.report.get("summary"):
        yield f"its worker says: {attempt.report['summary']}"
    if attempt.outcome == "failed":
        yield f"{attempt.failure}: {attempt.reason.strip().partition(chr(10))[0] or 'no reason given'}"
    if attempt.left_out:
        yield f"left out: {', '.join(attempt.left_out[:MOST_PATHS])}"


def merges_table(sight: Sight) -> str:
    """Tasks in the order in which their commits came onto the branch."""
    merged = sorted((task for task in sight.state.tasks.values() if task.merged_at), key=lambda task: task.merged_at or "")
    if not merged:
        return "<p>Nothing is merged yet.</p>"
    rows = "".join(_merge(task, sight.state) for task in merged)
    head = _heads("Time (UTC)", "Task", "Commit", "Files", "Tests")
    return region("Merges", f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


def _merge(task: TaskRun, run: RunState) -> str:
    at = task.merged_at or ""
    gate = task.attempts[-1].gate if task.attempts else None
    tests = "no test command" if run.settings.test is None else "" if gate is None else "green" if gate.ok else "red"
    commit = f"<code>{html(task.sha[:7])}</code>" if task.sha else "no change"
    return (
        f'<tr><td class="time"><time datetime="{html(at)}">{html(at[11:19])}</time></td>'
        f'<th scope="row" class="title"><a href="#{anchor(task.id)}">{html(task.id)}</a> <bdi>{html(task.title)}</bdi></th><td class="sha">{commit}</td>'
        f'<td class="time narrow-quiet">{plural(len(task.real_paths), "file")}</td><td>{tests}</td></tr>'
    )
