"""Which tracker answers for a project: br or bd, as its `.beads` folder shows; the file it exports; or nothing, and the plan stands alone."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from maestro.errors import MaestroError
from maestro.git.checkout import find_checkout
from maestro.integrations.calls import Calls
from maestro.integrations.programs import OVERRIDES, Program, find_program
from maestro.models.notes import Note
from maestro.records import dataclass

BackendName = Literal["br", "bd", "jsonl", "plan"]

FOLDER = ".beads"
EXPORTS = ("issues.jsonl", "beads.jsonl")
"""Names of the exported file, the present one and the old one. Other files of that ending are about other things."""

_OWN_READY = (0, 1, 13)
_RISKY = ((0, 5, 0), (0, 5, 5))
"""br of these releases, the second excluded, was seen to damage its database when several processes write."""


@dataclass(frozen=True, slots=True)
class Backend:
    """Who answers: `name` is br, bd, jsonl or plan. `degraded` says what does not work as it should, each in a sentence."""

    name: BackendName
    root: Path
    folder: Path
    jsonl: Path | None
    program: Program | None
    degraded: tuple[Note, ...]

    def calls(self, actor: str) -> Calls | None:
        """How to call the tool; None where there is none to call."""
        return Calls(self.program, self.folder, self.root, actor) if self.program is not None else None

    def shown(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()


def primary_root(start: Path) -> Path:
    """The primary checkout: trackers live there, and a linked worktree's own copy goes its own way unnoticed. The folder itself where git knows nothing."""
    with contextlib.suppress(MaestroError):
        checkout = find_checkout(start)
        return checkout.common_dir.parent if checkout.common_dir.name == ".git" else checkout.root
    return start


def find_backend(start: Path, *, ask: bool = True) -> Backend:
    """The backend of the project that `start` is the root of. `ask`: the program has to answer; otherwise nothing is run."""
    root = primary_root(start)
    folder = tracker_folder(root)
    jsonl = exported(folder)
    fallback: BackendName = "jsonl" if jsonl is not None else "plan"
    degraded: list[Note] = []
    if not folder.is_dir():
        return Backend("plan", root, folder, None, None, (Note("beads-none", "There is no .beads folder; plan.md stands alone."),))
    kind = owner(folder)
    program = _program(kind, degraded)
    if program is not None and ask:
        program = _asked(program, root, folder, degraded)
    if program is None:
        what = f"{FOLDER}/{jsonl.name} is read and nothing is written there" if jsonl is not None else "plan.md stands alone"
        degraded.append(Note("beads-tool-missing", f"This folder belongs to {kind}, which does not answer here; {what}."))
    return Backend(kind if program else fallback, root, folder, jsonl, program, tuple(degraded))


def tracker_folder(root: Path) -> Path:
    """`.beads` of the primary checkout, or the folder that BEADS_DIR or a `redirect` file names."""
    named = os.environ.get("BEADS_DIR", "")
    folder = Path(named).resolve() if named and os.path.isdir(named) else root / FOLDER
    with contextlib.suppress(OSError, UnicodeDecodeError):
        target = (folder.parent / (folder / "redirect").read_text(encoding="utf-8").strip()).resolve()
        if target.is_dir():
            return target
    return folder


def exported(folder: Path) -> Path | None:
    """The file of exported issues, where there is one with something in it."""
    told = _told(folder).get("jsonl_export")
    names = (told, *EXPORTS) if isinstance(told, str) and "/" not in told else EXPORTS
    return next((folder / name for name in names if (folder / name).is_file()), None)


def owner(folder: Path) -> Literal["br", "bd"]:
    """The tool a folder belongs to: a Dolt database is bd's, `beads.db` br's. Where only the export is left, whichever was named, else br."""
    told = _told(folder)
    if told.get("backend") == "dolt" or told.get("database") == "dolt" or any((folder / name).is_dir() for name in ("embeddeddolt", "dolt")):
        return "bd"
    only_bd = bool(os.environ.get(OVERRIDES["bd"])) and not os.environ.get(OVERRIDES["br"])
    return "bd" if only_bd and not (folder / "beads.db").exists() else "br"


def _told(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / "metadata.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _program(kind: str, degraded: list[Note]) -> Program | None:
    found = find_program(kind)
    if isinstance(found, Note):
        degraded.append(found)
        return None
    return found


def _asked(program: Program, root: Path, folder: Path, degraded: list[Note]) -> Program | None:
    """The program with its version, once it has answered as a tool of this family does."""
    calls = Calls(program, folder, root, "")
    with calls.alone():
        answer = calls.read("version")
    documents = [document.get("data", document) for document in answer.documents if isinstance(document, dict)]
    version = next((document["version"] for document in documents if isinstance(document, dict) and isinstance(document.get("version"), str)), None)
    if version is None:
        degraded.append(Note("beads-program-silent", f"{program.path} does not say its version as {program.kind} does: {answer.error or 'no JSON'}."))
        return None
    asked = replace(program, version=version)
    if asked.kind == "br" and asked.release < _OWN_READY:
        degraded.append(Note("beads-version-old", f"br {version} is older than 0.1.13; claims of blocked issues are refused here, not by it."))
    if asked.kind == "br" and _RISKY[0] <= asked.release < _RISKY[1]:
        degraded.append(Note("beads-version-risky", f"br {version} may damage its database when other processes write to it; 0.5.5 or newer is safe."))
    return asked
