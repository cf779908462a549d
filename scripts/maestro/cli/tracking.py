"""What the verbs of `beads.py` share: the tracker of the project, the track it is about, the words in which an issue is named."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from maestro.cli.call import Call, find_top
from maestro.cli.subject import Subject, find_subject
from maestro.documents.layout import Layout
from maestro.errors import Failed, MaestroError, NotFound
from maestro.integrations.backend import Backend, BackendName, find_backend
from maestro.integrations.calls import Calls
from maestro.integrations.issues import Issues
from maestro.integrations.link import Link, link, require_epic
from maestro.integrations.mapping import task_key
from maestro.integrations.reading import load
from maestro.integrations.writing import new_actor
from maestro.models.notes import Note
from maestro.records import dataclass
from maestro.views.beads_shapes import DegradedData


@dataclass(frozen=True)
class Tracking:
    """One call on the project's tracker."""

    call: Call
    actor: str

    @cached_property
    def root(self) -> Path:
        return self.call.root or find_top(self.call.directory) or self.call.directory

    @cached_property
    def backend(self) -> Backend:
        return find_backend(self.root)

    @cached_property
    def issues(self) -> Issues:
        return load(self.backend, self.actor)

    @property
    def name(self) -> BackendName:
        return self.backend.name

    @property
    def calls(self) -> Calls:
        """The tool to write with. Raises Failed `beads-read-only`: the export is never written by anybody else."""
        calls = self.backend.calls(self.actor)
        if calls is None:
            self.refuse()
        return calls

    def refuse(self) -> NoReturn:
        """Raises Failed `beads-read-only`."""
        why = " ".join(note.message for note in self.backend.degraded)
        raise Failed("beads-read-only", f"Nothing can be written to the tracker. {why}", hint="Install the tool, or keep to plan.md: `mark.py`.")

    def degraded(self, more: Sequence[Note] = ()) -> list[DegradedData]:
        return [{"code": note.code, "message": note.message} for note in dict.fromkeys((*self.backend.degraded, *more))]

    def link(self, subject: Subject) -> Link:
        """The track beside its epic. Raises NotFound `beads-not-linked`, `beads-epic-missing`."""
        layout, track = registered(subject)
        return link(layout, track, subject.plan, require_epic(layout, track), self.issues)

    def issue(self, word: str, track: str | None) -> str:
        """The issue that a word names: its own id, or a task of the track that has one. Raises NotFound `beads-issue-missing`."""
        if track is None and "-" in word:
            return word
        subject = find_subject(self.call, track)
        task = subject.plan.by_id.get(word)
        if task is None:
            return word
        layout, name = registered(subject)
        told = require_epic(layout, name).beads_issue_map
        found = told.get(task_key(task)) or told.get(task.id) or self.link(subject).map.tasks.get(task.id)
        if found is None:
            raise NotFound("beads-issue-missing", f"No issue stands for task {word}.", hint=f"`beads.py from-plan {name}` makes one.")
        return found


def tracking(call: Call, actor: str | None = None) -> Tracking:
    return Tracking(call, actor or new_actor())


def registered(subject: Subject) -> tuple[Layout, str]:
    """Where a subject's metadata lies. Raises NotFound `beads-not-linked` for a plan that belongs to no track."""
    if subject.root is None or subject.track is None:
        raise NotFound("beads-not-linked", f"{subject.shown} belongs to no track, so no epic stands for it.", hint="`tracks.py new` makes a track.")
    return Layout(subject.root), subject.track


def optional_subject(call: Call, word: str | None) -> Subject | None:
    """The track that a word names, None where it names none: then it may be an issue."""
    try:
        return find_subject(call, word)
    except MaestroError as error:
        if word is not None and error.slug in ("track-not-found", "maestro-missing", "registry-missing"):
            return None
        raise
