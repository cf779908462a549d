"""What a run was worth and what held it up, in words: the sections of the report, the same in every notation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from maestro.counting import plural
from maestro.models.report import Cause, Report, Share, Spent, TaskReport
from maestro.models.run import first_line
from maestro.models.schedule import Mode
from maestro.views.looks import OF_STATE
from maestro.views.page import page
from maestro.views.progress import duration
from maestro.views.sections import Block, Points, Section, Table, as_html, as_markdown, as_text
from maestro.views.words import percent, short_ids

CAUSES = {
    Cause.AWAY: "nobody drove it: paused, stopped, or its driver was gone",
    Cause.QUESTIONS: "a person's answer was missing",
    Cause.RETRIES: "only attempts that failed in the end were worked on",
    Cause.SLOTS: "every slot was taken and a task that was ready waited for one",
    Cause.BARRIER: "a task that was ready waited for its wave to begin",
    Cause.MERGES: "finished work was tested and merged, and what was left waited for it",
    Cause.DEPENDENCIES: "a slot was free, but what was left needed a task that still ran",
    Cause.WORK: "the last tasks of a phase were at work, nothing waited",
    Cause.OTHER: "worktrees, briefs, bookkeeping, a session between its calls, limits of machine or service",
}

BESIDE = (Cause.SLOTS, Cause.BARRIER, Cause.DEPENDENCIES)
"""What holds a task up that could run beside others."""

NARROW = "@media (max-width: 40rem) { td + td:not(.number) { min-width: 7rem; } }"
"""On a phone a table is moved sideways before its words are squeezed to one a line."""

SHORTEST = 0.05
"""Seconds that are written as more than none."""

MOST = 40
"""Lines of a list; the rest is counted. JSON has all of it."""


ROWS = 500
"""Tasks of the table."""


def report_text(report: Report, columns: int = 80) -> str:
    """For a terminal."""
    return as_text(heading(report), list(sections(report)), columns)


def report_markdown(report: Report) -> str:
    """For a pull request or a wiki."""
    return as_markdown(heading(report), list(sections(report)))


def report_html(report: Report) -> str:
    """A self-contained page."""
    return page(heading(report), as_html(list(sections(report))), NARROW)


def heading(report: Report) -> str:
    """`auth, run auth-1a2b3c: completed, 7 of 7 tasks on main`."""
    return f"{report.track}, run {report.run}: {_state(report)}, {report.merged} of {plural(report.total, 'task')} on {report.branch}"


def _state(report: Report) -> str:
    """As `run.py status` says it: a process that ended because it could do nothing more without an answer has not just stopped."""
    works = any(task.state == "running" for task in report.tasks)
    if report.condition == "waiting" or (report.condition == "owner-gone" and still_open(report) and not works):
        return "waits for an answer"
    return "stopped" if report.condition == "owner-gone" else report.condition


def sections(report: Report) -> Iterator[Section]:
    """The report, without its heading; a section that would be empty is left out. The tasks come late: of a long plan they would hide all that follows."""
    yield Section("Time", [Table(list(_times(report)), right=frozenset({1}))])
    if report.times.wall:
        yield Section("What bounded it", list(_bound(report)))
    asked = still_open(report)
    if asked:
        yield Section("Questions still open", [Points(some(asked))])
    if report.usage.attempts:
        attempts = sum(task.attempts for task in report.tasks)
        told = f"{report.usage.attempts} of {attempts}" if report.usage.attempts < attempts else "all"
        yield Section("Used, as the workers say", [f"{usage_words(report.usage)}, told by {told} attempts."])
    if report.failures:
        yield Section("What failed", [Points(some(_failed(report)))])
    if report.regroupings:
        yield Section("Re-grouped", [Points(some(regrouped(report)))])
    yield Section("Dependencies, held against the real diffs", list(_hindsight(report)))
    yield Section("Tasks", list(_tasks(report)))
    if report.other_runs:
        yield Section("Other runs of this track", [f"{', '.join(report.other_runs[:MOST])}; `--run ID` shows one."])


def _tasks(report: Report) -> Iterator[Block]:
    yield Table([_task(task) for task in report.tasks[:ROWS]], ("", "task", "work", "commit", "notes"), right=frozenset({2}))
    if len(report.tasks) > ROWS:
        yield f"And {len(report.tasks) - ROWS} more; JSON has all of them."


def _times(report: Report) -> Iterator[tuple[str, str, str]]:
    times = report.times
    yield "wall", length(times.wall), f"{report.started_at[:19].replace('T', ' ')} to {report.ended_at[:19].replace('T', ' ')} UTC"
    if times.wall - times.active >= 1:
        yield "active", length(times.active), "without the time in which nobody drove it or an answer was missing"
    attempts = sum(task.attempts for task in report.tasks)
    single = report.mode == Mode.SINGLE
    yield "task time", length(times.tasks), plural(attempts, "attempt") if single else f"all workers together, {plural(attempts, 'attempt')}"
    if not single:
        without = f"; without {length(times.vain)} of attempts that conflicted or were broken off" if times.vain >= SHORTEST else ""
        yield "one by one", length(times.sequential), f"the same work sequentially: task time, and what ran between tasks{without}"
        yield "saved", percent(times.saved), "of that"
    if times.predicted is not None:
        yield "predicted", percent(times.predicted), "by the waves it began with, all tasks equally long, tests and merges free"
    if report.critical_path:
        yield "critical path", length(times.critical), " -> ".join(report.critical_path)
    gates = report.gates
    if gates.command is None:
        yield "tests", "none", "no test command: everything was merged untested"
    elif gates.runs:
        yield "tests", length(gates.seconds), f"{plural(gates.runs, 'run')} by maestro{f', {gates.red} red' if gates.red else ''}"


def _bound(report: Report) -> Iterator[Block]:
    single = report.mode == Mode.SINGLE
    shares, causes = (_one_by_one(report.bound), CAUSES | {Cause.WORK: "a task was at work"}) if single else (report.bound, CAUSES)
    shown = [share for share in shares if share.seconds >= SHORTEST]
    rows = [(share.cause.value, length(share.seconds), percent(share.share, 1), causes[share.cause]) for share in shown]
    yield Table(rows, right=frozenset({1, 2}), bars=[share.share for share in shown])
    told = (cause.value for cause in Cause if not (single and cause in BESIDE))
    yield f"Each moment counts once, under the first of these that was true: {', '.join(told)}."


def _one_by_one(shares: Sequence[Share]) -> list[Share]:
    """Where tasks never run beside each other, what kept the others waiting is nothing but the one at work."""
    work = [share for share in shares if share.cause in (*BESIDE, Cause.WORK)]
    others = [share for share in shares if share not in work]
    together = Share(Cause.WORK, sum(share.seconds for share in work), sum(share.share for share in work))
    return sorted([*others, together], key=lambda share: -share.seconds)


def _task(task: TaskReport) -> tuple[str, str, str, str, str]:
    facts = [] if (task.state == "merged" and task.sha) or (task.state == "waiting" and not task.reason) else [without_commit(task)]
    if task.attempts > 1:
        facts.append(plural(task.attempts, "attempt"))
    if task.outside:
        facts.append(f"also changed {listed(task.outside, 2)}")
    if task.tested == "untested":
        facts.append("untested")
    if task.proof == "red-green":
        facts.append("red, then green")
    if task.tokens is not None or task.cost is not None:
        facts.append(usage_words(Spent(task.tokens, task.cost)))
    return OF_STATE[task.state].sign, f"{task.id} {task.title}", length(task.seconds) if task.attempts else "", short_ids(task.sha), ", ".join(facts)


def without_commit(task: TaskReport) -> str:
    """`skipped (the bookkeeping decides)`: the state of a task without a commit, and why."""
    state = "needed no change" if task.state == "merged" else task.state.replace("-", " ")
    return f"{state} ({short_ids(task.reason)})" if task.reason else state


def still_open(report: Report) -> list[str]:
    """The questions that nobody has answered yet; nothing is asked of a run that is over."""
    over = report.condition in ("completed", "stopped")
    return [first_line(question.text) for question in report.questions if not (over or question.option)]


def usage_words(usage: Spent) -> str:
    """`120,000 tokens, cost 1.20`."""
    parts = [f"{usage.tokens:,.0f} tokens" if usage.tokens is not None else "", f"cost {_cost(usage.cost)}" if usage.cost is not None else ""]
    return ", ".join(part for part in parts if part)


def _cost(cost: float) -> str:
    """Two digits behind the point, more where these would be nothing: no small cost reads like none."""
    return f"{cost:,.2f}" if not cost or cost >= 0.01 else f"{cost:.4f}".rstrip("0") if cost >= 0.0001 else "under 0.0001"


def _failed(report: Report) -> Iterator[str]:
    for each in report.failures:
        yield f"{each.task}, attempt {each.attempt} ({each.failure}, {length(each.seconds)} of work): {short_ids(each.reason)}"


def regrouped(report: Report) -> Iterator[str]:
    """Each re-grouping in a sentence: before, after, why."""
    for change in report.regroupings:
        before, after = (" | ".join(", ".join(wave) for wave in waves) for waves in (change.before, change.after))
        yield f"phase {change.phase}: {before} became {after}: {' '.join(change.reasons)}"


def _hindsight(report: Report) -> Iterator[Block]:
    found = report.hindsight
    if not found.edges and not found.missed:
        yield "Nothing to compare: no two tasks that an edge or a file links are merged."
        return
    parts = [f"{found.met} met in a file"]
    parts += [f"{found.stated} {'are' if found.stated > 1 else 'is'} the plan's own word"] if found.stated else []
    parts += [f"{len(found.apart)} met in none"] if found.apart else []
    checked = f"Of {plural(found.edges, 'edge')} between merged tasks {', '.join(parts)}" if found.edges else "No edge is between merged tasks"
    yield f"{checked}; {plural(len(found.missed), 'pair')} met without an edge."
    if found.missed or found.apart:
        yield Points(some(_differences(report)))
    if found.apart:
        yield "An edge without a common file may be right all the same: one task can use what the other made."


def _differences(report: Report) -> Iterator[str]:
    for miss in report.hindsight.missed:
        noticed = "; noticed while running" if miss.found else "; they conflicted" if miss.conflict else ""
        yield f"missed: {miss.first} and {miss.second} both changed {listed(miss.paths)}{noticed}"
    for edge in report.hindsight.apart:
        yield f"no common file: {edge.task} needs {edge.needs} ({edge.kind}: {edge.why})"


def listed(paths: Sequence[str], most: int = 4) -> str:
    """The first of these, and how many more there are."""
    return ", ".join(paths[:most]) + (f" and {len(paths) - most} more" if len(paths) > most else "")


def some(items: Iterable[str], most: int = MOST) -> list[str]:
    """As many as people read; the last one says how many more there are."""
    items = list(items)
    left = len(items) - most
    return items if left <= 0 else [*items[:most], f"and {left} more"]


def length(seconds: float) -> str:
    """`4.2 s` below a minute, whole seconds above."""
    return f"{seconds:.1f} s" if seconds < 59.95 else duration(max(seconds, 60))
