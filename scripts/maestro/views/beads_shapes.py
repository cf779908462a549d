"""The documents that leave `beads.py` with `--json`. Every one says who answered (`backend`: br, bd, jsonl or plan) and what does not work as it should."""

from __future__ import annotations

from typing import Literal, TypedDict

from maestro.integrations.backend import BackendName


class DegradedData(TypedDict):
    """Something that does not work as it should, and what that means."""

    code: str
    message: str


class AnswererData(TypedDict):
    """Who answered."""

    backend: BackendName
    degraded: list[DegradedData]


class ProbeData(AnswererData):
    """What there is to talk to (`maestro.beads/1`). `issues` is null where they cannot be read, `viewer` is bv where it exists."""

    folder: str
    export: str | None
    program: str | None
    version: str | None
    viewer: str | None
    issues: int | None


class IssueData(TypedDict):
    """A task of the epic. `needs` are tasks of the same epic, `outside` open issues elsewhere, `missing` blockers that do not exist."""

    issue: str
    task: str | None
    title: str
    status: str
    assignee: str
    needs: list[str]
    outside: list[str]
    missing: list[str]
    ready: bool


class IssuesData(AnswererData):
    """The tasks of an epic (`maestro.beads-tasks/1`). `waves` are ours, of what is not over; `cycle` is a circle of issues that wait for each other."""

    track: str | None
    epic: str | None
    title: str
    tasks: list[IssueData]
    waves: list[list[str]]
    cycle: list[str]


class HeldData(TypedDict):
    """What a verb may change of an issue."""

    status: str
    assignee: str
    reason: str


class ChangeData(AnswererData):
    """An issue after claim, release or close (`maestro.beads-change/1`). `changed` is false when it was so already."""

    issue: str
    verb: Literal["claim", "release", "close"]
    actor: str
    changed: bool
    before: HeldData
    after: HeldData


class SyncData(AnswererData):
    """The export is what the tracker knows (`maestro.beads-sync/1`)."""

    export: str | None
    issues: int


class DifferenceData(TypedDict):
    """The plan and the tracker disagree. `repairs` are commands, the likelier first."""

    task: str | None
    issue: str | None
    message: str
    repairs: list[str]


class ViewerData(TypedDict):
    """What bv would start now and we not, and the other way round. Reported, never followed."""

    program: str
    only_bv: list[str]
    only_ours: list[str]
    trouble: str


class BeadsStatusData(AnswererData):
    """Plan and tracker side by side (`maestro.beads-status/1`). `fixed` are issues that `--fix` closed."""

    track: str
    epic: str | None
    done: int
    total: int
    differences: list[DifferenceData]
    fixed: list[str]
    viewer: ViewerData | None


class SeededData(AnswererData):
    """What from-plan made, or would make (`maestro.beads-made/1`): issues by key of the issue map; `edges` are [blocked, blocker] by key."""

    track: str
    epic: str | None
    initialised: bool
    created: list[str]
    existing: list[str]
    edges: list[list[str]]
    closed: list[str]
    issue_map: dict[str, str]
    dry_run: bool
