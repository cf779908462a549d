"""What a worker said of its work, each sentence beside what is known. Pure: words are compared with the diff and with test runs that are on record."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from maestro.counting import plural
from maestro.models.review import Claim, FileLine
from maestro.models.run import Attempt
from maestro.run.reports import NONE
from maestro.run.verification import is_test

if TYPE_CHECKING:
    from maestro.run.reviewing import Change

_PATH = re.compile(r"(?<![\w/.:@-])(?:[\w.-]+/)*[\w-][\w.-]*\.[A-Za-z]\w{0,4}(?![\w/])")
"""A word with an ending, with or without folders: `src/app.py`. Versions and addresses have none."""

MOST = 10
"""Names that are not in the diff, each told on its own."""

SHOWN = 2
"""Of the names that are in the diff."""


def claims(attempt: Attempt, files: Sequence[FileLine], change: Change | None, *, tested: bool) -> tuple[Claim, ...]:
    """All that the attempt's report says.

    change: None where its work cannot be looked at any more, and only test runs can speak
    tested: there is a test command
    """
    report = attempt.report
    if not report or report.get("trouble") == NONE:
        return (Claim("nothing: it left no report", _outcome(attempt), None),)
    found = [Claim(f"nothing usable: {report['trouble']}", _outcome(attempt), None) if report.get("trouble") else _status(attempt, files, change)]
    if change is not None:
        found += _paths(report, [file.path for file in files])
    if report.get("tests"):
        found.append(_tests(attempt, str(report["tests"]), tested))
    return tuple(found)


def _status(attempt: Attempt, files: Sequence[FileLine], change: Change | None) -> Claim:
    status = str(attempt.report.get("status", "done"))
    if status == "no-change":
        return Claim("there was nothing to change", f"its diff has {plural(len(files), 'file')}", not files if change is not None else None)
    if status != "done":
        return Claim(f"it is {status}", _outcome(attempt), True if attempt.outcome == "failed" else None)
    return Claim("it is done", _outcome(attempt), {"merged": True, "failed": False}.get(attempt.outcome))


def _outcome(attempt: Attempt) -> str:
    if attempt.outcome == "failed":
        return f"the attempt failed ({attempt.failure}): {attempt.reason.strip().partition(chr(10))[0]}"
    return {"merged": "it was merged", "no-change": "it was settled without a change", "skipped": "the task was skipped"}.get(
        attempt.outcome, "it is not settled yet"
    )


def _paths(report: dict[str, object], changed: Sequence[str]) -> Iterator[Claim]:
    """Files that the summary or the discoveries name: a path must be in the diff, a bare name may stand in any folder."""
    names = dict.fromkeys(_PATH.findall(str(report.get("summary") or "")))
    discovered = report.get("discovered")
    for found in discovered if isinstance(discovered, list | tuple) else ():
        if isinstance(found, dict) and found.get("path") and found.get("access") != "read":
            names[str(found["path"])] = None
    there = [name for name in names if any(path == name or path.endswith(f"/{name}") for path in changed)]
    if there:
        more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
        yield Claim(f"it names {', '.join(there[:SHOWN])}{more}", "in its diff", True)
    for name in [name for name in names if name not in there][:MOST]:
        yield Claim(f"it names {name}", "not in its diff", False)


def _tests(attempt: Attempt, said: str, tested: bool) -> Claim:
    """Words about tests, beside the newest run that is on record: maestro's own on the candidate, else the worker's check."""
    words = f"tests: {said.strip().partition(chr(10))[0][:160]}"
    bad = bool(re.search(r"\b(?:[1-9]\d* (?:failed|failing|errors?)|red)\b", said, re.IGNORECASE))
    gate = attempt.gate
    if gate is not None and gate.ok is not None and not gate.empty:
        return Claim(words, f"maestro's own run on the candidate was {'green' if gate.ok else 'red'}", gate.ok or bad)
    if attempt.checks:
        ok = attempt.checks[-1].ok
        return Claim(words, f"its last check on record was {'green' if ok else 'red'}", ok or bad)
    return Claim(words, "no test run is on record" if tested else "there is no test command", None)


def has_tests(files: Sequence[FileLine]) -> bool:
    """Whether a diff touches a file that holds tests."""
    return any(is_test(PurePosixPath(file.path)) for file in files)
