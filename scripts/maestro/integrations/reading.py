"""Reads a tracker as a whole: the exported file holds the edges, which the tools' own lists leave out, and one read is enough for a wave."""

from __future__ import annotations

import tempfile
from pathlib import Path

from maestro.errors import Failed, NotFound
from maestro.integrations.backend import Backend, exported
from maestro.integrations.calls import Calls
from maestro.integrations.issues import Issue, Issues
from maestro.integrations.jsonl import issue_of, parse_issues, read_issues
from maestro.models.notes import Note


def load(backend: Backend, actor: str = "maestro") -> Issues:
    """All issues, as fresh as the backend has them. Raises Failed `beads-unreadable`, InvalidDocument `beads-invalid`, `beads-conflict-markers`.

    br writes its export by itself and is asked once more to; bd, whose export is optional and may be old, writes one to a place of ours. Where the tool
    fails and an export is there, that is read, with a note.
    """
    calls = backend.calls(actor)
    if calls is None:
        return _exported(backend, ())
    if backend.name == "bd":
        with calls.alone():
            found = _from_bd(calls)
        return found if isinstance(found, Issues) else _exported(backend, (found,))
    with calls.alone():
        answer = calls.write("sync", "--flush-only")
    note = Note("beads-not-flushed", f"br could not bring its export up to date ({answer.error}); it may be old.") if answer.error else None
    return _exported(backend, (note,) if note else ())


def synchronise(backend: Backend, calls: Calls) -> int:
    """Let the tool bring its export up to date, and count the issues in it. bd keeps an export only where its settings say so: then its database is read.

    Raises Failed `beads-refused`; nothing is ever exported by force.
    """
    if backend.name == "bd":
        return len(load(backend, calls.actor).by_id)
    before = len(_exported(backend, ()).by_id) if exported(backend.folder) is not None else 0
    with calls.alone():
        answer = calls.write("sync", "--flush-only")
    if answer.error:
        hint = "Its database and its export disagree; look at `br sync --status` before anything else writes."
        raise Failed("beads-refused", f"br did not export its issues: {answer.error}.", hint=hint)
    count = len(_exported(backend, ()).by_id)
    if count < before:
        raise Failed("beads-shrunk", f"The export held {before} issues before and {count} after.", hint="Compare it with the committed one before you go on.")
    return count


def show(calls: Calls, issue_id: str) -> Issue:
    """One issue as the tool has it now. The caller holds `calls.alone()`. Raises NotFound `beads-issue-missing`, Failed `beads-unreadable`."""
    answer = calls.read("show", issue_id)
    for record in answer.records:
        issue = issue_of(record)
        if issue is not None and issue.id == issue_id:
            return issue
    if "not found" in answer.error.casefold() or "ISSUE_NOT_FOUND" in answer.error or (not answer.error and answer.documents):
        raise NotFound("beads-issue-missing", f"The tracker has no issue {issue_id}.", hint="`beads.py tasks` lists those of an epic.")
    says = answer.error or "no JSON in its answer"
    raise Failed("beads-unreadable", f"{calls.program.kind} did not show {issue_id}: {says}.", hint="`beads.py probe` says more.")


def _exported(backend: Backend, notes: tuple[Note, ...]) -> Issues:
    path = exported(backend.folder)
    if path is None:
        if notes:
            raise Failed("beads-unreadable", f"{notes[0].message} No export is there either.", hint="`beads.py probe` says more.")
        return Issues({}, (), backend.shown(backend.folder))
    found = read_issues(path, backend.shown(path))
    return Issues(found.by_id, (*notes, *found.notes), found.shown)


def _from_bd(calls: Calls) -> Issues | Note:
    with tempfile.TemporaryDirectory(prefix="maestro-beads-") as folder:
        target = Path(folder) / "issues.jsonl"
        answer = calls.read("export", "-o", str(target))
        if answer.error or not target.is_file():
            return Note("beads-not-exported", f"bd could not export its issues ({answer.error or 'it wrote nothing'}); the file in the folder may be old.")
        data = target.read_bytes()
    return parse_issues(data, "bd export")


def peek(backend: Backend) -> Issues:
    """All issues without a change to anything: the export as it lies there. Only bd, whose export may be old or missing, is asked for a fresh one.

    Raises NotFound `beads-none` where there is nothing to read, and as `load`.
    """
    calls = backend.calls("maestro")
    if backend.name == "bd" and calls is not None:
        with calls.alone():
            found = _from_bd(calls)
        if isinstance(found, Issues):
            return found
        return _exported(backend, (found,))
    if exported(backend.folder) is None:
        raise NotFound("beads-none", f"{backend.shown(backend.folder)} holds no exported issues.", hint="`beads.py probe` says what is there.")
    return _exported(backend, ())


def peek_or_nothing(backend: Backend) -> Issues:
    """As `peek`; no issues where there is nothing to read."""
    try:
        return peek(backend)
    except NotFound:
        return Issues({})
