"""What the weighing wants to know of each task: its words, names, files and kind of work, read once.

A profile sees only the task's own text. What makes a word rare or a name new is a matter of the whole list and is kept in `company.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from maestro.evidence.lines import text_lines
from maestro.evidence.roles import MAKING, Role, is_fix, is_review, roles_of
from maestro.evidence.terms import key, made, names, words
from maestro.models.plan import Task
from maestro.records import dataclass

LEAD = 60
"""Words at the start of a description that say what the task is about; what follows is detail."""

CLOSING = frozenset({Role.CHECK, Role.TESTS, Role.DOCUMENTS, Role.SHIP})

_COMMENT = re.compile(r"<!--.*?-->")
_LABEL = re.compile(
    r"^\s*(?:\[?(?:task|phase|wave|step|unit|part|stage|milestone)\s+)?"
    r"(?P<label>[A-Z]{1,8}(?:-[A-Z0-9]+)*-?\d+[a-z]?(?:\.\d+)*|\d+(?:\.\d+)+[a-z]?|\d+[A-Z]?)\b\s*(?:\[[A-Z0-9]+\])?\s*[:.\-–—)\s]",
    re.IGNORECASE,
)
_TAG = re.compile(r"\[((?:US|EPIC|P|M|F)\d+)\]")
_BRACKETS = re.compile(r"\[[A-Z0-9. ]+\]")
_ABOUT = re.compile(r"^\W*review\b[\s:—–-]*", re.IGNORECASE)
_NAMELESS = re.compile(r"[\w.-]+\.md", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s|\n")
_TITLE_WORD = re.compile(r"[\w./-]+")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_PATH = re.compile(r"[\w@~+-][\w@./~+-]*\.[A-Za-z][A-Za-z0-9]{0,5}\b")
_TEST_NAME = re.compile(r"[._-](?:test|spec)s?\b")
_TEST_ENDS = re.compile(r"^tests?|tests?$")
_SERIES = re.compile(r"^(?:task|t|phase)?[ -]?(?P<series>\d+(?:\.\d+)?)[.-]\d+[a-z]?$", re.IGNORECASE)
_RELIANCE = re.compile(
    r"\b(?:once|after|until|now that|based on|builds? (?:up)?on|built (?:up)?on|on top of|depends? on|relies on|rely on|requires?|needs?|consum(?:es?|ing)|"
    r"leverag\w+|provided by|defined (?:in|by)|created (?:in|by)|introduced (?:in|by)|existing|"
    r"después de|basado en|requiere|depende de|após|com base em|requer)\b",
    re.IGNORECASE,
)
_CLAUSES = re.compile(r"(?<=[.;:!?])\s+|\n")
_CLAUSE = 70
"""Characters after a word of reliance that still tell what is relied on."""
_READ = 8_000
"""Characters of a text that are searched for words of reliance."""
_ARTICLES = frozenset(("a", "an", "the"))


@dataclass(frozen=True)
class Profile:
    """One task as the weighing sees it. `place` counts the tasks of one list from 0."""

    task: Task
    place: int

    @cached_property
    def title(self) -> str:
        return _COMMENT.sub("", self.task.title).strip()

    @cached_property
    def _labelled(self) -> re.Match[str] | None:
        return _LABEL.match(self.title)

    @cached_property
    def label(self) -> str:
        """The number or code that the title itself starts with: "T003", "2.1", "PRM-001-003"."""
        return self._labelled["label"] if self._labelled else ""

    @cached_property
    def body(self) -> str:
        lines = list(text_lines(self.task))[1:]
        text = "\n".join(line.text for line in lines)
        return text.removeprefix(self.task.title)

    @cached_property
    def text(self) -> str:
        return f"{self.title}\n{self.body}"

    @cached_property
    def lower(self) -> str:
        return self.text.lower()

    @cached_property
    def subject(self) -> str:
        """What the task is about: the title without label and tags, and the first sentence where the title is only a file's name or a number."""
        title = _BRACKETS.sub("", self.title[self._labelled.end() :] if self._labelled else self.title).strip()
        about = _ABOUT.sub("", title)
        if len(list(words(about))) < 2 or _NAMELESS.fullmatch(about):
            first = _SENTENCE_END.split(self.body.strip(), maxsplit=1)[0]
            return f"{about} {' '.join(first.split()[:25])}"
        return about

    @cached_property
    def heading(self) -> str:
        """The words that announce the kind of work."""
        title = _BRACKETS.sub("", self.title[self._labelled.end() :] if self._labelled else self.title).strip()
        return max(title, self.subject, key=len)

    @cached_property
    def title_words(self) -> frozenset[str]:
        return frozenset(words(self.subject))

    @cached_property
    def form(self) -> tuple[str, ...]:
        """The title word by word, to see whether another one has the same form."""
        return tuple(word for word in _TITLE_WORD.findall(self.heading.lower()) if word not in _ARTICLES)

    @cached_property
    def first_word(self) -> str:
        found = _FIRST_WORD.search(self.heading)
        return found[0].lower() if found else ""

    @cached_property
    def body_words(self) -> Counter[str]:
        return Counter(words(self.body))

    @cached_property
    def words(self) -> frozenset[str]:
        return self.title_words | self.body_words.keys()

    @cached_property
    def lead(self) -> frozenset[str]:
        return self.title_words | set(words(" ".join(self.body.split()[:LEAD])))

    @cached_property
    def names(self) -> dict[str, str]:
        return names(self.text)

    @cached_property
    def made(self) -> frozenset[str]:
        """Keys of the names that the task says it makes."""
        return made(self.text) | (self.title_names.keys() if self.first_word in MAKING else frozenset())

    @cached_property
    def title_names(self) -> dict[str, str]:
        return names(self.title)

    @cached_property
    def declared(self) -> frozenset[str]:
        """Files that the author listed, lower case."""
        return frozenset(mention.path.removeprefix("./").lower() for mention in self.task.files)

    @cached_property
    def files(self) -> frozenset[str]:
        """Files the task is about: those listed, or else all that its text names."""
        return self.declared or frozenset(path.lstrip("./").lower() for path in _PATH.findall(self.text))

    @cached_property
    def paths(self) -> frozenset[str]:
        return self.files | {path.lstrip("./").lower() for path in _PATH.findall(self.title)}

    @cached_property
    def stems(self) -> frozenset[str]:
        """The names of its files without folder, extension and test affix: `tests/test_user.py` and `user.py` are both "user"."""
        bare = (_TEST_NAME.sub("", path.rpartition("/")[2].rpartition(".")[0]) for path in self.paths)
        return frozenset(short for name in bare if len(short := _TEST_ENDS.sub("", key(name))) > 3)

    @cached_property
    def relied_on(self) -> list[frozenset[str]]:
        """What stands after words of reliance, clause by clause: "once the user table is in place", "builds on the parser"."""
        clauses = (sentence[found.end() : found.end() + _CLAUSE] for sentence in _CLAUSES.split(self.text[:_READ]) for found in _RELIANCE.finditer(sentence))
        return [some for clause in clauses if len(some := frozenset(words(clause))) > 1]

    @cached_property
    def roles(self) -> frozenset[Role]:
        return roles_of(self.heading)

    @cached_property
    def review(self) -> bool:
        return is_review(self.title)

    @cached_property
    def fix(self) -> bool:
        return is_fix(self.title)

    @cached_property
    def closing(self) -> bool:
        return self.review or bool(self.roles & CLOSING)

    @cached_property
    def series(self) -> str:
        """The part of a numbered list the task belongs to: "2" for 2.3, "US1" for a tagged title; empty when it says none."""
        if tag := _TAG.search(self.title):
            return tag[1]
        found = _SERIES.match(self.label) or _SERIES.match(self.task.id)
        return found["series"] if found else ""


def profiles(tasks: Sequence[Task]) -> list[Profile]:
    return [Profile(task, place) for place, task in enumerate(tasks)]
