"""What the issue tracker beside a plan was told of a run."""

from __future__ import annotations

from dataclasses import field

from maestro.records import dataclass

EPIC = "epic"
"""The subject that stands for the whole track."""


@dataclass(slots=True)
class Mirror:
    """What the tracker was told of each subject: `task:ID`, `phase:ID`, and `epic` for the whole track.

    issues: the issue of each subject that has one; basis: the part of metadata.json and the task ids that `issues` was worked out from
    told: the last word that the tracker is known to have of a subject: `open`, `claimed`, or `closed` and the commit where there is one
    failures: calls in a row that left something untold; failed_at, trouble: time (UTC) and words of the last of them
    """

    issues: dict[str, str] = field(default_factory=dict)
    basis: str = ""
    told: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    failed_at: str = ""
    trouble: str = ""
