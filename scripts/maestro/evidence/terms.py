"""Words and names of a text, so that `UserRepository`, `user_repository` and "user repository" are one thing.

A word is cut to a rough stem, since a plan says "parse", "parser" and "parsing" of the same piece of work. A name is anything that a text writes like code;
its key leaves out case and punctuation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from functools import cache
from itertools import chain
from operator import add

from maestro.patterns import holds, pattern

_ASCII_WORD = pattern(r"[A-Za-z][A-Za-z0-9]*")
"""Sets that reach beyond Latin take longer to compile than a short plan takes to read, and few texts need them."""
_WORD = pattern(r"[A-Za-z\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f]*|[\u0400-\u04ff]+|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+")
_HUMP = pattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNSPACED = pattern(r"[\u3040-\u30ff\u4e00-\u9fff]")
_SUFFIXES = ("ies y", "sses ss", "ations ate", "ation ate", "ings", "ing", "ers", "er", "ors", "or", "ed", "es", "s")
_SPAN = pattern(r"`([^`\n]*)`")
_CODE = pattern(
    r"\b(?:[a-z]++[A-Z]\w*+|[A-Z][a-z0-9]++[A-Z][A-Za-z0-9]*+\b|[A-Za-z][^\W_]*+_\w++|[A-Za-z]\w*+(?:-[A-Za-z0-9]++)+\b|[A-Z]{3,}+[a-z0-9]*+\b)"
    r"|(?<![\w/.])/[a-z][\w:.-]+(?:/[\w:{}.-]+)*|(?<!\w)--[a-z][\w-]+"
)
"""camelCase, PascalCase, snake_case, kebab-case, CAPITALS, /endpoints and /commands, --flags."""
_MADE = pattern(
    r"\b(?:create|add|implement|introduce|define|build|write|design|generate|scaffold|expose|export|provide|crea|agrega|implementa|criar|adicionar)\w{0,3}\b[^.;:\n]{0,40}$|\bnew\s+\W?$",
    re.IGNORECASE,
)
"""A word of making shortly before a name, in the same clause."""
_MAKING_WORDS = "crea add implement introduc defin build writ design generat scaffold expos export provid agrega criar adicionar new"
_MAKING = tuple(_MAKING_WORDS.split())
"""One of these is in all words of making."""
_USED = pattern(r"\b(?:rais|throw|catch|return|call|import|extend|inherit|us)(?:e|es|s|ing|ed)?\s+(?:from\s+)?(?:an?\s+|the\s+)?\W?$", re.IGNORECASE)
"""A word of using right before a name: "adding too much raises `StockError`" makes no `StockError`."""
_REACH = 60
_PUNCTUATION = pattern(r"[^a-z0-9\u3040-\u30ff\u4e00-\u9fff]+")

_PLAIN = pattern(r"[a-z0-9]+")

_COMMON = """
a an the and or of to in on for with from by as at into onto via per is are be it its this that these those all any each every both no not new
using use used uses when if then than so can will should must may up out over under after before add added adds create creates created implement
implements implemented implementation update updates updated build builds make write writes set get define support task tasks step phase part file
files code feature features project work based existing initial basic ensure include includes including provide provides handle handles
"""
"""Words that stand in every plan and tie no two tasks together."""


@cache
def stem(word: str) -> str:
    """A rough stem of one word: lower case, without the endings that make one thing look like two."""
    word = word.lower()
    if len(word) > 4:
        for suffix in _SUFFIXES:
            ending, _, instead = suffix.partition(" ")
            if word.endswith(ending) and len(word) - len(ending) >= 3:
                word = word[: -len(ending)] + instead
                break
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


@cache
def _common() -> frozenset[str]:
    words = _COMMON.split()
    return frozenset(words) | {stem(word) for word in words}


def words(text: str) -> Iterator[str]:
    """The stems of the telling words of a text, in order. Scripts without spaces give pairs of characters."""
    return chain.from_iterable(map(_roots, (_ASCII_WORD if text.isascii() else _WORD).findall(text)))


@cache
def _roots(word: str) -> tuple[str, ...]:
    """The stems of one word as it is written. A plan has few words, each many times."""
    if not word.isascii() and _UNSPACED.match(word):
        return tuple(word[at : at + 2] for at in range(max(1, len(word) - 1)))
    return tuple(root for part in _HUMP.split(word) if len(root := stem(part)) > 1 and root not in _common())


@cache
def key(name: str) -> str:
    """A name without case and punctuation."""
    return "".join(filter(str.isalnum, name.lower())) if name.isascii() else _PUNCTUATION.sub("", name.lower())


def spelled_names(text: str) -> Iterator[str]:
    """What the text writes like code: between backticks first, then by its spelling."""
    return chain(_SPAN.findall(text) if "`" in text else (), chain.from_iterable(map(_spelled, text.split())))


@cache
def _spelled(word: str) -> tuple[str, ...]:
    """What is spelled like code in a word between two spaces, over which no such name goes. Most words have none and come again and again."""
    return tuple(_CODE.findall(word))


def names(spelled: Iterable[str]) -> dict[str, str]:
    """The names among what a text writes like code: key -> spelling. Keys of fewer than four characters say too little."""
    found: dict[str, str] = {}
    for name in spelled:
        if 3 < len(short := key(name)) < 60:
            found.setdefault(short, name)
    return found


def made(text: str, wanted: Set[str]) -> frozenset[str]:
    """Those of some names, by their keys, that the text says it makes: "add a `UserRepository`", "a new `users` table"."""
    return frozenset(short for short, start in _placed(text, wanted) if makes(text[max(0, start - _REACH) : start]))


def _placed(text: str, wanted: Set[str]) -> Iterator[tuple[str, int]]:
    """Those of some names that the text writes like code, by their keys, with the places where they stand. Only lines that have one are searched."""
    start = 0
    for line in text.split("\n"):
        if not wanted.isdisjoint(map(key, spelled_names(line))):
            for match in chain(_SPAN.finditer(line), _CODE.finditer(line)):
                if (short := key(match[match.lastindex or 0])) in wanted:
                    yield short, start + match.start()
        start += len(line) + 1


def makes(before: str) -> bool:
    """Whether the words before a name say that it is made."""
    return holds(before.lower(), _MAKING) and _MADE.search(before) is not None and _USED.search(before) is None


def joined(lower: str, known: Set[str]) -> Set[str]:
    """The known keys that two or three words of a text in lower case spell when written together: "user repository" for `UserRepository`."""
    plain = _PLAIN.findall(lower)
    pairs = list(map(add, plain, plain[1:]))
    return known & {*pairs, *map(add, pairs, plain[2:])}
