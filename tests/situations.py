"""Where a run stands between two of its steps, in a form that can be compared: runs in the same situation go on in the same way.

A driver opens the run anew for each step and finds everything on the disk, so that what the disk holds between two steps is all that the next ones know,
with the little that it remembers. Left out is what never decides anything: which process drives, how many events it took, how long jobs ran, what time it is
(but the order of what is not over, and of the ends, remains), the numbers in the names of test runs (but their order remains), what git notes about files to
know them again, and its reflogs, which nobody reads here.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crashing import contents
from headless import Project
from maestro.models.run import RunState

ARRIVED = 33
"""Exit code of a process that ended because it had come to a known situation."""

_TIME = re.compile(rb"\d{4}-\d\d-\d\dT[\d:.]+Z")
_GATE = re.compile(rb"(?<=\bgate-)\d+")
_SPENT = re.compile(rb'(?<="seconds":) [\d.]+')
_BY_PROCESS = {"journal.jsonl", "pid.json", "driver.json"}
"""What the journal says, its fold says; the others name processes."""


def situation(project: Project, state: RunState, memory: object = None) -> str:
    """The digest of a run's situation, given its state and what its driver remembers. For moments at which all jobs have ended; see `crashing.in_order`."""
    told = json.dumps([_of_use(state), memory], sort_keys=True, default=sorted).encode()
    told = _in_order(_TIME, told, _TIME.findall(told))
    gates = [str(state.events).encode(), *(path.name.removeprefix("gate-").encode() for path in project.home.jobs(state.run).glob("gate-*"))]
    found = hashlib.sha256()
    for name, content in [("", told), *_on_disk(project.root)]:
        for part in (os.fsencode(name), content):
            part = _in_order(_GATE, part, gates)
            found.update(b"%d " % len(part) + part)
    return found.hexdigest()


_OVER = ("attached_at", "checks", "dispatched_at", "left_at", "reported_at")
"""What only reports tell of an attempt that is over; when it ended orders what is merged."""


def _of_use(state: RunState) -> dict[str, Any]:
    """The state as the next steps use it. Of a handing over they ask only which workers are older."""
    found = {**asdict(state), "driver": None, "events": None, "handed_over_at": []}
    for attempt in (attempt for task in found["tasks"].values() for attempt in task["attempts"]):
        if attempt["outcome"]:
            attempt.update(dict.fromkeys(_OVER))
        else:
            found["handed_over_at"].append(attempt["dispatched_at"] >= state.handed_over_at)
    return found


def _in_order(pattern: re.Pattern[bytes], text: bytes, known: Collection[bytes]) -> bytes:
    """A text with the places of the known words, in their order, instead of these words."""
    places = {word: b"#%d" % place for place, word in enumerate(sorted(set(known), key=lambda word: (len(word), word)))}
    return pattern.sub(lambda match: places.get(match[0], match[0]), text)


def _on_disk(root: Path) -> Iterator[tuple[str, bytes]]:
    for name, content in contents(root):
        _, first, *more = name.split("/")
        if first == ".git" and ("logs" in more or more[-1] in _BY_PROCESS):
            continue
        yield name, _entries(content) if first == ".git" and more[-1] == "index" else _SPENT.sub(b"", content) if more[-1:] == ["exit.json"] else content


def _entries(index: bytes) -> bytes:
    """Of an index of git (format 2, see gitformat-index(5)): mode, object, flags and name of each entry, without what tells whether the file was touched."""
    signature, version, count = struct.unpack(">4sII", index[:12])
    assert (signature, version) == (b"DIRC", 2)
    found, start = [], 12
    for _ in range(count):
        (flags,) = struct.unpack(">H", index[start + 60 : start + 62])
        assert not flags & 0x4000, "an extended entry"
        end = index.index(b"\0", start + 62)
        found.append(index[start + 24 : start + 28] + index[start + 40 : end])
        start += (end - start + 8) // 8 * 8
    return b"\0".join(found)


def stop_where_known(project: Project, known: Collection[str], record: Path, memory: Callable[[], object]) -> Callable[[RunState], None]:
    """For child processes only: what to call between two steps. It writes the situation down and ends the process at one that is known."""
    descriptor = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)

    def look(state: RunState) -> None:
        found = situation(project, state, memory())
        os.write(descriptor, f"{found}\n".encode())
        if found in known:
            os._exit(ARRIVED)

    return look
