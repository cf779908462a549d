"""Dependencies that a plan's own code shows: a task whose example imports a module comes after the task that creates the module's file.

The repository does not have that file yet, so nothing else knows of it; and code that takes something in does not run before it is there. A block that shows
how a task's own files begin is read like the file it will become, by the lines that import, since what stands around them is often cut short.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from maestro.evidence.code.resolve import Resolver
from maestro.evidence.lines import quoted
from maestro.evidence.material import Found, Material
from maestro.models.dependency import Dependency, Evidence, Kind, Strength
from maestro.models.plan import Access, Phase, TextLine
from maestro.patterns import holds, pattern

TAKEN_IN = 0.95
"""Probability of an edge whose task shows code that imports a file of the other; measured in `reference/dependencies.md`."""

_MAY_IMPORT = ("import", "from ", "require", "use ", '"')

_PYTHON = pattern(r"[ \t]*(?:from[ \t]+(?P<source>\.*[\w.]*)[ \t]+import[ \t]+\(?(?P<names>[\w \t,*]*)|import[ \t]+(?P<module>[\w.]+))")
_SCRIPT = pattern(r"(?:\bfrom|\bimport|\b(?:require|import)[ \t]*\()[ \t]*[\"'](?P<source>[^\"'\n]+)[\"']")
_OTHERS = {
    ".go": pattern(r"[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?\"(?P<source>[\w.~-]+(?:/[\w.~-]+)+)\"[ \t]*$"),
    ".rs": pattern(r"[ \t]*(?:pub[ \t]+)?use[ \t]+(?P<source>(?:crate|super|self)(?:::\w+)+)"),
    ".java": pattern(r"[ \t]*import[ \t]+(?:static[ \t]+)?(?P<source>[\w.]+)[ \t]*;"),
    ".rb": pattern(r"[ \t]*require_relative[ \t]+[\"'](?P<source>[^\"'\n]+)[\"']"),
}


def find(material: Material) -> Found:
    """Edges within each phase. The plan's order is kept: a later task's file is no reason to wait for it."""
    found = Found()
    for phase in material.plan.phases:
        importing = {
            task.id: lines for task in phase.tasks if (lines := [line for line in material.lines[task.id] if line.code and holds(line.text, _MAY_IMPORT)])
        }
        makers = _makers(phase, material) if importing else {}
        if len(set(makers.values())) > 1:
            found.dependencies += _edges(importing, material, makers)
    return found


def _makers(phase: Phase, material: Material) -> dict[str, str]:
    """Which task creates a file: the first one that says so."""
    makers: dict[str, str] = {}
    for task in phase.tasks:
        for entry in material.scopes.get(task.id, ()):
            if entry.access is Access.CREATE:
                makers.setdefault(entry.path, task.id)
    return makers


def _edges(importing: Mapping[str, Sequence[TextLine]], material: Material, makers: Mapping[str, str]) -> Iterator[Dependency]:
    """importing: for each task the lines of code that may take something in"""
    resolver = Resolver(frozenset(makers))
    for task, lines in importing.items():
        own = {entry.path for entry in material.scopes.get(task, ()) if entry.access.writes}
        best: dict[str, tuple[TextLine, str]] = {}
        for line in lines:
            for file in _taken_in(line.text, own, resolver):
                if file not in own:
                    best.setdefault(makers[file], (line, file))
        for needs, (line, file) in best.items():
            if needs != task and material.order.place[needs] < material.order.place[task]:
                why = f"its code imports {file}, which task {needs} creates"
                yield Dependency(task, needs, Kind.IMPORTS, Strength.SOFT, Evidence(quoted(line.text), line.line, why), TAKEN_IN)


def _taken_in(text: str, importers: set[str], resolver: Resolver) -> Iterator[str]:
    """The planned files that a line of code imports, where it stands in one of the task's own files."""
    sources: dict[str, list[str]] = defaultdict(list)
    for importer in sorted(importers):
        extension = posixpath.splitext(importer)[1]
        if extension not in sources:
            sources[extension] = list(_sources(text, extension))
        for source in sources[extension]:
            yield from resolver.targets(importer, source)


def _sources(text: str, extension: str) -> Iterator[str]:
    if extension in (".py", ".pyi"):
        if match := _PYTHON.match(text):
            source = match["module"] or match["source"]
            yield source
            dot = "" if source.endswith(".") else "."
            yield from (f"{source}{dot}{words.split()[0]}" for words in (match["names"] or "").split(",") if words.split() and "*" not in words)
    elif extension in _OTHERS:
        if match := _OTHERS[extension].match(text):
            yield f"./{match['source']}" if extension == ".rb" else match["source"]
    else:
        yield from (match["source"] for match in _SCRIPT.finditer(text))
