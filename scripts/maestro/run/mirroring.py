"""Keeps the issue tracker of a track in step with its run: every claim, completion, reopening, and the closing of phases and of the track.

Only who drives the run calls this, one call of the tool at a time, at the end of a step and with the markers. What the tracker was told stands in the journal,
so what a kill left untold is told by the next call, and nothing is told twice. A tracker that fails never stops a run: it is told where it is behind, and asked
again later, more and more seldom while it goes on failing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from maestro import clock
from maestro.documents.metadata import Metadata
from maestro.errors import Conflict, MaestroError
from maestro.models.mirror import EPIC
from maestro.run.context import Context
from maestro.run.mirrored import CLAIMED, OPEN, Wish, untold

if TYPE_CHECKING:
    from maestro.integrations.calls import Calls

_LONGEST = 300.0
"""Seconds between two tries at a tracker that goes on failing."""

_SINGLE = ("beads-refused", "beads-claimed", "beads-closed", "beads-epic", "beads-issue-missing")
"""Troubles with one issue: the others go on."""


def mirror(context: Context) -> None:
    """Tell the tracker what it does not have yet. Nothing happens for tracks without `beads_epic_id`."""
    state = context.state
    if not state.begun:
        return
    try:
        metadata = _metadata(context)
        if metadata is None and not state.mirror.issues:
            return
        resting = state.mirror.failures > 1 and clock.seconds_since(state.mirror.failed_at) < min(_LONGEST, 10.0 * 2 ** (state.mirror.failures - 2))
        if resting and state.completing is None:
            return
        _link(context, metadata)
        wishes = untold(state)
        if wishes:
            _tell(context, wishes)
        elif state.mirror.failures:
            context.record("mirror-caught-up")
    except MaestroError as error:
        _behind(context, error.message)


def _metadata(context: Context) -> Metadata | None:
    """None for a track without an epic, and for one whose folder was archived or deleted: the journal knows its issues."""
    from maestro.integrations.link import epic_of

    return epic_of(context.home.layout, context.state.track)


def _link(context: Context, metadata: Metadata | None) -> None:
    """Find out which issue stands for what, when the run begins, and again when the metadata or the plan say other things."""
    state = context.state
    if metadata is None:
        return
    basis = json.dumps([metadata.beads_epic_id, metadata.beads_issue_map, sorted(state.tasks)], sort_keys=True)
    if basis == state.mirror.basis:
        return
    from maestro.integrations.backend import find_backend
    from maestro.integrations.link import link
    from maestro.integrations.reading import peek
    from maestro.integrations.setup import set_up

    backend = find_backend(context.root)
    if not backend.folder.is_dir():
        backend, note = set_up(backend)
        if note is not None:
            context.tell(note.message)
    found = link(context.home.layout, state.track, context.plan, metadata, peek(backend))
    issues = {f"task:{task}": issue for task, issue in found.map.tasks.items()}
    issues |= {f"phase:{phase}": issue for phase, issue in found.map.phases.items()}
    for note in (*backend.degraded, *found.map.notes()):
        context.tell(note.message)
    context.record("mirror-linked", issues=issues | {EPIC: found.epic.issue.id}, basis=basis)


def _tell(context: Context, wishes: list[Wish]) -> None:
    from maestro.integrations.backend import find_backend

    backend = find_backend(context.root, ask=False)
    calls = backend.calls(f"maestro-{context.state.run}")
    if calls is None:
        why = " ".join(note.message for note in backend.degraded)
        _behind(context, f"{why} It is not told: {_listed(wishes)}")
        return
    trouble: list[str] = []
    for wish in wishes:
        try:
            _change(context, calls, wish)
        except MaestroError as error:
            trouble.append(f"{wish.what} should be {wish.word} as {wish.issue}: {error.message.rstrip('.')}")
            if error.slug not in _SINGLE:
                break
        else:
            context.record("mirrored", subject=wish.subject, issue=wish.issue, word=wish.word)
    if trouble:
        _behind(context, f"{'; '.join(trouble)}.")
    elif context.state.mirror.failures:
        context.record("mirror-caught-up")
        context.tell(f"The tracker ({calls.program.kind}) has caught up with the run.")


def _change(context: Context, calls: Calls, wish: Wish) -> None:
    from maestro.integrations.reading import show
    from maestro.integrations.writing import claim, close, release

    if wish.word == OPEN:
        release(calls, wish.issue)
    elif wish.word == CLAIMED:
        try:
            claim(calls, wish.issue)
        except Conflict:
            with calls.alone():
                issue = show(calls, wish.issue)
            if not issue.over and not _left_by_us(context, issue.assignee):
                raise
            release(calls, wish.issue)
            claim(calls, wish.issue)
    else:
        if context.state.mirror.told.get(wish.subject, OPEN) not in (OPEN, CLAIMED):
            release(calls, wish.issue)  # closed for a commit that was taken back since
        close(calls, wish.issue, wish.reason)


def _left_by_us(context: Context, holder: str) -> bool:
    """The holder is an earlier run of this track, which is over: its journal was laid aside."""
    return holder in {path.stem.replace("journal", "maestro", 1) for path in context.home.folder.glob("journal-*.jsonl")}


def _behind(context: Context, reason: str) -> None:
    """Say once what the tracker does not have, again when that changed, and whenever the run is over."""
    if reason != context.state.mirror.trouble or context.state.over:
        context.tell(f"The issue tracker is behind: {reason} plan.md is right; the next calls try again, and `beads.py status` compares.")
    context.record("mirror-failed", reason=reason)


def _listed(wishes: list[Wish]) -> str:
    return f"{', '.join(f'{wish.what} {wish.word}' for wish in wishes)}."
