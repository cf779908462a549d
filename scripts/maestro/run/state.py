"""The state of a run as a fold over its journal: one small handler for each kind of event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from maestro.errors import InvalidDocument
from maestro.models.gate import GateRun, UndoTrial
from maestro.models.regrouping import Discovery, Regrouping
from maestro.models.run import (
    Answer,
    Driver,
    Edge,
    Option,
    PhaseRun,
    Question,
    RunState,
    TaskRun,
    TaskState,
)
from maestro.models.schedule import Mode
from maestro.models.settings import Settings
from maestro.run.journal import Event
from maestro.run.task_events import TASK_HANDLERS, attempt_of


def fold(events: Iterable[Event]) -> RunState | None:
    """The state after all events, None when there is none."""
    state: RunState | None = None
    for event in events:
        if event.name == "run-created":
            state = _created(event)
        elif state is None:
            raise InvalidDocument("journal-damaged", "The journal does not begin with the start of a run.", hint="Look at it; nothing is guessed.")
        else:
            apply(state, event)
    return state


def apply(state: RunState, event: Event) -> None:
    """Change the state by one event. Unknown events are left out: a newer version may have written them."""
    handler = _HANDLERS.get(event.name)
    if handler is not None:
        handler(state, event)
    state.last_event_at = event.at
    state.events = event.number


def settings_from(data: dict[str, Any]) -> Settings:
    """The settings of a run as its first event holds them."""
    return Settings(**{**data, "mode": Mode(data["mode"]), "background_rules": tuple(data.get("background_rules", ()))})


def _driver(data: dict[str, Any]) -> Driver:
    return Driver(**{**data, "orders": tuple(data.get("orders", ()))})


def _created(event: Event) -> RunState:
    data = event.data
    state = RunState(
        run=data["run"],
        track=data["track"],
        settings=settings_from(data["settings"]),
        driver=_driver(data["driver"]),
        checkout=data["checkout"],
        base=data["base"],
        started_at=event.at,
        last_event_at=event.at,
        events=event.number,
    )
    _add_phases(state, data["phases"])
    for question in data.get("questions", ()):
        _add_question(state, dict(question))
    return state


def _plan_read(state: RunState, event: Event) -> None:
    """An answer about the edit holds for this edit only."""
    _add_phases(state, event.data["phases"])
    state.questions.pop("plan-changed", None)
    state.answers.pop("plan-changed", None)


def _add_phases(state: RunState, phases: list[dict[str, Any]]) -> None:
    """Take over the plan's phases and tasks; what is known of a task already stays."""
    known_phases, known_tasks = state.phases, state.tasks
    state.phases, state.tasks = {}, {}
    for phase in phases:
        state.phases[phase["id"]] = (
            replace(known_phases[phase["id"]], title=phase["title"])
            if phase["id"] in known_phases
            else PhaseRun(phase["id"], phase["title"], verified=phase.get("verified", False))
        )
        for entry in phase["tasks"]:
            task = known_tasks.get(entry["id"]) or TaskRun(entry["id"], entry["title"], phase["id"])
            task.title, task.phase, task.digest = entry["title"], phase["id"], entry.get("digest", "")
            if entry.get("done") is not None and task.state is TaskState.WAITING:
                task.state = TaskState.SKIPPED if entry["done"] == "skipped" else TaskState.MERGED
                task.sha, task.outside = entry.get("sha") or "", True
            state.tasks[task.id] = task
    for task in known_tasks.values():
        if task.fix_text and task.phase in state.phases:
            state.tasks.setdefault(task.id, task)


def _question_asked(state: RunState, event: Event) -> None:
    _add_question(state, dict(event.data["question"]))


def _add_question(state: RunState, data: dict[str, Any]) -> None:
    options = tuple(Option(**option) for option in data.pop("options"))
    question = Question(**data, options=options)
    state.questions.pop(question.id, None)
    state.answers.pop(question.id, None)
    state.parked.discard(question.id)
    state.questions[question.id] = question


def _question_answered(state: RunState, event: Event) -> None:
    state.answers[event.data["id"]] = Answer(event.data["option"], event.data.get("text", ""), unattended=event.data.get("unattended", False))
    state.parked.discard(event.data["id"])


def _answer_applied(state: RunState, event: Event) -> None:
    state.answers[event.data["id"]] = replace(state.answers[event.data["id"]], applied=True)


def _question_withdrawn(state: RunState, event: Event) -> None:
    state.questions.pop(event.data["id"], None)
    state.answers.pop(event.data["id"], None)
    state.parked.discard(event.data["id"])


