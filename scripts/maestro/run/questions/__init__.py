"""Every question a run can ask: its words, its answers, what happens with each, and what `--yes` may take."""

from maestro.run.questions.asking import WANT_TEXT, ask, question_data, with_commands
from maestro.run.questions.phases import cleanup, cleanup_delete, coverage_id, coverage_low, plan_changed, review, review_found, verify, verify_id
from maestro.run.questions.starting import base_red, branch_choice, mode_conflict, no_registry, start, test_command, unfinished
from maestro.run.questions.tasks import conflict, conflict_id, failed, failed_id, foreign, foreign_id, held, held_id, in_the_way
from maestro.run.questions.tasks import gone, strayed, strayed_id, technology, technology_id, unclaimed, unclaimed_id

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
    "gone",
    "held",
    "held_id",
    "in_the_way",
    "mode_conflict",
    "no_registry",
    "plan_changed",
    "question_data",
    "review",
    "review_found",
    "start",
    "strayed",
    "strayed_id",
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
