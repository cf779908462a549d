"""The parts of a run's page that need no table of tasks: summary, questions, workers, waves, graph, re-groupings, log. Everything in them is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from maestro.counting import plural
from maestro.models.run import slugify
from maestro.run.watching import Sight
from maestro.views.board import slot_words, time_words
from maestro.views.board_plan import FINISHED
from maestro.views.chronicle import chronicle
from maestro.views.graph import heading
from maestro.views.looks import OF_STATE, looks_of
from maestro.views.progress import duration, of_them_skipped
from maestro.views.sections import html
from maestro.views.status import condition_words
from maestro.views.svg import explanation, svg
from maestro.views.words import phase_name

Data = Mapping[str, Any]

MOST_LOG = 500
"""Events on the page; the journal has all."""

MOST_DRAWN = 600
"""Tasks that one picture can hold."""


def anchor(task: str) -> str:
    """The name in the page of a task's row."""
    return f"task-{slugify(task)}"


def state(name: str) -> str:
    """A state by sign, word and colour."""
    return f'<span class="state {html(name)}">{_sign(name)} {html(name)}</span>'


def _sign(name: str) -> str:
    """Silent, because the state's word or the task's row says the same."""
    return f'<span aria-hidden="true">{OF_STATE[name].sign}</span>'


def region(name: str, content: str) -> str:
    """What may be wider than the page: it scrolls, also by keyboard."""
    return f'<div class="wide" role="region" tabindex="0" aria-label="{html(name)}">{content}</div>'


def summary(data: Data) -> str:
    """How far the run is, and where it runs."""
    progress, slots = data["progress"], data["slots"]
    facts = (
        ("State", condition_words(data)),
        ("Time", time_words(data["times"])),
        *([] if data["times"]["over"] else [("Slots", slot_words(slots))]),
        ("Mode", data["mode"]),
        ("Branch", data["branch"]),
        ("Checkout", data["checkout"]),
        ("Run", data["run"]),
    )
    listed = "".join(f"<div><dt>{name}</dt><dd>{html(str(value))}</dd></div>" for name, value in facts)
    done = f"{progress['percent']} %, {progress['done']} of {plural(progress['total'], 'task')}{of_them_skipped(progress['skipped'])}"
    return f'<p><progress max="100" value="{progress["percent"]}" aria-label="Tasks finished">{done}</progress> {done}</p>\n<dl class="facts">{listed}</dl>'


def questions(data: Data) -> str:
    """What waits for a person, what failed, and the conflicts that are coming."""
    boxes = [
        f'<div class="box"><h3>Question {html(question["id"])}</h3>'
        + "".join(f"<p>{html(line)}</p>" for line in question["text"].splitlines() if line.strip())
        + f"<ul>{''.join(_option(option) for option in question['options'])}</ul></div>"
        for question in data["questions"]
    ]
    asked = {question["task"] for question in data["questions"]}
    for task in data["tasks"]:
        if task["state"] in ("failed", "held") and task["id"] not in asked:
            why = html(task["reason"]) or "no reason given"
            boxes.append(f'<div class="box"><p><a href="#{anchor(task["id"])}">{html(task["id"])}</a> {state(task["state"])}: {why}</p></div>')
    for clash in data["forecast"]:
        pair = " and ".join(clash["pair"])
        boxes.append(f'<div class="box"><p>{html(pair)} would conflict in <code>{html(", ".join(clash["files"]))}</code></p></div>')
    if not boxes:
        return '<div data-part="attention"></div>'
    return f'<div data-part="attention"><section aria-labelledby="attention"><h2 id="attention">Needs attention</h2>{"".join(boxes)}</section></div>'


def _option(option: Data) -> str:
    command = f" <code>{html(option['command'])}</code>" if option.get("command") else ""
    return f"<li><strong>{html(option['id'])}</strong> {html(option['label'])}: {html(option['effect'])}{command}</li>"


