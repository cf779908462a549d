"""Dependencies that the code in the repository knows: a task that changes what a module offers comes before a task that works in a module importing it.

A plan seldom says that two tasks touch a caller and its callee; the imports do. But most changes to a module leave its callers alone, so an import by itself
orders nothing. The task's text must show that it changes the module's public side: it names one of the module's public names, which the other task's module
takes in, or it renames the module. Only modules that both tasks' scopes name are looked at, and the barrels between them.

Who deletes a module comes after its last user, but which user is to be changed no import tells: that is left to the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property

from maestro.evidence.code import grammars, python
from maestro.evidence.code.module import EVERYTHING, Import, Module, Reader
from maestro.evidence.code.resolve import Resolver
from maestro.evidence.lines import quoted
from maestro.evidence.material import Found, Material
from maestro.evidence.terms import key, names, spelled_names
from maestro.evidence.view import View
from maestro.models.dependency import Dependency, Evidence, Kind, Strength
from maestro.models.plan import Access, Phase, Task, TextLine
from maestro.patterns import pattern
from maestro.records import dataclass

NAMED = 0.5
"""Probability of an edge whose task names a public name that the other task's module takes in; see the histories in `reference/dependencies.md`."""

MOVED = 0.7
"""Probability of an edge whose task renames the module that the other task's module imports."""

DEPTH = 3
"""How many files may pass an import on between its source and the module that takes it in."""

_BARREL = pattern(r"(?:^|/)(?:__init__\.pyi?|index\.\w+|mod\.rs|lib\.rs)$")
"""Files whose business it is to pass on what others offer."""

SHORT = 4
"""Letters that a public name needs to be recognised in a text; shorter ones are ordinary words."""

_LANGUAGES = {
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".rb": "ruby",
}


def find(material: Material) -> Found:
    """Edges by imports within each phase; none without a repository."""
    found = Found()
    if material.view is None:
        return found
    code = Code(material.view)
    for phase in material.plan.phases:
        for link in _links(phase, material, code):
            found.dependencies.append(_edge(link, material))
    return found


class Code:
    """The repository's modules, read when they are asked for."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._modules: dict[str, Module] = {}

    @cached_property
    def resolver(self) -> Resolver:
        return Resolver(self.view.files())

    @cached_property
    def _readers(self) -> dict[str, Reader]:
        others = {extension: grammars.reader(language) for extension, language in _LANGUAGES.items()} if grammars.available() else {}
        return {".py": python.read, ".pyi": python.read, **others}

    def module(self, path: str) -> Module:
        """The module in a file; an empty one for a file of no known language, or one that is not there."""
        if path not in self._modules:
            reader = self._readers.get(path[path.rfind(".") :])
            text = self.view.read(path) if reader and path in self.view.files() else None
            self._modules[path] = reader(text) if reader and text is not None else Module()
        return self._modules[path]

    def imported(self, path: str) -> dict[str, Chain]:
        """What a file takes in, also through barrels: source file -> how. Only names that the source offers count as taken."""
        found: dict[str, Chain] = {}
        for one in self.module(path).imports:
            for chain in self._followed((path,), one, one.names, one.line):
                known = found.get(chain.files[-1])
                found[chain.files[-1]] = chain if known is None else Chain(min(known.files, chain.files, key=len), known.names | chain.names, known.line)
        return found

    def _followed(self, files: tuple[str, ...], one: Import, names: frozenset[str], line: int) -> Iterator[Chain]:
        for target in self.resolver.targets(files[-1], one.source):
            if target in files:
                continue
            taken = frozenset(name for name in names if name in self.module(target).exports)
            yield Chain((*files, target), taken, line)
            if _BARREL.search(target) and len(files) <= DEPTH:
                for passed in self.module(target).imports:
                    rest = names - taken
                    through = rest if EVERYTHING in passed.names else rest & passed.names
                    if passed.passed_on and through:
                        yield from self._followed((*files, target), passed, through, line)


@dataclass(frozen=True, slots=True)
class Chain:
    """How one file takes in another: the files from importer to source, the names taken, the line of the first import."""

    files: tuple[str, ...]
    names: frozenset[str]
    line: int

    def __str__(self) -> str:
        return " imports ".join(self.files)


@dataclass(frozen=True, slots=True)
class _Link:
    task: Task
    needs: Task
    chain: Chain
    names: tuple[str, ...]
    """Public names that the needed task speaks of and the other's module takes in; empty when it renames the module."""


def _links(phase: Phase, material: Material, code: Code) -> Iterator[_Link]:
    """Each pair of tasks once, by its strongest reason. The plan's order is kept: whoever plans a change after its user has a reason to."""
    changers: dict[str, list[Task]] = defaultdict(list)
    for task in phase.tasks:
        for entry in material.scopes.get(task.id, ()):
            if entry.access.writes and entry.access is not Access.CREATE:
                changers[entry.path].append(task)
    best: dict[tuple[str, str], _Link] = {}
    for task in phase.tasks if changers else ():
        own = {entry.path for entry in material.scopes.get(task.id, ())}
        for path in sorted(own):
            for source, chain in code.imported(path).items():
                for needs in changers.get(source, ()):
                    if source in own or not _before(needs, task, material):
                        continue
                    link = _Link(task, needs, chain, tuple(_touched(material.lines[needs.id], source, chain, code)))
                    known = best.get((task.id, needs.id))
                    if (link.names or _moves(source, needs, material)) and (known is None or len(known.names) < len(link.names)):
                        best[task.id, needs.id] = link
    yield from best.values()


def _touched(lines: Sequence[TextLine], source: str, chain: Chain, code: Code) -> list[str]:
    """The public names of the module that the task's text speaks of and that are taken in."""
    text = "\n".join(line.text for line in lines)
    spoken = names(spelled_names(text)).keys() | {key(word) for word in text.split() if word.isidentifier() and ("_" in word or not word.islower())}
    public = code.module(source).exports
    return sorted(name for name in chain.names if name in public and len(name) >= SHORT and key(name) in spoken)


def _moves(source: str, task: Task, material: Material) -> bool:
    return any(entry.path == source and entry.access is Access.RENAME for entry in material.scopes.get(task.id, ()))


def _before(one: Task, other: Task, material: Material) -> bool:
    return material.order.place[one.id] < material.order.place[other.id]


def _edge(link: _Link, material: Material) -> Dependency:
    source = link.chain.files[-1]
    shown = ", ".join(link.names[:4])
    line = next((line for line in material.lines[link.needs.id] if any(name.lower() in line.text.lower() for name in link.names)), None)
    text = quoted(line.text) if line else link.needs.title
    doing = f"changes {shown} of {source}" if link.names else f"renames {source}"
    why = f"task {link.needs.id} {doing}, and {link.chain} (line {link.chain.line})"
    weight = NAMED if link.names else MOVED
    evidence = Evidence(text, line.line if line else link.needs.line, why)
    return Dependency(link.task.id, link.needs.id, Kind.IMPORTS, Strength.SOFT, evidence, weight)
