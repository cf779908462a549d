"""Begins a run, or goes on with one."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from maestro.counting import plural
from maestro.documents.location import plan_path
from maestro.documents.toolchain import suggest_setup_commands, suggest_test_commands
from maestro.errors import DecisionNeeded, Locked
from maestro.git.checkout import commit_of, default_branch, head, remotes, switch_branch
from maestro.git.names import branch_ref
from maestro.git.runner import Git
from maestro.models.plan import Status
from maestro.models.run import Question, RunState
from maestro.models.schedule import Mode
from maestro.models.settings import Settings
from maestro.run import questions
from maestro.run.commands import command, going_on
from maestro.run.context import Context, load_state
from maestro.run.finding import find_track
from maestro.run.home import Home, active_track, find_run_checkout, set_active
from maestro.run.journal import Journal
from maestro.run.permissions import missing, needed
from maestro.run.plan_changes import identity
from maestro.run.prospects import Prospect, Wish, prospect, require_clean
from maestro.run.resuming import resume

BACKGROUND = ("claude", "claude-code")
"""Runtimes whose workers can go on in the background, where permission rules let them."""


def begin(start: Path, wish: Wish, told: list[str] | None = None) -> Home:
    """Create the run or resume it; afterwards `next` tells what to do. Raises DecisionNeeded `run-unfinished` when there is one and nobody said `--resume`.

    A run that nobody confirmed yet is asked about anew, as this call wants it.

    told: takes the notices of what resuming did
    """
    checkout = find_run_checkout(start)
    home, _ = find_track(checkout, wish.track)
    _require_no_other(home)
    with home.locked("starting a run"):
        journal, state = load_state(home)
        unconfirmed = state is not None and _unconfirmed(state, wish)
        if state is not None and not state.over and not unconfirmed:
            if not wish.resume and not (wish.yes and wish.headless):
                mine = replace(state, driver=wish.driver) if wish.headless or not state.driver.process else state
                question = questions.unfinished(state, going_on(mine), _ending(mine))
                raise DecisionNeeded(
                    "run-unfinished",
                    question.text,
                    hint=f"Ask the user: go on with `{going_on(mine)}`, or end it with `{_ending(mine)}`.",
                    question=questions.question_data(question),
                )
            context = Context(home, journal, state)
            resume(context, wish)
            if told is not None:
                told += context.notices
            return home
        found = prospect(start, wish)
        if state is not None and state.outcome == "completed" and all(task.status in (Status.DONE, Status.SKIPPED) for task in found.plan.tasks):
            return home
        require_clean(home)
        if unconfirmed:
            journal.append("finished", {"outcome": "stopped"})
        if state is not None:
            home.journal.rename(home.folder / f"journal-{state.run}.jsonl")
        _create(found, wish)
    return home


def _unconfirmed(state: RunState, wish: Wish) -> bool:
    """Its driver was asked whether to start, and instead of an answer calls again, with other words perhaps."""
    asked = any(question.kind == "start" for question in state.open_questions)
    return asked and not wish.resume and not wish.headless and wish.driver.id == state.driver.id and not state.driver.process


def last_run(start: Path, track: str | None) -> RunState | None:
    """The run of a track that is to be resumed, None where it never had one or its last one was completed. One that was ended is begun anew, in its mode."""
    home, _ = find_track(find_run_checkout(start), track)
    _, state = load_state(home)
    return None if state is None or state.outcome == "completed" else state


def foreseen(found: Prospect, wish: Wish) -> list[str]:
    """What a run would begin with, for a dry run: its branch, its tests, what it would ask first. Raises Unsafe `tree-dirty`, as the real thing would."""
    _, state = load_state(found.home)
    if state is not None and not state.over:
        return [f"There is an unfinished run of {found.home.track}: `{going_on(state)}` goes on with it."]
    require_clean(found.home)
    settings = found.settings
    asked = list(_first_questions(found, settings, wish))
    lines = [f"It would commit to branch {wish.target or settings.branch}."]
    if wish.no_test:
        lines.append("Nothing would be tested.")
    elif settings.test:
        lines.append(f"The tests would be `{settings.test}`.")
    lines.append("It would ask first:")
    for question in asked:
        taken = f" -> {question.unattended} (--yes)" if wish.yes and question.unattended else ""
        lines.append(f"  {question.text.strip().splitlines()[0]}{taken}")
    return lines


def _ending(state: RunState) -> str:
    driver = ("--driver", state.driver.id) if state.driver.id and not state.driver.process else ()
    return command("run", "abort", "--track", state.track, *driver)


def _require_no_other(home: Home) -> None:
    other = active_track(home.checkout)
    if other is None or other == home.track:
        return
    _, state = load_state(Home(home.checkout, other))
    if state is None or state.over:
        set_active(home.checkout, None)
        return
    raise Locked(
        "run-active",
        f"This checkout already runs track {other}.",
        hint=f"Finish it, or end it with `run.py abort --track {other}`; another checkout can run {home.track}.",
    )


def _create(found: Prospect, wish: Wish) -> None:
    home, checkout = found.home, found.home.checkout
    settings = found.settings
    if wish.target is not None:
        switch_branch(checkout, wish.target)
        settings = Settings(**{**asdict(settings), "branch": wish.target})
    base = head(checkout.git)
    assert base is not None
    journal = Journal(home.journal)
    journal.append(
        "run-created",
        {
            "run": f"{home.track[:30]}-{secrets.token_hex(3)}",
            "track": home.track,
            "checkout": str(checkout.root),
            "base": base,
            "settings": asdict(settings),
            "driver": asdict(wish.driver),
            "phases": identity(found.plan, plan_path(home.layout, home.track)),
            "questions": [questions.question_data(question) for question in _first_questions(found, settings, wish)],
        },
    )
    set_active(checkout, home.track)


def _first_questions(found: Prospect, settings: Settings, wish: Wish) -> Iterator[Question]:
    """What is asked before the first task, in the order in which it matters. It stands in the run's first event: no run exists without its questions."""
    home, git = found.home, found.home.checkout.git
    still_open = {task.id for task in found.plan.tasks if task.status not in (Status.DONE, Status.SKIPPED)}
    waves = sum(not still_open.isdisjoint(wave.tasks) for phase in found.composition.phases for wave in phase.waves)
    order = f" in {plural(waves, 'wave')}" if settings.mode is not Mode.SINGLE else " one after the other" if len(still_open) > 1 else ""
    warnings = [] if wish.headless else [warning for warning in found.composition.advice.warnings if f"--{wish.mode} " in warning]
    choice = wish.runtime in BACKGROUND and settings.mode is not Mode.SINGLE and not warnings
    background = missing(home.checkout.root, _background_rules(found, settings)) if choice else None
    advised = found.composition.advice.mode
    other = None if wish.headless or warnings or advised is settings.mode else advised  # a warning is a question of its own
    yield questions.start(home.track, f"{plural(len(still_open), 'task')}{order}, mode {settings.mode}.", background, other)
    if warnings:
        yield questions.mode_conflict("\n".join(warnings), str(wish.mode))
    if settings.test is None and not wish.no_test:
        yield questions.test_command([(found.command, found.why) for found in suggest_test_commands(home.layout.root)])
    if settings.setup is None and settings.mode is not Mode.SINGLE and (prepare := suggest_setup_commands(home.layout.root)):
        yield questions.setup_command([(found.command, found.why) for found in prepare])
    if wish.branch is None and remotes(git) and default_branch(git) == settings.branch:
        yield questions.branch_choice(settings.branch, _free_branch(git, f"maestro/{home.track}"))


def _background_rules(found: Prospect, settings: Settings) -> tuple[str, ...]:
    still_open = [task.id for task in found.plan.tasks if task.status not in (Status.DONE, Status.SKIPPED)]
    scopes = ([entry.path for entry in found.composition.scopes.get(task, ()) if entry.access.writes] for task in still_open)
    return needed(settings.mode, scopes)


def _free_branch(git: Git, name: str) -> str:
    """The name, or the next one that no branch has."""
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next(name for name in names if commit_of(git, branch_ref(name)) is None)
