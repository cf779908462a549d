"""The body of a pull request for a run: what each commit is, what stands behind it, and what a reviewer should know that the diff does not say."""

from __future__ import annotations

from collections.abc import Iterator

from maestro.counting import plural
from maestro.models.report import Asked, Report, TaskReport
from maestro.models.run import FailureClass, first_line
from maestro.views.report import length, listed, regrouped, some, without_commit
from maestro.views.sections import Block, Points, Section, Table, as_markdown
from maestro.views.words import short_ids

TESTED = {"green": "green", "untested": "UNTESTED", "": ""}


def pull_request(report: Report) -> str:
    """Markdown for GitHub and its like."""
    merged = [task for task in report.tasks if task.sha and task.state == "merged"]
    about = report.description or f"The track {report.track}"
    opening = f"{about}: {plural(len(merged), 'task')}, one commit each, on {report.branch} since {short_ids(report.base)}."
    return as_markdown("", [Section("", [opening]), *_sections(report, merged)])


def _sections(report: Report, merged: list[TaskReport]) -> Iterator[Section]:
    rows = [(f"{task.id} {task.title}", short_ids(task.sha), ", ".join(_evidence(task))) for task in merged]
    yield Section("Tasks", [Table(rows, ("task", "commit", "tests")), *_missing(report)])
    yield Section("Tests", list(_gates(report, merged)))
    if report.edges:
        order = [f"{edge.task} after {edge.needs}: {edge.why} ({edge.kind})" for edge in report.edges]
        yield Section("Why this order", [Points(some(order))])
    notable = list(_notable(report, merged))
    if notable:
        yield Section("Worth a look", [Points(some(notable))])
    if report.untried:
        yield Section("Nobody tried by hand", [Points(some([f"phase {entry.phase}: {entry.step}" for entry in report.untried]))])
    answered = [question for question in report.questions if question.option and question.id != "start"]
    if answered:
        yield Section("Questions answered", [Points(some([_answer(question) for question in answered]))])
    still_open = [question for question in report.questions if not question.option]
    if still_open:
        yield Section("Questions still open", [Points(some([first_line(question.text) for question in still_open]))])


def _evidence(task: TaskReport) -> Iterator[str]:
    """What proves one commit."""
    yield TESTED[task.tested]
    if task.proof == "red-green":
        yield "red before green"


def _missing(report: Report) -> Iterator[Block]:
    """Tasks of the plan whose work is not in these commits."""
    missing = [f"{task.id} {task.title}: {without_commit(task)}" for task in report.tasks if not task.sha]
    if missing:
        yield "Without a commit:"
        yield Points(some(missing))


def _gates(report: Report, merged: list[TaskReport]) -> Iterator[str]:
    gates = report.gates
    if gates.command is None:
        yield "There is no test command: nothing here was tested by maestro."
        return
    red = f"; {gates.red} of {plural(gates.runs, 'run')} were red and what they tested did not get in" if gates.red else ""
    yield f"{gates.command} ran on each commit, on top of all that was merged before it, before it reached the branch{red}."
    untested = [task.id for task in merged if task.tested == "untested"]
    if untested:
        yield f"It found no test to run at: {', '.join(untested)}."


def _notable(report: Report, merged: list[TaskReport]) -> Iterator[str]:
    for task in merged:
        if task.outside:
            yield f"{task.id} also changed {listed(task.outside)}, which its text does not name"
    for miss in report.hindsight.missed:
        yield f"{miss.first} and {miss.second} both changed {listed(miss.paths)}, which nobody foresaw"
    for failure in report.failures:
        how = "was ended" if failure.failure == FailureClass.INTERRUPTED else "failed"
        yield f"{failure.task}, attempt {failure.attempt}, {how} ({failure.failure}, {length(failure.seconds)} of work): {short_ids(failure.reason)}"
    for change in regrouped(report):
        yield f"re-grouped, {change}"


def _answer(question: Asked) -> str:
    words = f' ("{question.words}")' if question.words else ""
    by = ", taken by --yes: nobody looked" if question.unattended else ""
    return f"{first_line(question.text)} {question.label or question.option}{words}{by}"
