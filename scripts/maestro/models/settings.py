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

    def unusual(self, *, headless: bool = False) -> tuple[str, ...]:
        """What is not as it is without any option, in words. Reviews are offered after each phase, but not where no session drives (`headless`)."""
        reviews = "none" if headless else "phase"
        said = {
            "tasks are not tested": self.test is None,
            "no reviews" if self.review == "none" else f"reviews after each {self.review}": self.review != reviews,
            "defaults are taken for answers (--yes)": self.yes,
            "soft dependencies do not count": self.ignore_soft,
            "workers in the background": self.background,
        }
        return tuple(words for words, is_so in said.items() if is_so)
