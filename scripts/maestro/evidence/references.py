"""Where a text names tasks: "Tasks 3, 6 and 7", "`T003`", "U1–U4", "1.1 (auth), 1.2".

This module only finds and resolves the names. Whether a mention means a dependency is decided by `explicit`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from maestro.evidence.ids import TaskIds
from maestro.patterns import holds, pattern
from maestro.records import dataclass

NOUN = r"(?:sub-?tasks?|tasks?|units?|work\s?packages?|stor(?:y|ies)|tickets?|items?|aufgaben?|tareas?|tarefas?|tâches?|задач[аиуе]?|任务|任務|タスク|작업)"
_ID = r"[A-Za-z]{0,8}[-_]?\d+(?:\.\d+)*[a-z]?(?![\w])(?!\.\d)"
_OPEN = r"[\s`\[*_\"'“‘]*"
_CLOSE = r"[`\]*_\"'”’]*"
_NOUN = pattern(rf"(?<![\w]){NOUN}\s*", re.IGNORECASE)
NOUNS = ("task", "unit", "work", "stor", "ticket", "item", "aufgabe", "tarea", "tarefa", "tâche", "задач", "任", "タスク", "작업")
"""One of these is in all words for tasks."""
_FIRST = pattern(rf"{_OPEN}(?P<hash>#?)(?P<id>{_ID}){_CLOSE}")
_RANGE = pattern(rf"\s*(?:-|–|—|\.\.\.?|\bto\b|\bthrough\b|\bthru\b)\s*(?:{NOUN}\s*)?{_OPEN}#?(?P<id>{_ID}){_CLOSE}", re.IGNORECASE)
_OPENING, _CLOSING = pattern(_OPEN), pattern(_CLOSE)
_REASON = pattern(r"\s*\([^()]*\)")
_SEPARATOR = pattern(r"\s*(?:,\s*(?:and|or|plus|und|y|e|et)\b|[,;/&+、，]|\b(?:and|or|plus|und|et)\b)\s*(?:then\s+)?", re.IGNORECASE)
_WORD = pattern(r"[\w][\w.:-]*[\w]|\w")
DIGIT = pattern(r"\d")
_NUMBER_START = pattern(r"(?<![\w.#/@=<>~^$-])#?(?:[A-Za-z]{1,8}[-_]?)?\d")
_UNIT = pattern(r"\s*(?:%|°|x\b|(?:s|ms|sec|secs|seconds?|mins?|minutes?|h|hours?|days?|weeks?|px|kb|mb|gb|kib|mib|gib|times)\b)", re.IGNORECASE)
_TO, _UNITS = "-–—.t", "%°xsmhdwpkgt"
"""What the words for ranges and units begin with."""
_NEXT = pattern(r"\s*\S")
_ALONE = pattern(r"\s*(?:$|[(),;:.\]–—#&+-]|(?:and|or|und|to|through)\b)", re.IGNORECASE)
"""What may follow a bare whole number that names a task: "1, 2" but not "2 reviewers"."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A list of tasks at `start` to `end` of a text.

    `tasks` are the ids it resolves to, ranges expanded, each once. `unknown` are names that have the form of a task reference and belong to no task.
    `named` tells that the text itself makes clear that tasks are meant (a noun, a prefix, an id of its own spelling) and not any number.
    """

    start: int
    end: int
    tasks: tuple[str, ...]
    unknown: tuple[str, ...]
    named: bool


def mentions(text: str, ids: TaskIds) -> Iterator[Mention]:
    """All mentions in a text, from left to right, not overlapping."""
    if not may_mention(text, ids):
        return
    end = 0
    for start in _candidates(text, ids):
        if start >= end and (mention := mention_at(text, start, ids)) is not None:
            yield mention
            end = mention.end


def may_mention(text: str, ids: TaskIds) -> bool:
    """False for a text that names no task for certain: only unusual ids have no digit."""
    return bool(ids.unusual) or DIGIT.search(text) is not None


def is_mention(text: str, ids: TaskIds) -> bool:
    """Whether a text is nothing but tasks, and shows by itself that tasks are meant."""
    if not may_mention(text, ids) or not (_NOUN.match(text) or _NUMBER_START.match(text) or (ids.unusual and _is_unusual(_WORD.match(text), ids))):
        return False
    mention = mention_at(text, 0, ids)
    return mention is not None and mention.end == len(text) and mention.named


def _candidates(text: str, ids: TaskIds) -> list[int]:
    starts = {match.start() for match in _NUMBER_START.finditer(text)}
    if holds(text.lower(), NOUNS):
        starts |= {match.start() for match in _NOUN.finditer(text)}
    if ids.unusual:
        starts |= {match.start() for match in _WORD.finditer(text) if _is_unusual(match, ids)}
    return sorted(starts)


def _is_unusual(word: re.Match[str] | None, ids: TaskIds) -> bool:
    return word is not None and word[0].casefold() in ids.unusual and _distinctive(word[0])


def _distinctive(word: str) -> bool:
    """An id such as `setup` or `A` is also a word; in running text only spellings that no sentence uses by chance count."""
    return any(sign in word for sign in "-_.:") or any(letter.isdigit() for letter in word)


def mention_at(text: str, start: int, ids: TaskIds) -> Mention | None:
    """The mention that begins exactly at `start`, or None. A noun holds for the whole list: "Tasks 3, 6, 7"."""
    position, named, end = start, False, start
    tasks: dict[str, None] = {}
    unknown: list[str] = []
    while True:
        if noun := _NOUN.match(text, position):
            named, position = True, noun.end()
        item = _item(text, position, ids, named)
        if item is None:
            break
        found, missing, position, spelled = item
        named = named or spelled
        tasks |= dict.fromkeys(found)
        unknown += missing
        end = position
        if reason := _REASON.match(text, position):
            position = reason.end()
        separator = _SEPARATOR.match(text, position)
        if separator is None:
            break
        position = separator.end()
    return Mention(start, end, tuple(tasks), tuple(unknown), named) if tasks or unknown else None


def _item(text: str, position: int, ids: TaskIds, named: bool) -> tuple[list[str], list[str], int, bool] | None:
    """One id or range: its tasks, the names without a task, where it ends, and whether its own spelling says that a task is meant."""
    if ids.unusual and (item := _unusual(text, position, ids, named)) is not None:
        return item
    match = _FIRST.match(text, position)
    if match is None:
        return None
    name = match["id"]
    bare = name[0].isdigit()
    if bare and _measures(text, match.end("id")):
        return None
    if name.isdigit() and not named and not match["hash"] and not _ALONE.match(text, match.end()):
        return None
    first = ids.find(name)
    if first is None:
        if match["hash"] or not (named or ids.looks_like_one(name)):
            return None
        return [], [name], match.end(), named or not bare
    last = _RANGE.match(text, match.end()) if _following(text, match.end()) in _TO else None
    if last is not None and (final := ids.find(_with_prefix(last["id"], name))) is not None:
        return ids.between(first, final), [], last.end(), not bare
    if text[match.end() : match.end() + 1] == "-" and text[match.end() + 1 : match.end() + 2].isalnum():
        return None
    return [first], [], match.end(), not bare


def _measures(text: str, end: int) -> bool:
    """Whether a number that ends there is a quantity, or the first part of a fraction."""
    return text.startswith("/", end) or (_following(text, end) in _UNITS and _UNIT.match(text, end) is not None)


def _following(text: str, end: int) -> str:
    """The first letter or sign behind a place, in lower case; a space where there is none."""
    sign = text[end : end + 1]
    if sign.isspace() and (found := _NEXT.match(text, end)):
        sign = found[0][-1:]
    return sign.lower() or " "


def _with_prefix(name: str, model: str) -> str:
    """The end of `T001-003` is T003."""
    prefix = re.match(r"[A-Za-z]*", model)
    return (prefix[0] if prefix else "") + name if name[0].isdigit() else name


def _unusual(text: str, position: int, ids: TaskIds, named: bool) -> tuple[list[str], list[str], int, bool] | None:
    opening = _OPENING.match(text, position)
    word = _WORD.match(text, opening.end() if opening else position)
    if word is None or word[0].casefold() not in ids.unusual or not (named or _distinctive(word[0])):
        return None
    closing = _CLOSING.match(text, word.end())
    task = ids.find(word[0])
    return ([task] if task else []), [], closing.end() if closing else word.end(), True
