"""What stands in the labelled lines of a task: `Dependencies: 1.1`, `**Files:**` with its list, `Create: path`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from maestro.documents.words import clean
from maestro.models.plan import Access, Field, FileMention, TextLine
from maestro.patterns import pattern

_LABEL = pattern(
    r"[ \t]*(?:(?P<bullet>[-*+]|\d{1,3}[.)])[ \t]+)?(?:\[[^\]]?\][ \t]*)?(?P<strong>[*_]{1,3})?(?P<name>[^\W\d_][^:：*_`\[\]{}|<>\r\n]{0,39}?)"
    r"(?(strong)(?:[ \t]*[:：])?[*_]{1,3}[ \t]*[:：]?|[ \t]*[:：])(?=[ \t]|$)[ \t]*(?P<value>.*)"
)
_EMPHASISED = pattern(r"[ \t]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(?:\[[^\]]?\][ \t]*)?[*_]")
_FILE_WORDS = frozenset(
    [
        "file",
        "files",
        "file(s)",
        "path",
        "paths",
        "scope",
        "arquivo",
        "arquivos",
        "archivo",
        "archivos",
        "datei",
        "dateien",
        "fichier",
        "fichiers",
        "файлы",
        "文件",
        "ファイル",
        "파일",
    ]
)
_FILE_QUALIFIERS = frozenset(
    [
        "to",
        "be",
        "and",
        "or",
        "of",
        "the",
        "existing",
        "target",
        "affected",
        "related",
        "test",
        "tests",
        "key",
        "touched",
        "impacted",
        "involved",
        "touch",
        "main",
        "source",
        "relevant",
        "scope",
        "file",
    ]
)
_VERB_FIELD = pattern(r"create|add|new|modify|update|edit|change|delete|remove|rename|move|tests?|read|reference", re.I)
_ACCESS = {
    "create": Access.CREATE,
    "created": Access.CREATE,
    "add": Access.CREATE,
    "new": Access.CREATE,
    "modify": Access.MODIFY,
    "modified": Access.MODIFY,
    "update": Access.MODIFY,
    "edit": Access.MODIFY,
    "change": Access.MODIFY,
    "changed": Access.MODIFY,
    "delete": Access.DELETE,
    "deleted": Access.DELETE,
    "remove": Access.DELETE,
    "removed": Access.DELETE,
    "updated": Access.MODIFY,
    "edited": Access.MODIFY,
    "added": Access.CREATE,
    "rename": Access.RENAME,
    "renamed": Access.RENAME,
    "move": Access.RENAME,
    "moved": Access.RENAME,
    "context": Access.READ,
    "read": Access.READ,
    "reference": Access.READ,
}
_REMARK = pattern(r"\(\s*(new|created?|deleted?|removed?|modify|modified|updated?|existing|read(?=[- ]only)|renamed?)\b", re.I)
"""What stands behind a path: `(new)`, `(read-only)`."""
_QUOTED = pattern(r"`([^`\s][^`]*)`")
_LINK = pattern(r"\[([^\]]+)\]\(([^)\s]+)[^)]*\)")
_PATH = pattern(r"[\w.@~*/\\$+\[\]{}-]*(?:[/\\][\w.@~*$+\[\]{}-]*|\.[A-Za-z]\w{0,9})(?::\d[\d,:L-]*)?")
_NOT_FILES = frozenset({"none", "n/a", "-", "tbd"})


Labels = Sequence[tuple[int, re.Match[str]]]
"""The labelled lines among some, by their index, with what their labels and values are."""


def labels(lines: Sequence[TextLine]) -> Labels:
    """Found once for all readers of fields."""
    found = []
    for index, line in enumerate(lines):
        text = line.text
        # A label has a colon behind it or emphasis in front of it.
        if ":" in text or "：" in text or (("*" in text or "_" in text) and _EMPHASISED.match(text)):
            match = None if line.code else _LABEL.fullmatch(text)
            if match is not None and _is_label(match):
                found.append((index, match))
    return found


def read_fields(lines: Sequence[TextLine], labelled: Labels) -> tuple[Field, ...]:
    """The labelled lines, in order. A label that ends its line takes the list below it as its value, joined by commas."""
    fields: list[Field] = []
    for index, found in labelled:
        value = found["value"].strip() or ", ".join(text for _, text in _list_below(lines, index))
        fields.append(Field(clean(found["name"]).casefold(), value, lines[index].line))
    return tuple(fields)


def read_files(lines: Sequence[TextLine], labelled: Labels) -> tuple[FileMention, ...]:
    """The paths in fields meant for paths, with the access that the field, the list entry (`Create:`) or a remark (`(new)`) says."""
    mentions: list[FileMention] = []
    taken: set[int] = set()
    for index, found in labelled:
        if index in taken:
            continue
        name = clean(found["name"]).strip()
        if not _names_files(name) and not (_VERB_FIELD.fullmatch(name) and _only_paths(found["value"])):
            continue
        access = _access(name)
        if found["value"].strip():
            mentions += _mentions(found["value"], lines[index].line, access)
        else:
            for at, text in _list_below(lines, index):
                taken.add(at)
                verb, _, rest = text.partition(":")
                own = bool(rest) and _VERB_FIELD.fullmatch(clean(verb).strip()) is not None
                mentions += _mentions(rest if own else text, lines[at].line, _access(clean(verb)) if own else access)
    return tuple(mentions)


def _is_label(found: re.Match[str]) -> bool:
    """Emphasis makes a label; plain words do only when they are few and no sentence."""
    return (bool(found["strong"]) and (":" in found[0] or "：" in found[0])) or len(found["name"].split()) <= 3


def _list_below(lines: Sequence[TextLine], index: int) -> list[tuple[int, str]]:
    """The list entries that follow a label, as index and text. Blank lines before the list are allowed."""
    entries: list[tuple[int, str]] = []
    base = _indent(lines[index].text) if lines[index].text.lstrip()[:1] in "-*+" and lines[index].text.lstrip()[1:2] in " \t" else -1
    for at in range(index + 1, len(lines)):
        text = lines[at].text
        bare = text.lstrip()
        if not bare:
            if entries:
                break
            continue
        bullet = re.match(r"(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[^\]]?\][ \t]+)?", bare)
        if lines[at].code or bullet is None or _indent(text) <= base:
            break
        entries.append((at, bare[bullet.end() :].strip()))
    return entries


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _names_files(name: str) -> bool:
    """True for `Files`, `Files to modify`, `Modified files`: a word for files, and otherwise only what is done to them."""
    words = name.casefold().replace("/", " ").split()
    return any(word in _FILE_WORDS for word in words) and all(word in _FILE_WORDS or word in _FILE_QUALIFIERS or word in _ACCESS for word in words)


def _access(name: str) -> Access | None:
    """What the name of a field says of its paths; None where it says nothing, or more than one thing."""
    said = {_ACCESS[word] for word in name.casefold().replace("/", " ").split() if word in _ACCESS}
    return said.pop() if len(said) == 1 else None


def _only_paths(value: str) -> bool:
    """True where a `Create:` is followed by paths and not by prose that mentions one."""
    value = value.strip()
    rest = _QUOTED.sub("", value) if "`" in value else _PATH.sub("", value)
    return rest != value and not re.sub(r"\([^)]*\)|→|->|=>|\bto\b|\band\b|[\s,;&:\d-]", "", rest)


def _mentions(value: str, line: int, access: Access | None) -> list[FileMention]:
    if clean(value).strip(" .").casefold() in _NOT_FILES:
        return []
    if remark := _REMARK.search(value):
        access = _ACCESS.get(remark[1].casefold(), Access.MODIFY)  # what exists already is changed
    if "`" in value:
        paths = _QUOTED.findall(value)
    elif links := _LINK.findall(value):
        paths = [target if "/" in target and "://" not in target else words for words, target in links]
    else:
        paths = [word.strip("*_\"'.,;()") for word in re.split(r"[,;\s]+", re.sub(r"\([^)]*\)", "", value)) if _PATH.fullmatch(word.strip("*_\"',;()"))]
    return [FileMention(path.strip(), line, access) for path in paths if path.strip()]
