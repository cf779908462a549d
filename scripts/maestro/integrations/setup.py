"""Sets up br in a project that has no tracker yet. bd is never set up unasked: it installs hooks and edits agents' files."""

from __future__ import annotations

from maestro.integrations.backend import Backend, find_backend
from maestro.integrations.calls import WRITE_LIMIT, run
from maestro.integrations.programs import Program, find_program
from maestro.models.notes import Note

PREFIX = "maestro"
"""Of the ids of issues (implement document, step 4.5)."""


def set_up(backend: Backend) -> tuple[Backend, Note | None]:
    """`br init` where br is there, and who answers then. The note says what was done, or why not; None without br.

    What the tool prints is not looked at: old releases print no JSON here, and what counts is the folder.
    """
    program = find_program("br")
    if not isinstance(program, Program):
        return backend, program
    answer = run(program, ("init", "--prefix", PREFIX, "--json"), backend.root, backend.folder, WRITE_LIMIT)
    if not backend.folder.is_dir():
        return backend, Note("beads-not-set-up", f"There is no .beads folder, and br could not set one up: {answer.error or 'it gave no reason'}.")
    return find_backend(backend.root), Note("beads-set-up", "There was no .beads folder; br set one up.")
