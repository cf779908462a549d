"""What the weighing wants to know of each task: its words, names, files and kind of work, read once.

A profile sees only the task's own text. What makes a word rare or a name new is a matter of the whole list and is kept in `company.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from functools import cache

from maestro.evidence.lines import text_lines
from maestro.evidence.roles import MAKING, Role, is_fix, is_review, roles_of
from maestro.evidence.terms import key, made, names, spelled_names, words
from maestro.models.plan import Task
from maestro.once import once
from maestro.patterns import pattern

LEAD = 60
"""Words at the start of a description that say what the task is about; what follows is detail."""

CLOSING = frozenset({Role.CHECK, Role.TESTS, Role.DOCUMENTS, Role.SHIP})

_COMMENT = pattern(r"<!--.*?-->")
_LABEL = pattern(
    r"^\s*(?:\[?(?:task|phase|wave|step|unit|part|stage|milestone)\s+)?"
    r"(?P<label>[A-Z]{1,8}(?:-[A-Z0-9]+)*-?\d+[a-z]?(?:\.\d+)*|\d+(?:\.\d+)+[a-z]?|\d+[A-Z]?)\b\s*(?:\[[A-Z0-9]+\])?\s*[:.\-–—)\s]",
    re.IGNORECASE,
)
_NUMBER = pattern(r"\d")
_TAG = pattern(r"\[((?:US|EPIC|P|M|F)\d+)\]")
_BRACKETS = pattern(r"\[[A-Z0-9. ]+\]")
_ABOUT = pattern(r"^\W*review\b[\s:—–-]*", re.IGNORECASE)
_NAMELESS = pattern(r"[\w.-]+\.md", re.IGNORECASE)
_SENTENCE_END = pattern(r"(?<=[.!?])\s|\n")
_TITLE_WORD = pattern(r"[\w./-]+")
_FIRST_WORD = pattern(r"[^\W\d_]+")
RUN = pattern(r"\w+")
_PATH = pattern(r"[\w@~+-][\w@./~+-]*\.[A-Za-z][A-Za-z0-9]{0,5}\b")
_TEST_NAME = pattern(r"[._-](?:test|spec)s?\b")
_TEST_ENDS = pattern(r"^tests?|tests?$")
_SERIES = pattern(r"^(?:task|t|phase)?[ -]?(?P<series>\d+(?:\.\d+)?)[.-]\d+[a-z]?$", re.IGNORECASE)
_RELIANCE = pattern(
    r"\b(?:once|after|until|now that|based on|builds? (?:up)?on|built (?:up)?on|on top of|depends? on|relies on|rely on|requires?|needs?|consum(?:es?|ing)|"
    r"leverag\w+|provided by|defined (?:in|by)|created (?:in|by)|introduced (?:in|by)|existing|"
    r"después de|basado en|requiere|depende de|após|com base em|requer)\b",
    re.IGNORECASE,
)
_RELYING_WORDS = """
once after until now based build builds built on depend depends relies rely require requires need needs consume consumes consuming provided defined
created introduced existing después basado requiere depende após com requer
"""
_RELYING = frozenset(_RELYING_WORDS.split())
"""Such a word, or one of leverage, stands in every line with words of reliance; the others need not be searched with the pattern."""
_CLAUSES = pattern(r"(?<=[.;:!?])\s+")
_CLAUSE = 70
"""Characters after a word of reliance that still tell what is relied on."""
_READ = 8_000
"""Characters of a text that are searched for words of reliance."""
_ARTICLES = frozenset(("a", "an", "the"))


class Profile:
    """One task as the weighing sees it. `place` counts the tasks of one list from 0. What is asked of it is worked out then, and kept."""

    def __init__(self, task: Task, place: int) -> None:
        self.task = task
        self.place = place
        self.title: str = (_COMMENT.sub("", task.title) if "<!--" in task.title else task.title).strip()
        self.body: str = "\n".join([line.text for line in text_lines(task)[1:]]).removeprefix(task.title)
        self.text = f"{self.title}\n{self.body}"
        self.lower: str = self.text.lower()
        """Title and body, lower case."""

    @once
    def runs(self) -> frozenset[str]:
        """The runs of letters, digits and underscores in it: what is looked up before anything is searched for."""
        return frozenset(RUN.findall(self.lower))

    @once
    def _labelled(self) -> re.Match[str] | None:
        """A label stands among the first two words and has a number."""
        return _LABEL.match(self.title) if any(map(_NUMBER.search, self.title.split(maxsplit=2)[:2])) else None

    @once
    def label(self) -> str:
        """The number or code that the title itself starts with: "T003", "2.1", "PRM-001-003"."""
        return self._labelled["label"] if self._labelled else ""

    @once
    def _bare(self) -> str:
        bare = self.title[self._labelled.end() :] if self._labelled else self.title
        return (_BRACKETS.sub("", bare) if "[" in bare else bare).strip()

    @once
    def subject(self) -> str:
        """What the task is about: the title without label and tags, and the first sentence where the title is only a file's name or a number."""
        return _subject(self._bare, self.body)

    @once
    def heading(self) -> str:
        """The words that announce the kind of work."""
        return max(self._bare, self.subject, key=len)

    @once
    def title_words(self) -> frozenset[str]:
        return frozenset(words(self.subject))

    @once
    def form(self) -> tuple[str, ...]:
        """The title word by word, to see whether another one has the same form."""
        return tuple([word for word in _TITLE_WORD.findall(self.heading.lower()) if word not in _ARTICLES])

    @once
    def first_word(self) -> str:
        first = _FIRST_WORD.search(self.heading)
        return first[0].lower() if first else ""

    @once
    def body_words(self) -> Counter[str]:
        return Counter(words(self.body))

    @once
    def words(self) -> frozenset[str]:
        return self.title_words | self.body_words.keys()

    @once
    def lead(self) -> frozenset[str]:
        """The words at the start, those of the title included."""
        start = self.body.split(maxsplit=LEAD)[:LEAD]
        return self.words if len(start) < LEAD else self.title_words.union(words(" ".join(start)))

    @once
    def names(self) -> dict[str, str]:
        """What title and body write like code: key -> spelling."""
        return names(spelled_names(self.text))

    @once
    def title_names(self) -> dict[str, str]:
        return names(spelled_names(self.title))

    @once
    def files(self) -> frozenset[str]:
        """Files the task is about, lower case: those listed, or else all that its text names."""
        return _listed(self.task) or _named(self.text)

    @once
    def paths(self) -> frozenset[str]:
        """Its files and those that its title names."""
        return self.files | _named(self.title)

    @once
    def stems(self) -> frozenset[str]:
        """The names of its files without folder, extension and test affix: `tests/test_user.py` and `user.py` are both "user"."""
        return frozenset(map(_stem, self.paths)) - {""}

    @once
    def relied_on(self) -> tuple[frozenset[str], ...]:
        """What stands after words of reliance, clause by clause: "once the user table is in place", "builds on the parser"."""
        start = self.text[:_READ]
        return tuple(_relied_on(start)) if any(map(_may_rely, start.split())) else ()

    @once
    def roles(self) -> frozenset[Role]:
        return roles_of(self.heading)

    @once
    def review(self) -> bool:
        return is_review(self.title)

    @once
    def fix(self) -> bool:
        return is_fix(self.title)

    @once
    def closing(self) -> bool:
        return self.review or not self.roles.isdisjoint(CLOSING)

    @once
    def series(self) -> str:
        """The part of a numbered list the task belongs to: "2" for 2.3, "US1" for a tagged title; empty when it says none."""
        return _series(self.title, self.label, self.task.id)

    def made(self, wanted: Set[str]) -> Set[str]:
        """Those of some names, by their keys, that the task says it makes. Asked only about names of more than one task."""
        if not wanted:
            return frozenset()
        return made(self.text, wanted).union(wanted & self.title_names.keys() if self.first_word in MAKING else ())


