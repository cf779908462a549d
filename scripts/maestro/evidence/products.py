"""Products: what one task says it makes, and a later one speaks of by name.

"Create the users table" and "reads the users table"; "implement `UserRepository`" and "uses UserRepository"; "add the login endpoint" and "document all
endpoints". Both sides must be written down: a word of making before the name, or a title that is the name; and the same name in the other task. Tables,
endpoints, components, commands, events and the like are named by the word before them, code by its spelling. A name that two tasks make, that many speak
of, or that the code has already, ties nobody.

Neutral task lists are left to `soft`, where the same words are weighed together with everything else.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from maestro.evidence.lines import quoted
from maestro.evidence.material import Found, Material
from maestro.evidence.terms import key, makes, stem, words
from maestro.models.dependency import Dependency, Evidence, Kind, Strength
from maestro.models.plan import Phase, TextLine
from maestro.patterns import pattern
from maestro.records import dataclass

LIKELY = 0.76
"""Probability of an edge, as measured on task lists whose authors declared their dependencies; see `reference/dependencies.md`."""

MANY = 0.4
"""A name that a larger share of a phase's tasks speaks of is its topic and ties none of them to its maker."""

FEW = 6
"""Phases of up to so many tasks are too short to tell."""

_THINGS = """
table collection endpoint route component screen page dialog widget command subcommand flag event queue topic webhook hook middleware service repository
store parser client adapter worker job handler controller module class function helper model schema entity migration registry cache validator serializer
script variable decorator fixture enum
"""
"""What a plan calls by the word before it: "users table", "login endpoint"."""

_FORMS = {form: thing for thing in _THINGS.split() for form in (thing, f"{thing}s", f"{thing}es", f"{thing[:-1]}ies")}
_TOKEN = pattern(r"[^\W\d][\w-]*")
_BETWEEN = " `*\"'’”"
"""What may stand between a name and its thing: the `users` table."""

_CODE = pattern(
    r"(?<![\w/.-])(?:[a-z]++\d*+[A-Z]\w*+|[A-Z]\w*[a-z]\w*[A-Z]\w*+|[A-Za-z][^\W_]*+_\w++)(?![\w/-]|\.\w)|(?<![\w.}/])/[a-z][\w-]+(?:/[\w:{}-]+)+(?![\w/]|\.\w)"
)
"""Spellings that nobody uses by chance: camelCase, PascalCase of two words, snake_case, CAPITAL_CASE and endpoints. Files have detectors of their own."""

SHORT = 4
"""Letters that a name needs."""

_BRAND_NAMES = "typescript javascript github gitlab openai postgresql mysql mongodb graphql nodejs nextjs tailwindcss websocket oauth macos devops"
_BRANDS = frozenset(_BRAND_NAMES.split())
"""Spelled like code, and made by nobody's task."""

_DEFINED = pattern(
    r"^\s*(?:(?:export|default|pub|public|private|protected|static|abstract|final|async)\s+)*"
    r"(?:class|def|function|func|fn|struct|interface|trait|enum|type|const|record|module)\s+([^\W\d]\w*)|^([A-Z][A-Z\d_]+)\s*=",
    re.MULTILINE,
)
"""Where code gives something its name, in the languages that plans speak of."""

_SPAN = pattern(r"`[^`]*`")
REACH = 80
"""Characters before a name in which a word of making counts."""

_EVERY = frozenset(("all", "every", "each"))
_NEW = frozenset(("new", "other"))
"""Things of a kind, all of them: "all endpoints", "the new commands"."""

_ABOUT_IT = frozenset(map(stem, ("test", "spec", "documentation", "docs")))
"""Tests and documents of a thing are not the thing."""

_INSIDE = ("/", ".", "-", "_")
"""A word behind one of these is the end of a path or of a longer name."""

_VAGUE_WORDS = """
the a an ai its their our your this that these those each every all any some other another same new existing following above below first second next
last main base basic simple custom single multiple several data api rest http https json sql sqlite database db cli shell git npm react vue python
node go rust typescript javascript server client web ui app application user-facing public private internal external local remote global default
core common shared generic test unit integration e2e mock legacy old current updated required optional relevant related corresponding and or of for
with to from by per via helper utility after before established slash bash setup build make add create run use call define implement
"""
VAGUE = frozenset(_VAGUE_WORDS.split())
"""Words before a thing that name no particular one."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A name as a task speaks of it."""

    key: str
    shown: str
    line: TextLine
    made: bool
    thing: str = ""
    """What it is, "table" or "endpoint"; empty for names of code."""


