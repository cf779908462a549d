"""Gathers what a run was worth into one document, for the run in force or an earlier one of the same track. Reads only, takes no lock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

from maestro import clock
from maestro.documents.registry import read_registry
from maestro.errors import MaestroError, NotFound
from maestro.models.report import Asked, Failure, Gates, Report, Spent, TaskReport, Times
from maestro.models.run import Attempt, Handle, RunState, TaskRun, TaskState
from maestro.models.schedule import SLOTS, Mode
from maestro.models.untried import untried
from maestro.records import dataclass
from maestro.run.accounting import Account, account
from maestro.run.finding import find_run
from maestro.run.hindsight import first_words, hindsight
from maestro.run.home import Home, find_run_checkout, no_run
from maestro.run.journal import Event, Journal
from maestro.run.scheduling import covers
from maestro.run.state import fold
from maestro.run.status import condition
from maestro.run.telling import in_short
from maestro.schedule.graph import graph_of
from maestro.schedule.waves import longest_chain


def find_report_home(start: Path, track: str | None) -> Home:
    """The track whose runs are meant. One that the registry has forgotten since (it was archived or deleted) is known by its exact id."""
    checkout = find_run_checkout(start)
    if track is not None and track not in ("", ".", "..") and "/" not in track:
        home = Home(checkout, track)
        if home.journal.exists():
            return home
    return find_run(checkout, track)


def journals(home: Home) -> dict[str, Path]:
    """The journals of all runs of a track by the run's id: the one in force first, then the earlier ones, newest first."""
    earlier = sorted(home.folder.glob("journal-*.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)
    found = {path.stem.removeprefix("journal-"): path for path in earlier}
    if not home.journal.exists():
        return found
    first = next(iter(Journal(home.journal).events()), None)
    return ({first.data["run"]: home.journal} if first is not None else {}) | found


@dataclass(frozen=True, slots=True)
class Chosen:
    """One run of a track, as its journal tells it. `others` are the ids of the track's other runs, newest first."""

    home: Home
    state: RunState
    events: list[Event]
    others: tuple[str, ...]


def choose_run(start: Path, track: str | None, run: str | None = None) -> Chosen:
    """A track's newest run, or the run whose id is or ends in `run`. Raises NotFound `no-run`, `run-unknown`."""
    home = find_report_home(start, track)
    known = journals(home)
    if not known:
        raise no_run(home)
    name = _choose(known, run, home.track)
    events = list(Journal(known[name]).events())
    state = fold(events)
    assert state is not None
    return Chosen(home, state, events, tuple(other for other in known if other != name))


def task_named(chosen: Chosen, name: str) -> tuple[TaskRun, int | None]:
    """The task with this id, or the one of this handle with the number of the attempt. Raises NotFound `task-unknown`."""
    state = chosen.state
    if name in state.tasks:
        return state.tasks[name], None
    with contextlib.suppress(MaestroError):
        handle = Handle.parse(name)
        if handle.track == state.track and handle.task in state.tasks:
            return state.tasks[handle.task], handle.attempt
    raise NotFound("task-unknown", f"The run of {state.track} has no task {name}.", hint=f"`run.py report {state.track}` lists them.")


def report(start: Path, track: str | None, run: str | None = None) -> Report:
    """The report of a run; see `choose_run`."""
    chosen = choose_run(start, track, run)
    found = of_run(chosen.state, chosen.events, condition(chosen.home, chosen.state), chosen.others)
    return replace(found, description=_description(chosen.home))


def _description(home: Home) -> str:
    with contextlib.suppress(MaestroError):
        return read_registry(home.layout).get(home.track).description
    return ""


def _choose(known: dict[str, Path], run: str | None, track: str) -> str:
    if run is None:
        return next(iter(known))
    fitting = [name for name in known if name == run] or [name for name in known if name.endswith(run)]
    if len(fitting) != 1:
        raise NotFound("run-unknown", f"Track {track} has no run {run}.", hint=f"There are, newest first: {', '.join(known)}.")
    return fitting[0]


def of_run(state: RunState, events: list[Event], condition: str, other_runs: Iterable[str] = ()) -> Report:
    """The report of one run. `condition` is the word that `status` has for it."""
    goes_on = condition in ("running", "waiting")
    until = clock.now() if goes_on else state.last_event_at
    found = account(events, until if goes_on else None)
    lengths: dict[str, float] = {}
    for (task, _), seconds in found.work.items():
        lengths[task] = lengths.get(task, 0.0) + seconds
    chain = _critical_path(state, lengths)
    said = first_words(events)
    place = {phase: number for number, phase in enumerate(state.phases)}
    in_order = sorted(state.tasks.values(), key=lambda task: place.get(task.phase, len(place)))  # what mends a phase was added last
    tasks = tuple(_task(state, task, lengths.get(task.id, 0.0), said) for task in in_order)
    attempts = [attempt for task in state.tasks.values() for attempt in task.attempts]
    return Report(
        run=state.run,
        track=state.track,
        condition=condition,
        mode=str(state.settings.mode),
        branch=state.settings.branch,
        base=state.base,
        started_at=state.started_at,
        ended_at=until,
        merged=sum(task.state is TaskState.MERGED for task in state.tasks.values()),
        total=len(tasks),
        times=_times(found, sum(lengths.get(task, 0.0) for task in chain), _predicted(state, said)),
        bound=found.shares(),
        critical_path=chain,
        tasks=tasks,
        failures=tuple(_failures(state, found)),
        gates=_gates(state, events),
        usage=usage_of(attempts),
        regroupings=tuple(state.regroupings),
        hindsight=hindsight(state, events),
        edges=tuple(edge for phase in state.phases.values() for edge in phase.edges),
        questions=tuple(_asked(state)),
        phases={phase.id: phase.title for phase in state.phases.values()},
        other_runs=tuple(other_runs),
        untried=untried(state),
    )


def _predicted(state: RunState, said: Mapping[str, Mapping[str, Any]]) -> float | None:
    """See `Times.predicted`."""
    if state.settings.mode is Mode.SINGLE:
        return None
    sizes = [len(wave) for words in said.values() for wave in words["waves"]]
    return round(1 - sum(ceil(size / SLOTS) for size in sizes) / sum(sizes), 4) if sizes else None


def _times(found: Account, critical: float, predicted: float | None) -> Times:
    return Times(
        wall=round(found.wall, 3),
        active=round(found.active, 3),
        tasks=round(found.tasks, 3),
        sequential=round(found.sequential, 3),
        saved=round(found.saved, 4),
        critical=round(critical, 3),
        predicted=predicted,
        vain=round(found.vain, 3),
    )


def _critical_path(state: RunState, lengths: dict[str, float]) -> tuple[str, ...]:
    """The longest chain of each phase in turn, of tasks that this run worked on."""
    path: list[str] = []
    for phase in state.phases.values():
        worked = [task.id for task in state.tasks.values() if task.phase == phase.id and task.id in lengths]
        path += longest_chain(graph_of(worked, [(edge.task, edge.needs) for edge in phase.edges]), lengths)
    return tuple(path)


def _task(state: RunState, task: TaskRun, seconds: float, said: Mapping[str, Mapping[str, Any]]) -> TaskReport:
    usage = usage_of(task.attempts)
    scope = [path for path, _ in said.get(task.phase, {}).get("scopes", {}).get(task.id, ())]
    return TaskReport(
        id=task.id,
        title=task.title,
        phase=task.phase,
        state=task.word,
        sha=task.sha,
        attempts=len(task.attempts),
        seconds=round(seconds, 3),
        tested=tested(state, task),
        proof=proof_of(task),
        files=tuple(path for path, _ in task.real_paths),
        outside=tuple(path for path, _ in task.real_paths if scope and not any(covers(entry, path) for entry in scope)),
        reason=task.why,
        tokens=usage.tokens,
        cost=usage.cost,
    )


def tested(state: RunState, task: TaskRun) -> str:
    """What stands behind a merged commit: a green gate, or nothing that ran any test."""
    if task.state is not TaskState.MERGED or task.outside or not task.sha or task.attempt is None:
        return ""
    gate = task.attempt.gate
    return "green" if state.settings.test is not None and gate is not None and gate.ok and not gate.empty else "untested"


def proof_of(task: TaskRun) -> str:
    """What the workers' own test runs prove, over all attempts: `red-green`, `green`, `red`, or nothing."""
    seen = [check.ok for attempt in task.attempts for check in attempt.checks]
    if not seen:
        return ""
    red = seen.index(False) if False in seen else None
    if red is not None and True in seen[red:]:
        return "red-green"
    return "green" if True in seen else "red"


def usage_of(attempts: Iterable[Attempt]) -> Spent:
    """Tokens and cost that workers reported; None where nobody said anything."""
    tokens = cost = 0.0
    counted = with_cost = 0
    for attempt in attempts:
        said = attempt.report.get("usage") or {}
        parts = [said[key] for key in ("input_tokens", "output_tokens") if key in said]
        mine = said["tokens"] if "tokens" in said else sum(parts) if parts else None
        price = next((said[key] for key in ("cost", "cost_usd") if key in said), None)
        if mine is not None or price is not None:
            counted += 1
            tokens += mine or 0.0
            cost += price or 0.0
            with_cost += price is not None
    return Spent(tokens or None, cost if with_cost else None, counted)


def _failures(state: RunState, found: Account) -> Iterable[Failure]:
    for task in state.tasks.values():
        for attempt in task.attempts:
            if attempt.outcome == "failed":
                yield Failure(task.id, attempt.number, attempt.failure, in_short(attempt.reason), round(found.work.get((task.id, attempt.number), 0.0), 3))


def _gates(state: RunState, events: Iterable[Event]) -> Gates:
    """Every gate that ran to its end. A verdict that was taken over from an earlier candidate is no run: it has no length of its own."""
    ran = [event.data for event in events if event.name == "gate-finished" and "seconds" in event.data]
    return Gates(state.settings.test, len(ran), sum(not data["ok"] for data in ran), round(sum(data["seconds"] for data in ran), 3))


def _asked(state: RunState) -> Iterable[Asked]:
    for question in state.questions.values():
        answer = state.answers.get(question.id)
        label = next((option.label for option in question.options if answer is not None and option.id == answer.option), "")
        yield Asked(question.id, question.text, answer.option if answer else "", label, answer.text if answer else "", answer is not None and answer.unattended)
