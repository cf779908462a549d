"""Every question a run can ask: its words, its answers, what happens with each, and what `--yes` may take."""

from maestro.run.questions.asking import WANT_TEXT, ask, question_data, with_commands
from maestro.run.questions.starting import no_registry, start, mode_conflict, test_command, base_red, branch_choice, unfinished
from maestro.run.questions.tasks import (
    (,
)
    held_id,
    held,
    conflict_id,
    conflict,
    in_the_way,
    foreign_id,
    foreign,
    unclaimed_id,
    unclaimed,
    technology_id,
    technology,
    failed_id,
    failed,
)
from maestro.run.questions.phases import verify_id, verify, coverage_id, coverage_low, review, plan_changed, cleanup, cleanup_delete

__all__ = [
    "WANT_TEXT",
    "ask",
    "base_red",
    "branch_choice",
    "cleanup",
    "cleanup_delete",
    "conflict",
    "conflict_id",
    "coverage_id",
    "coverage_low",
    "failed",
    "failed_id",
    "foreign",
    "foreign_id",
    "held",
    "held_id",
    "in_the_way",
    "mode_conflict",
    "no_registry",
    "plan_changed",
    "question_data",
    "review",
    "start",
    "technology",
    "technology_id",
    "test_command",
    "unclaimed",
    "unclaimed_id",
    "unfinished",
    "verify",
    "verify_id",
    "with_commands",
]