def _settings_changed(state: RunState, event: Event) -> None:
    changes = dict(event.data["changes"])
    if "mode" in changes:
        changes["mode"] = Mode(changes["mode"])
    if "background_rules" in changes:
        changes["background_rules"] = tuple(changes["background_rules"])
    state.settings = replace(state.settings, **changes)


def _gate_of(state: RunState, event: Event) -> GateRun | None:
    subject = event.data["subject"]
    if subject == "base":
        return state.base_gate
    if subject == "phase":
        return state.phases[event.data["phase"]].gate
    if subject == "undo":
        return state.trial.gate if state.trial else None
    return attempt_of(state, event).gate


def _gate_started(state: RunState, event: Event) -> None:
    data = event.data
    gate = GateRun(data["commit"], data["job"], tries=data.get("try", 1), spent=data.get("spent", 0.0))
    if data["subject"] == "base":
        state.base_gate = gate
    elif data["subject"] == "phase":
        state.phases[data["phase"]].gate = gate
    elif data["subject"] == "undo":
        assert state.trial is not None
        state.trial.gate = gate
    else:
        attempt_of(state, event).gate = gate


def _gate_finished(state: RunState, event: Event) -> None:
    gate = _gate_of(state, event)
    if gate is None:
        return
    gate.ok, gate.empty = event.data["ok"], event.data.get("empty", False)
    gate.tail, gate.log = event.data.get("tail", ""), event.data.get("log", "")
    if not gate.empty:
        state.collected = True
    if gate.ok and event.data["subject"] in ("base", "phase"):
        state.green = gate.commit


def _undo_begun(state: RunState, event: Event) -> None:
    """The reverts are green, or nobody tests. Where they took every test away, finding none is no alarm any more."""
    state.undoing = tuple(event.data["tasks"]), event.data["commit"]
    gate = state.trial.gate if state.trial else None
    if gate is not None:
        state.green, state.collected = gate.commit, not gate.empty


def _undo_ended(state: RunState, event: Event) -> None:
    state.undoing = state.trial = None


def _phase_composed(state: RunState, event: Event) -> None:
    phase = state.phases[event.data["phase"]]
    phase.base = phase.base or event.data["base"]
    phase.composed = True
    phase.gate = None
    state.phase = phase.id
    _take_schedule(state, phase, event.data["waves"], event.data)


def _take_schedule(state: RunState, phase: PhaseRun, waves: list[list[str]], data: dict[str, Any]) -> None:
    phase.waves = [list(wave) for wave in waves]
    phase.edges = tuple(Edge(*edge) for edge in data["edges"])
    phase.scopes = {task: tuple((path, access) for path, access in scope) for task, scope in data["scopes"].items()}
    state.shared = [(path, tuple(tasks)) for path, tasks in data["shared"]]


def _regrouped(state: RunState, event: Event) -> None:
    data = event.data
    _take_schedule(state, state.phases[data["phase"]], data["after"], data)
    for task in state.tasks.values():
        task.held = ""
    state.regroupings.append(
        Regrouping(data["phase"], event.at, tuple(tuple(wave) for wave in data["before"]), tuple(tuple(wave) for wave in data["after"]), tuple(data["reasons"]))
    )


def _reopened_run(state: RunState, event: Event) -> None:
    state.outcome, state.completing, state.paused = None, None, event.data["reason"]


def _discovered(state: RunState, event: Event) -> None:
    data = event.data
    state.discoveries.append(Discovery(data["task"], data["by"], data.get("path"), data.get("access"), data.get("needs")))


def _fix_added(state: RunState, event: Event) -> None:
    data = event.data
    phase = state.phases[data["phase"]]
    review = data.get("review", "")
    phase.fixes += 1
    phase.rejections += not review
    phase.gate = phase.coverage = None
    started = [number for number, wave in enumerate(phase.waves, 1) if any(state.tasks[task].attempts for task in wave if task in state.tasks)]
    phase.waves.insert(max(started, default=0) if review else len(phase.waves), [data["task"]])
    phase.verified = False
    state.tasks[data["task"]] = TaskRun(data["task"], data["title"], phase.id, fix_text=data["text"], found_by=review)


def _wave_added(state: RunState, event: Event) -> None:
    state.phases[event.data["phase"]].waves.append(list(event.data["tasks"]))


def _phase_verified(state: RunState, event: Event) -> None:
    phase = state.phases[event.data["phase"]]
    phase.verified, phase.checkpoint = True, event.data["checkpoint"]
    state.bookkeeping_due = True


def _coverage(state: RunState, event: Event) -> None:
    state.phases[event.data["phase"]].coverage = event.data["percent"]


