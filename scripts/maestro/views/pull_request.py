"""The body of a pull request for a run: what each commit is, what stands behind it, and what a reviewer should know that the diff does not say."""

from __future__ import annotations

from collections.abc import Iterator

from maestro.counting import plural
from maestro.models.report import Asked, Report, TaskReport
from maestro.models.run import FailureClass, first_line
from maestro.views.cells import clip
from maestro.views.report import MOST, length, listed, regrouped, some, still_open, without_commit
from maestro.views.sections import Block, Points, Section, Table, as_markdown, code
from maestro.views.words import short_ids

TESTED = {"green": "green", "untested": "UNTESTED", "": ""}

LARGEST = 60_000
"""Characters of a body: GitHub refuses more than 65,536."""

LONGEST = 300
"""Characters of a title or a reason."""

ROWS = (500, 200, 80, 30, 10)
"""Rows and lines of a list: as many of these as fit."""


def pull_request(report: Report) -> str:
    """Markdown for GitHub and its like, which is never too long for them."""
    bodies = (_body(report, rows) for rows in ROWS)
    return next((body for body in bodies if len(body) <= LARGEST), _body(report, ROWS[-1]))


def _body(report: Report, rows: int) -> str:
    merged = [task for task in report.tasks if task.sha and task.state == "merged"]
    about = report.description or f"The track {report.track}"
    before = sum(task.state == "done-before" for task in report.tasks)
    total = report.total - before
    count = plural(len(merged), "task") if len(merged) == total else f"{len(merged)} of {plural(total, 'task')}"
    more = f" {before} more {'were' if before > 1 else 'was'} done before." if before else ""
    commits = len({task.sha for task in merged})
    each = "one commit each" if commits == len(merged) else f"in {plural(commits, 'commit')}"
    opening = f"{about}: {count}, {each}, on {code(report.branch)} since {short_ids(report.base)}.{more}"
    return as_markdown("", [Section("", [opening]), *_sections(report, merged, rows)])


def _sections(report: Report, merged: list[TaskReport], most: int) -> Iterator[Section]:
    yield Section("Tasks", [*_commits(merged, most), *_missing(report, min(most, MOST))])
    yield Section("Tests", list(_gates(report, merged)))
    notable = list(_notable(report, merged))
    if notable:
        yield Section("Worth a look", [_points(notable, most)])
    if report.untried:
        yield Section("Nobody tried by hand", [_points([f"phase {entry.phase}: {entry.step}" for entry in report.untried], most)])
    asked = still_open(report)
    if asked:
        yield Section("Questions still open", [_points(asked, most)])
    answered = [question for question in report.questions if question.option and question.id != "start"]
    if answered:
        yield Section("Questions answered", [_points([_answer(question) for question in answered], most)], folded=True)
    if report.edges:
        order = [f"{edge.task} after {edge.needs}: {edge.why} ({edge.kind})" for edge in report.edges]
        yield Section("Why this order", [_points(order, most)], folded=True)


def _points(lines: list[str], most: int) -> Points:
    return Points([clip(line, LONGEST) for line in some(lines, min(most, MOST))])


def _commits(merged: list[TaskReport], most: int) -> Iterator[Block]:
    rows = [(clip(f"{task.id} {task.title}", LONGEST), short_ids(task.sha), ", ".join(_evidence(task))) for task in merged]
    if rows:
        yield Table(rows[:most], ("task", "commit", "tests"))
    if len(rows) > most:
        yield f"And {len(rows) - most} more."


def _evidence(task: TaskReport) -> Iterator[str]:
    """What proves one commit."""
    yield TESTED[task.tested]
    if task.proof == "red-green":
        yield "red before green"


def _missing(report: Report, most: int) -> Iterator[Block]:
    """Tasks of the plan whose work is not in these commits."""
    missing = [f"{task.id} {task.title}: {without_commit(task)}" for task in report.tasks if not task.sha and task.state != "done-before"]
    if missing:
        yield "Without a commit:"
        yield _points(missing, most)


def _gates(report: Report, merged: list[TaskReport]) -> Iterator[str]:
    gates = report.gates
    if gates.command is None:
        yield "There is no test command: nothing here was tested by maestro."
        return
    red = f" {gates.red} of {plural(gates.runs, 'run')} {'were' if gates.red > 1 else 'was'} red; no commit got in on a red one." if gates.red else ""
    yield f"{code(gates.command)} ran on each commit, on top of all that was merged before it, before it reached the branch.{red}"
    untested = [task.id for task in merged if task.tested == "untested"]
    if untested:
        yield f"It found no test to run at: {', '.join(untested)}."


def _notable(report: Report, merged: list[TaskReport]) -> Iterator[str]:
    for task in merged:
        if task.outside:
            yield f"{task.id} also changed {listed([*map(code, task.outside)])}, which its text does not name"
    for miss in report.hindsight.missed:
        yield f"{miss.first} and {miss.second} both changed {listed([*map(code, miss.paths)])}, which nobody foresaw"
    for failure in report.failures:
        spent = f"{length(failure.seconds)} of work"
        how = f"was interrupted ({spent})" if failure.failure == FailureClass.INTERRUPTED else f"failed ({failure.failure}, {spent})"
        yield f"{failure.task}, attempt {failure.attempt}, {how}: {short_ids(failure.reason)}"
    for change in regrouped(report):
        yield f"re-grouped, {change}"


def _answer(question: Asked) -> str:
    words = f' ("{question.words}")' if question.words else ""
    by = ", taken by --yes: nobody looked" if question.unattended else ""
    return f"{first_line(question.text)} {question.label or question.option}{words}{by}"
