"""`workflow.md`: prose with known keys. What it does not say, `toolchain` may suggest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from maestro.documents.markdown import Document, Line, LineKind, scan
from maestro.documents.words import clean
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Workflow:
    """What the project decided. None where it says nothing.

    methodology: `tdd` or `ship-fast`
    coverage_threshold: percent, 0 to 100
    summary_storage: where a task's summary goes: `git-notes`, `commit-body` or `none`
    agent_mail: address of the Agent Mail server
    lines: the line of each key that was found, by the name of the field here
    """

    methodology: str | None = None
    test_command: str | None = None
    setup_command: str | None = None
    coverage_command: str | None = None
    coverage_threshold: float | None = None
    summary_storage: str | None = None
    agent_mail: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)


_KEYS = {
    "methodology": re.compile(r"(?:development |workflow )?methodology", re.I),
    "test_command": re.compile(r"(?:run )?(?:unit )?tests?(?:ing)? commands?", re.I),
    "setup_command": re.compile(r"(?:environment |project )?(?:set-?up|install(?:ation)?) commands?", re.I),
    "coverage_command": re.compile(r"(?:test |code )?coverage commands?", re.I),
    "coverage_threshold": re.compile(r"(?:test |code |minimum |required )*coverage (?:threshold|target|minimum|requirement)s?", re.I),
    "summary_storage": re.compile(r"(?:task )?summary storage", re.I),
    "agent_mail": re.compile(r"agent mail(?: (?:url|address|server))?", re.I),
}
_LABEL = re.compile(r"\[?[*_]{0,3}([A-Za-z][A-Za-z -]{2,40}?)[*_]{0,3}[ \t]*[:：][*_]{0,3}[ \t]*(.*)")


def parse_workflow(text: str, path: str) -> Workflow:
    """Read the known keys wherever they stand: `## Test command` with the command below it, `- Test command: make test`, `**Test command**: make test`.

    The first mention of a key counts. What is said in words that have no known meaning stays None, so that it is asked for rather than guessed.
    """
    document = scan(text)
    found: dict[str, tuple[str, int]] = {}
    for index, line in enumerate(document.lines):
        if line.kind is LineKind.HEADING:
            words = clean(document.content(line)).rstrip(":：")
            label, _, value = (part.strip() for part in words.partition(":"))
        elif line.kind is LineKind.TEXT and (match := _LABEL.match(document.content(line))):
            label, value = match[1].strip(), match[2].strip()
        else:
            continue
        key = next((key for key, pattern in _KEYS.items() if pattern.fullmatch(label)), None)
        if key is None or key in found:
            continue
        if not value:
            value, line = _below(document, index)
        if value:
            found[key] = (value, line.number)
    values = {key: value for key, (value, _) in found.items()}
    return Workflow(
        methodology=_methodology(values.get("methodology")),
        test_command=_command(values.get("test_command")),
        setup_command=_command(values.get("setup_command")),
        coverage_command=_command(values.get("coverage_command")),
        coverage_threshold=_percent(values.get("coverage_threshold")),
        summary_storage=_storage(values.get("summary_storage")),
        agent_mail=_command(values.get("agent_mail")),
        lines={key: line for key, (_, line) in found.items()},
    )


def _below(document: Document, index: int) -> tuple[str, Line]:
    """The first words under a heading or label: a paragraph, a list item, or a code block's commands joined by `&&`."""
    start = document.lines[index]
    lines = iter(document.lines[index + 1 :])
    for line in lines:
        if line.kind is LineKind.HEADING:
            break
        if line.kind is LineKind.TEXT:
            return document.text[line.content : line.end].strip(), line
        if line.kind is LineKind.CODE:
            commands = []
            for code in (line, *lines):
                if code.kind is not LineKind.CODE or (code.fence and code is not line):
                    break
                words = document.text[code.content : code.end].strip()
                if not code.fence and words and not words.startswith("#"):
                    commands.append(words.removeprefix("$ "))
            return " && ".join(commands), line
    return "", start


def _command(value: str | None) -> str | None:
    if value is None:
        return None
    quoted = re.search(r"(`+)(.+?)\1", value)
    command = quoted[2].strip() if quoted else value.strip().strip("*_").strip()
    return None if command.casefold() in ("", "none", "n/a", "tbd", "-", "unknown") or command.startswith(("{", "<")) else command


def _methodology(value: str | None) -> str | None:
    if value is None:
        return None
    if re.search(r"\btdd\b|test[- ]driven", value, re.I):
        return "tdd"
    return "ship-fast" if re.search(r"ship[- ]?fast", value, re.I) else None


def _storage(value: str | None) -> str | None:
    if value is None:
        return None
    for storage, pattern in (("git-notes", r"git[- ]notes?"), ("commit-body", r"commit[- ](?:body|message)"), ("none", r"\bnone\b|\bno\b")):
        if re.search(pattern, value, re.I):
            return storage
    return None


def _percent(value: str | None) -> float | None:
    found = re.search(r"(\d{1,3}(?:\.\d+)?)\s*%?", value) if value else None
    return float(found[1]) if found and float(found[1]) <= 100 else None
