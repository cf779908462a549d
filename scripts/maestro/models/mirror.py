"""What the issue tracker beside a plan was told of a run."""

from __future__ import annotations

from dataclasses import field

from maestro.records import dataclass

EPIC = "epic"
"""The subject that stands for the whole track."""


@dataclass(slots=True)
class Mirror:
    """Subjects are `task:ID`, `phase:ID` and `epic`.

    issues: the issue of each subject that has one; basis: the words of metadata.json and the tasks from which they were found
    told: the last word that the tracker is known to have of a subject: open, claimed, or closed with what it was closed for
    failures: calls in a row after which something was still untold; failed_at, trouble: of the last one
    """

    issues: dict[str, str] = field(default_factory=dict)
    basis: str = ""
    told: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    failed_at: str = ""
    trouble: str = ""
