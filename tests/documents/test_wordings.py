"""Words that are found by two patterns, one for ASCII and one for all scripts, or looked up before a pattern is searched: both ways find the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.documents import fields, names
from maestro.documents.names import BARE_NUMBERS, GROUP_WORDS, PHASE_WORDS, TASK_WORDS, Wording
from maestro.models.plan import TextLine

WORDS = """
Task task TASK- Sub-task Tarefa tâche 任务 タスク 작업 Phase phase FASE Étape Этап 阶段 第 一 二十 단계 段階 Epic wave Milestone part
1 1.2 1.fix1 2b T001 AB-2 WP03 #3 12 ３ : ： — – - . ) ] ** __ ` ~ ( IV A x the
"""
PARTS = WORDS.split()
TITLES = st.lists(st.sampled_from([*PARTS, " ", " "]), max_size=6).map("".join)
WORDINGS = {"tasks": TASK_WORDS, "numbers": BARE_NUMBERS, "phases": PHASE_WORDS, "groups": GROUP_WORDS}


@pytest.mark.parametrize("words", WORDINGS.values(), ids=WORDINGS)
@given(title=TITLES)
def test_both_patterns_of_a_wording_find_the_same(words: Wording, title: str) -> None:
    found, wide = words.match(title, 0, len(title)), words._wide.match(title)
    assert (found is None) == (wide is None)
    if found and wide:
        assert found.end() == wide.end()
        assert {name: value for name, value in wide.groupdict().items() if value} == {name: value for name, value in found.groupdict().items() if value}


LABELS = [
    "Files:",
    "- **Files**",
    "- [ ] *Create* a.py",
    "__Depends on__",
    "1. _Test_ x",
    "**Files** ：",
    "- [x] Write `a_b.py`",
    "Plain words",
    "",
    "  ",
    "files：a.py",
]


@given(text=st.lists(st.sampled_from([*LABELS, "-", "*", "_", "[ ]", ":", "a"]), max_size=4).map(" ".join))
def test_a_label_is_never_hidden(text: str) -> None:
    found = fields._LABEL.fullmatch(text)
    assert bool(fields.labels([TextLine(1, text)])) == (found is not None and fields._is_label(found))


BLOCKS = [
    "Phase 1 Completion Verification",
    "User Manual Verification 'Phase 1'",
    "[checkpoint: abc]",
    "(Protocol in workflow.md)",
    "Conductor - Manual verification",
]


@given(title=st.sampled_from(BLOCKS).flatmap(lambda title: st.sampled_from([title, title.upper(), f"* {title}", title[:-1]])))
def test_a_verification_block_is_never_hidden(title: str) -> None:
    assert names.is_verification(title) == (names._VERIFICATION.search(title.lower()) is not None)