def _bookkeeping(state: RunState, event: Event) -> None:
    state.bookkeeping, state.bookkeeping_due = event.data["sha"] or state.bookkeeping, False


def _resumed(state: RunState, event: Event) -> None:
    """What was red is tried again: somebody may have mended it."""
    state.paused, state.outcome, state.resumed_at = None, None, event.at
    for subject, gate in ((state, "base_gate"), *((phase, "gate") for phase in state.phases.values())):
        if getattr(subject, gate) is not None and getattr(subject, gate).ok is False:
            setattr(subject, gate, None)
    driver = _driver(event.data["driver"])
    if driver.id != state.driver.id:
        state.handed_over_at = event.at
    state.driver = driver
    state.parked.clear()
    state.compare_due = True


def _slots_changed(state: RunState, event: Event) -> None:
    state.slots, state.slots_why = event.data["slots"], event.data.get("why", "")


def _linked(state: RunState, event: Event) -> None:
    """What was told to other issues than these is not known of these."""
    mirror, issues = state.mirror, dict(event.data["issues"])
    mirror.told = {subject: word for subject, word in mirror.told.items() if mirror.issues.get(subject) == issues.get(subject)}
    mirror.issues, mirror.basis = issues, event.data["basis"]


def _mirrored(state: RunState, event: Event) -> None:
    state.mirror.told[event.data["subject"]] = event.data["word"]


def _mirror_failed(state: RunState, event: Event) -> None:
    mirror = state.mirror
    mirror.failures, mirror.failed_at, mirror.trouble = mirror.failures + 1, event.at, event.data["reason"]


def _tracker_compared(state: RunState, event: Event) -> None:
    state.compare_due = False


def _mirror_caught_up(state: RunState, event: Event) -> None:
    state.mirror.failures, state.mirror.failed_at, state.mirror.trouble = 0, "", ""


def _paths_reserved(state: RunState, event: Event) -> None:
    state.reservations[event.data["task"]] = tuple(event.data["ids"])
    state.reserved_at[event.data["task"]] = event.at
    state.refusals.pop(event.data["task"], None)


def _paths_refused(state: RunState, event: Event) -> None:
    state.refusals[event.data["task"]] = event.at, event.data["reason"]


def _paths_released(state: RunState, event: Event) -> None:
    state.reservations.pop(event.data["task"], None)
    state.reserved_at.pop(event.data["task"], None)


def _renewal_failed(state: RunState, event: Event) -> None:
    state.renewal_failed_at = event.at


def _assign(name: str, key: str) -> Any:
    def handler(state: RunState, event: Event) -> None:
        setattr(state, name, event.data[key])

    return handler


_HANDLERS = {
    "plan-read": _plan_read,
    "question-asked": _question_asked,
    "question-answered": _question_answered,
    "answer-applied": _answer_applied,
    "question-parked": lambda state, event: state.parked.add(event.data["id"]),
    "question-withdrawn": _question_withdrawn,
    "settings-changed": _settings_changed,
    "run-begun": lambda state, event: setattr(state, "begun", True),
    "integration-made": _assign("integration", "path"),
    "setup-finished": _assign("setup_inputs", "inputs"),
    "gate-started": _gate_started,
    "gate-finished": _gate_finished,
    "phase-composed": _phase_composed,
    "regrouped": _regrouped,
    "reopened": _reopened_run,
    "completing": _assign("completing", "cleanup"),
    "undo-prepared": lambda state, event: setattr(state, "trial", UndoTrial(tuple(event.data["tasks"]), event.data["tip"], event.data["commit"])),
    "undo-begun": _undo_begun,
    "undo-ended": _undo_ended,
    "discovered": _discovered,
    "wave-added": _wave_added,
    "base-reset": lambda state, event: setattr(state, "base_gate", None),
    "fix-task-added": _fix_added,
    "phase-verified": _phase_verified,
    "coverage-measured": _coverage,
    "bookkeeping-committed": _bookkeeping,
    "paths-reserved": _paths_reserved,
    "paths-refused": _paths_refused,
    "paths-released": _paths_released,
    "renewal-failed": _renewal_failed,
    "tracker-compared": _tracker_compared,
    "mirror-linked": _linked,
    "mirrored": _mirrored,
    "mirror-failed": _mirror_failed,
    "mirror-caught-up": _mirror_caught_up,
    "slots-changed": _slots_changed,
    "paused": _assign("paused", "reason"),
    "resumed": _resumed,
    "finished": _assign("outcome", "outcome"),
    **TASK_HANDLERS,
}