def profiles(tasks: Sequence[Task]) -> list[Profile]:
    return [Profile(task, place) for place, task in enumerate(tasks)]


def _subject(title: str, body: str) -> str:
    about = _ABOUT.sub("", title) if "review" in title.lower() else title
    if len(list(words(about))) < 2 or _NAMELESS.fullmatch(about):
        first = _SENTENCE_END.split(body.strip(), maxsplit=1)[0]
        return f"{about} {' '.join(first.split()[:25])}"
    return about


def _listed(task: Task) -> frozenset[str]:
    return frozenset(mention.path.removeprefix("./").lower() for mention in task.files)


def _named(text: str) -> frozenset[str]:
    """The files that a text names. No path goes over a space, and only words with a dot inside are looked at more closely."""
    words = [word for word in text.split() if "." in word[1:-1]] if "." in text else ()
    return frozenset(path.lstrip("./").lower() for path in _PATH.findall(" ".join(words))) if words else frozenset()


@cache
def _may_rely(word: str) -> bool:
    """Whether a word between two spaces may be one of reliance, or a part of one."""
    lower = word.lower()
    return "leverag" in lower or not _RELYING.isdisjoint(RUN.findall(lower))


def _relied_on(text: str) -> Iterator[frozenset[str]]:
    for line in text.split("\n"):
        if any(map(_may_rely, line.split())):
            for sentence in _CLAUSES.split(line):
                for found in _RELIANCE.finditer(sentence):
                    clause = frozenset(words(sentence[found.end() : found.end() + _CLAUSE]))
                    if len(clause) > 1:
                        yield clause


def _stem(path: str) -> str:
    """A file's name without affixes; empty where too little is left of it."""
    name = path.rpartition("/")[2].rpartition(".")[0]
    short = _TEST_ENDS.sub("", key(_TEST_NAME.sub("", name))) if "test" in name or "spec" in name else key(name)
    return short if len(short) > 3 else ""


def _series(title: str, label: str, task: str) -> str:
    if "[" in title and (tag := _TAG.search(title)):
        return tag[1]
    found = _SERIES.match(label) or _SERIES.match(task)
    return found["series"] if found else ""
