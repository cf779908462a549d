"""How a run works: what was decided when it began, by flags, by answers and by the project's workflow.md."""

from __future__ import annotations

from maestro.models.schedule import Mode
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Settings:
    """What `start` fixed for the whole run.

    branch: the one that the work goes to
    test, setup, coverage, notify: a person's commands, run by `sh -c`, None where there is none; notify: is told of questions, pauses and the end
    coverage_threshold: percent; method: `tdd` or `ship-fast`; summary_storage: `git-notes`, `commit-body` or `none`
    review: hygienic reviews after each `task`, `wave` or `phase`, or `none`; yes: defaults are taken for answers; ignore_soft: without soft dependencies
    type: the track's, for commit messages; mail: address of the Agent Mail server; background: workers of a session go on while it does something else
    background_rules: the permission rules that were added for these, to be taken back at the end
    """

    mode: Mode = Mode.SINGLE
    branch: str = ""
    test: str | None = None
    setup: str | None = None
    coverage: str | None = None
    coverage_threshold: float | None = None
    method: str = "tdd"
    summary_storage: str = "commit-body"
    review: str = "none"
    yes: bool = False
    ignore_soft: bool = False
    type: str = "feature"
    mail: str | None = None
    notify: str | None = None
    background: bool = False
    background_rules: tuple[str, ...] = ()
