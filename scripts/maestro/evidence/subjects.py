"""Subjects: what a task brings into being, by its new files, the code beside them and the head of its title, and a later text points at.

"`LinkStore` in src/store.js" and "rejects links that the store knows"; "Valuation" and "prints the sum, using the valuation"; "Price in `price.py`" and
"an optional `price: Price`". A later task points with "the" in front of the subject, or with the name in code. As with `products`, a subject that two tasks
bring, or that many speak of, ties nobody, and neutral lists are left to `soft`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from maestro.evidence.lines import quoted
from maestro.evidence.material import Found, Material
from maestro.evidence.products import FEW, MANY, VAGUE
from maestro.evidence.terms import key, stem
from maestro.models.dependency import Dependency, Evidence, Kind, ScopeEntry, Strength
from maestro.models.plan import Access, Phase, Task, TextLine
from maestro.patterns import pattern
from maestro.records import dataclass

LIKELY = 0.7
"""Probability of an edge, measured as for `products`; see `reference/dependencies.md`."""

_DEFINITE = pattern(r"\bthe\s+(?=(?P<words>[^\W\d][\w-]*(?:\s+[^\W\d][\w-]*){0,2}))", re.IGNORECASE)
_SPAN = pattern(r"`([^`\n]+)`")
_IDENTIFIER = pattern(r"[A-Za-z_]\w{3,}")
_LEADING = pattern(r"`(?:class |def |function |fn |func |type |interface )?(?P<name>[A-Za-z_]\w{3,})[^`\n]*`")
_HOLDS = pattern(r"(?:\bwith|\b(?:contain|expos|export|hold|defin|provid)(?:s|es|ing)?|[:(—–])\s(?:[^.;]|[.;]\S)*\Z|[:(]\Z")
"""What stands between a file and the code it is to hold."""

_TEST = pattern(r"(?:^|/)(?:tests?|specs?|__tests__|e2e)/|(?:^|[/._-])(?:test|spec)s?[._-]|[._-](?:test|spec)s?\.", re.IGNORECASE)
_PART = pattern(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_WORD = pattern(r"[^\W\d][\w-]*")
_PREPOSITIONS = "with for of in on from to by per via over as that which and or using into at behind through under without after before when if"
_AFTER_HEAD = frozenset(_PREPOSITIONS.split())
_DULL_WORDS = """
plan plans task tasks command commands yaml json test tests script scripts hook hooks index main
init utils types type config readme errors constants support logic flow code work changes names
"""
_DULL = VAGUE | frozenset(_DULL_WORDS.split())
"""Subjects that stand in every project and name nothing of this one."""


@dataclass(frozen=True, slots=True)
class _Subject:
    """`key` in the form in which a mention is looked up, and how the bringing task writes it."""

    key: str
    shown: str
    line: int


def find(material: Material) -> Found:
    """For each subject that exactly one task of a phase brings, an edge from every later task of the phase that points at it."""
    found = Found()
    if not material.lenient:
        for phase in material.plan.phases:
            found.dependencies += _of_phase(phase, material)
    return found


def _of_phase(phase: Phase, material: Material) -> Iterator[Dependency]:
    points: dict[str, dict[str, TextLine]] = {}
    for task in phase.tasks:
        for name, line in _pointed_at(material.lines[task.id]):
            points.setdefault(name, {}).setdefault(task.id, line)
    brings: dict[str, dict[str, _Subject]] = {}
    for task in phase.tasks if points else ():
        for subject in _subjects(task, material):
            brings.setdefault(subject.key, {})[task.id] = subject
    place = material.order.place
    seen: set[tuple[str, str]] = set()
    for name, brought in brings.items():
        if len(brought) > 1 or name not in points:
            continue
        ((needs, subject),) = brought.items()
        pointing = {user: line for user, line in points[name].items() if user != needs}
        if len(phase.tasks) > FEW and len(pointing) > MANY * len(phase.tasks):
            continue
        for user, line in pointing.items():
            if place[user] > place[needs] and (user, needs) not in seen:
                seen.add((user, needs))
                why = f"task {needs} brings {subject.shown} (line {subject.line}), and task {user} points at it"
                yield Dependency(user, needs, Kind.SYMBOLS, Strength.SOFT, Evidence(quoted(line.text), line.line, why), LIKELY)


def _subjects(task: Task, material: Material) -> Iterator[_Subject]:
    new = [entry for entry in material.scopes.get(task.id, ()) if _is_new(entry, material) and not _TEST.search(entry.path)]
    for entry in new:
        name = entry.path.rpartition("/")[2].partition(".")[0]
        if _tells(key(name)):
            yield _Subject(_joined(_parts(name)), name, entry.line or task.line)
    for line in material.lines[task.id] if new else ():
        paths = [at for entry in new if entry.line == line.line and (at := line.text.find(entry.path)) >= 0]
        if paths and not line.code:
            yield from _beside(line, min(paths))
    if new and _tells(head := _head(task.title)):
        yield _Subject(stem(head), f"the {head}", task.line)


def _beside(line: TextLine, path: int) -> Iterator[_Subject]:
    """The code that a line puts into a file: all in front of it ("`encode`, `decode` in codec.py"), or else the first behind it ("codec.py with `Codec`")."""
    names = [found for found in _LEADING.finditer(line.text) if not found["name"].islower() and not re.search(r"[/.]", found[0].split("(")[0])]
    before = [found for found in names if found.start() < path]
    behind = [found for found in names[:1] if not before and _HOLDS.search(line.text, path, found.start())]
    for found in before or behind:
        yield _Subject(f"`{found['name']}", found["name"], line.line)


def _is_new(entry: ScopeEntry, material: Material) -> bool:
    """Whether the task makes the file: its text says so, or the repository does not have it yet."""
    if entry.path.endswith("/") or "*" in entry.path or not entry.access.writes:
        return False
    return entry.access is Access.CREATE or (material.view is not None and entry.path not in material.view.files())


def _pointed_at(lines: Sequence[TextLine]) -> Iterator[tuple[str, TextLine]]:
    for line in lines:
        if line.code:
            continue
        coded = "`" in line.text
        if "the" in line.text.lower():
            plain = _SPAN.sub(lambda span: span[1] if span[1].isidentifier() else " ", line.text) if coded else line.text
            for found in _DEFINITE.finditer(plain):
                words = found["words"].split()
                for length in range(1, len(words) + 1):
                    yield _joined(words[:length]), line
        for span in _SPAN.finditer(line.text) if coded else ():
            if "/" not in span[1]:
                yield from ((f"`{name}", line) for name in _IDENTIFIER.findall(span[1]))


def _head(title: str) -> str:
    """The last word of the title's first noun phrase: "store" of "Build the in-memory link store with expiry"."""
    words = _WORD.findall(_SPAN.sub(" ", title).split(":")[-1])
    cut = next((number for number, word in enumerate(words) if number and word.lower() in _AFTER_HEAD), len(words))
    return words[cut - 1].lower() if words else ""


def _tells(name: str) -> bool:
    return len(name) > 3 and name.lower() not in _DULL


def _parts(name: str) -> list[str]:
    return _PART.findall(name)


def _joined(words: list[str]) -> str:
    return "".join(stem(word) for word in words)
