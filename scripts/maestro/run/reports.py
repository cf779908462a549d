"""What workers say of their work. They may lie, ramble or say nothing: a report is read strictly, and the diff decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

from maestro.models.plan import Access
from maestro.models.run import FailureClass, Handle
from maestro.records import dataclass

LARGEST = 200_000
"""Bytes of a report that are read; no honest one is longer."""

NONE = "no report"
"""The trouble of a worker that wrote nothing, which in some modes is none."""

STATUSES = ("done", "failed", "blocked", "no-change")
TEXT = 4000

USAGE = ("tokens", "input_tokens", "output_tokens", "cost", "cost_usd")
"""What a worker may say of its use: `tokens` or the two parts, `cost` in any unit or `cost_usd`."""

MOST = 1e12
"""Above any honest count; leaves out infinity and what is no number as well."""


@dataclass(frozen=True, slots=True)
class Found:
    """A path or task that the worker came upon and the plan did not name."""

    path: str | None = None
    access: str | None = None
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A worker's report, cleaned. `trouble` says why the file, or its word on how it went, could not be used; then the diff alone says that.

    question: what a worker that is blocked has to know, for the user
    """

    status: str = "done"
    failure: str | None = None
    summary: str = ""
    question: str = ""
    discovered: tuple[Found, ...] = ()
    tests: str = ""
    usage: dict[str, float] = field(default_factory=dict)
    trouble: str = ""

    def data(self) -> dict[str, Any]:
        return asdict(self)


def read_report(path: Path, handle: Handle, run: str) -> Report:
    """The report in `path`, or one that says why there is none. In a shared checkout the report of another run may lie there under the same handle."""
    try:
        if path.is_symlink() or not path.is_file():
            return Report(trouble=NONE)
        if path.stat().st_size > LARGEST:
            return Report(trouble=f"its report is larger than {LARGEST} bytes")
        data = json.loads(path.read_bytes().decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        return Report(trouble=f"its report cannot be read ({type(error).__name__})")
    if not isinstance(data, dict):
        return Report(trouble="its report is no JSON object")
    if data.get("handle") not in (None, str(handle)):
        return Report(trouble=f"its report belongs to {str(data['handle'])[:60]!r}")
    if data.get("run") not in (None, run):
        return Report(trouble=f"its report belongs to the run {str(data['run'])[:60]!r}")
    said = data.get("status", "done")
    known = said in STATUSES
    failure = data.get("class")
    return Report(
        status=said if known else "done",
        failure=failure if failure in [str(entry) for entry in FailureClass] else None,
        summary=_text(data.get("summary")),
        question=_text(data.get("question")),
        discovered=_discovered(data.get("discovered")),
        tests=_text(data.get("tests")),
        usage=honest({key: data.get(key) for key in USAGE}),
        trouble="" if known else f"its report says {str(said)[:40]!r}, which is none of {', '.join(STATUSES)}",
    )


def honest(said: Mapping[str, object]) -> dict[str, float]:
    """Of what somebody says that they used the counts that can be true."""
    return {key: float(value) for key, value in said.items() if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MOST}


def _text(value: object) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return "".join(character for character in text if character in "\n\t" or character.isprintable())[:TEXT]


def _discovered(value: object) -> tuple[Found, ...]:
    if not isinstance(value, list):
        return ()
    found = []
    for entry in value[:50]:
        if not isinstance(entry, dict):
            continue
        path = _inside(entry.get("path"))
        access = entry.get("access") if entry.get("access") in [str(kind) for kind in Access] else "modify"
        needs = _text(entry["needs"])[:200] if isinstance(entry.get("needs"), str) else None
        if path or needs:
            found.append(Found(path, access if path else None, needs))
    return tuple(found)


def _inside(value: object) -> str | None:
    """A path of the repository; what leads out of it is dropped."""
    if not isinstance(value, str) or value.startswith(("/", "~")) or _text(value) != value or "\n" in value:
        return None
    parts = [part for part in value.replace("\\", "/").split("/") if part not in ("", ".")]
    return "/".join(parts) if parts and ".." not in parts else None