def find(material: Material) -> Found:
    """For each name that exactly one task of a phase makes, an edge from every later task of the phase that speaks of it."""
    found = Found()
    if material.lenient:
        return found
    for phase in material.plan.phases:
        found.dependencies += _of_phase(phase, material)
    return found


def _of_phase(phase: Phase, material: Material) -> Iterator[Dependency]:
    spoken = {task.id: list(_spoken(material.lines[task.id])) for task in phase.tasks}
    makers: dict[str, dict[str, _Word]] = defaultdict(dict)
    speakers: dict[str, dict[str, _Word]] = defaultdict(dict)
    for task, said in spoken.items():
        for word in said:
            (makers if word.made else speakers)[word.key].setdefault(task, word)
    place = material.order.place
    there = _there_already(phase, material) if makers else frozenset()
    seen: set[tuple[str, str]] = set()
    for name, made_by in makers.items():
        using = speakers.get(name, {})
        if len(made_by) > 1 or name in there or (len(phase.tasks) > FEW and len(using) > MANY * len(phase.tasks)):
            continue
        ((maker, making),) = made_by.items()
        for other in (using, speakers.get(_all_of(making), {})):
            for task, word in other.items():
                if place[task] > place[maker] and (task, maker) not in seen:
                    seen.add((task, maker))
                    yield _edge(task, word, maker, making)


def _there_already(phase: Phase, material: Material) -> frozenset[str]:
    """What the files that the phase works in define before it begins: nobody has to wait for it, whatever a task says of making it."""
    if material.view is None:
        return frozenset()
    paths = {entry.path for task in phase.tasks for entry in material.scopes.get(task.id, ())} & material.view.files()
    return frozenset(key(name) for path in paths for pair in _DEFINED.findall(material.view.read(path) or "") for name in pair if name)


def _edge(task: str, word: _Word, maker: str, making: _Word) -> Dependency:
    why = f"task {maker} makes {making.shown} (line {making.line.line}), and task {task} speaks of {'it' if word.key == making.key else word.shown}"
    evidence = Evidence(quoted(word.line.text), word.line.line, why)
    return Dependency(task, maker, Kind.SYMBOLS, Strength.SOFT, evidence, LIKELY)


def _spoken(lines: Sequence[TextLine]) -> Iterator[_Word]:
    for number, line in enumerate(lines):
        if not line.code and any(map(_may_tell, line.text.split())):
            yield from _things(line, title=number == 0)
            yield from _code_names(line)


@cache
def _may_tell(word: str) -> bool:
    """Whether a word between two spaces may be a thing or a name of code, neither of which goes over a space. Most words are neither, and come again."""
    return not _FORMS.keys().isdisjoint(_TOKEN.findall(word.lower())) or _CODE.search(word) is not None


def _things(line: TextLine, *, title: bool) -> Iterator[_Word]:
    text = line.text
    tokens = list(_TOKEN.finditer(text))
    for place, found in enumerate(tokens[1:], 1):
        thing = _FORMS.get(found[0].lower())
        if thing is None or (place + 1 < len(tokens) and stem(tokens[place + 1][0]) in _ABOUT_IT):
            continue
        before = tokens[place - 1]
        name = before[0].lower()
        if text[before.end() : found.start()].strip(_BETWEEN) or text[max(0, before.start() - 1) : before.start()] in _INSIDE:
            continue
        if name in _EVERY or (name in _NEW and place > 1 and tokens[place - 2][0].lower() in _EVERY | {"the"}):
            yield _Word(f"* {thing}", f"{name} {found[0]}", line, made=False, thing=thing)
        elif name not in VAGUE:
            made = _is_made(text, before.start()) or (title and not list(words(text[: before.start()] + text[found.end() :])))
            yield _Word(f"{stem(name)} {thing}", f"the {before[0]} {found[0]}", line, made, thing)


def _all_of(word: _Word) -> str:
    """The key of "all endpoints" for "the login endpoint"."""
    return f"* {word.thing}"


def _code_names(line: TextLine) -> Iterator[_Word]:
    for found in _CODE.finditer(line.text):
        if (short := key(found[0])) not in _BRANDS and len(short) >= SHORT:
            yield _Word(short, found[0], line, _is_made(line.text, found.start()))


def _is_made(text: str, start: int) -> bool:
    before = _SPAN.sub("x", text[max(0, start - REACH) : start].removesuffix("`"))
    return makes(before)
