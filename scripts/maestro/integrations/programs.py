"""Finds the programs of the beads family, and makes sure that they are those: others have the same short names, and one of them publishes packages."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from maestro.models.notes import Note
from maestro.records import dataclass

OVERRIDES = {"br": "MAESTRO_BR", "bd": "MAESTRO_BD", "bv": "MAESTRO_BV"}
"""The variable that names a program outright. What it names is taken at its word, a script too."""

_NATIVE = (b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ")
"""How ELF, Mach-O and PE files begin. The tools are native programs; their namesakes are scripts."""


@dataclass(frozen=True, slots=True)
class Program:
    """A tool that is there. `version` is empty until it was asked."""

    kind: str
    path: str
    version: str = ""

    @property
    def release(self) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", self.version)[:3])


def find_program(kind: str, environment: Mapping[str, str] = os.environ) -> Program | Note | None:
    """The program, a note that says why what was found is not used, or None where there is nothing."""
    variable = OVERRIDES[kind]
    named = environment.get(variable, "").strip()
    if named:
        if os.path.isfile(named) and os.access(named, os.X_OK):
            return Program(kind, os.path.abspath(named))
        return Note("beads-program-missing", f"{variable} names {named}, which is no program.", None)
    path = shutil.which(kind, path=environment.get("PATH"))
    if path is None:
        return None
    if not _is_native(Path(path)):
        return Note("beads-program-foreign", f"{path} is a script, perhaps another program of that name, and is not run. {variable}={path} vouches for it.")
    return Program(kind, path)


def _is_native(path: Path) -> bool:
    try:
        with open(path, "rb") as stream:
            return stream.read(4).startswith(_NATIVE)
    except OSError:
        return False