def workers(data: Data) -> str:
    """Who works on what: stage, time, last sign of life, files."""
    if not data["workers"]:
        return "<p>Nobody works on a task.</p>"
    rows = "".join(
        f'<tr><th scope="row"><a href="#{anchor(worker["task"])}">{html(worker["task"])}</a></th><td class="title"><bdi>{html(worker["title"])}</bdi></td>'
        f'<td>{html(worker["stage"])}</td><td class="time">{duration(worker["since_s"])}</td>'
        f"<td>{_touched(worker)}</td></tr>"
        for worker in data["workers"]
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Task", "Title", "Stage", "Since", "Touched last"))
    return region("Who works on what", f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


def _touched(worker: Data) -> str:
    files, ago = worker["files"], f"{duration(worker['quiet_s'])} ago"
    if not files:
        return f"no file yet, last sign of life {ago}"
    more = f" and {plural(len(files) - 1, 'other')}" if len(files) > 1 else ""
    return f"<code>{html(files[0])}</code>{more}, {ago}"


def waves(data: Data) -> str:
    """Each wave with its share and its tasks. Waves of one task each are just an order and not named."""
    tasks = {task["id"]: task for task in data["tasks"]}
    together = {wave["phase"] for wave in data["waves"] if len(wave["tasks"]) > 1}
    placed = {task for wave in data["waves"] for task in wave["tasks"]}
    lines: list[str] = []
    phase = None
    for wave in data["waves"]:
        known = [tasks[task] for task in wave["tasks"] if task in tasks]
        if not known:
            continue
        if wave["phase"] != phase:
            lines += ["</ul></div>"] if phase is not None else []
            phase = wave["phase"]
            lines.append(f'<div><h3>{html(phase_name(phase, data["phases"][phase]))}</h3><ul class="waves">')
            before = [task for task in data["tasks"] if task["phase"] == phase and task["id"] not in placed and task["state"] in FINISHED]
            lines += [f'<li>Settled before: <span class="tasks">{_links(before)}</span></li>'] if before else []
        done = sum(task["state"] in FINISHED for task in known)
        share = "planned" if wave["planned"] else f"{100 * done // len(known)} %, {done} of {len(known)}"
        name = f"Wave {wave['number']}: {share} " if phase in together else ""
        lines.append(f'<li>{name}<span class="tasks">{_links(known)}</span></li>')
    whole = "\n".join(lines)
    return f'<div class="phases">{whole}</ul></div></div>' if lines else "<p>The waves are not known yet.</p>"


def _links(tasks: Iterable[Data]) -> str:
    return " ".join(
        f'<a href="#{anchor(task["id"])}">{_sign(task["state"])} {html(task["id"])}<span class="quietly"> {html(task["state"])}</span></a>' for task in tasks
    )


def graph(sight: Sight) -> str:
    """The picture, with what its lines mean. All that it says stands in the table of tasks too."""
    if sight.plan is None or sight.composition is None:
        return "<p>The plan cannot be read any more.</p>"
    if len(sight.plan.tasks) > MOST_DRAWN:
        return f"<p>{plural(len(sight.plan.tasks), 'task')} are too many for one picture; <code>waves.py graph --phase N</code> draws one phase.</p>"
    chain = " → ".join(sight.composition.critical_path)
    path = f"<p>Critical path of what is left: {html(chain)}</p>" if chain else ""
    looks = looks_of(sight.plan, sight.state)
    drawing = svg(sight.plan, sight.composition, looks, explained=False)
    words = "".join(f"<p>{html(line)}</p>" for line in explanation(sight.composition, looks))
    names = ", ".join(html(heading(phase)) for phase in sight.composition.phases)
    return f"{words}{path}{region(f'Drawing of the dependencies of {names}', drawing)}"


def changes(data: Data) -> str:
    """The re-groupings, in the order in which they happened: before, after, why."""
    if not data["regroupings"]:
        return "<p>The waves have not changed.</p>"
    return "".join(
        f'<h3>Phase {html(change["phase"])}, <time datetime="{html(change["at"])}">{html(change["at"][11:19])} UTC</time></h3>'
        f"<p>Before: {_in_line(change['before'])}<br>After: {_in_line(change['after'])}</p>"
        f"<ul>{''.join(f'<li>{html(why)}</li>' for why in change['reasons'])}</ul>"
        for change in data["regroupings"]
    )


def _in_line(found: Iterable[Iterable[str]]) -> str:
    return html(" | ".join(", ".join(wave) for wave in found) or "nothing")


def log(sight: Sight) -> str:
    """The newest first."""
    told = chronicle(sight.events, MOST_LOG + 1)
    entries = "".join(
        f'<li><time datetime="{html(entry["at"])}">{html(entry["at"][11:19])}</time>{html(entry["text"])}</li>' for entry in reversed(told[-MOST_LOG:])
    )
    left = f"<p>The newest {MOST_LOG} events; the journal has all.</p>" if len(told) > MOST_LOG else ""
    return f'{left}<ol class="log" tabindex="0" role="region" aria-label="Log, the newest first; times are UTC">{entries}</ol>'
