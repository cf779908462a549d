"""The phase completion protocol: the full tests at HEAD, coverage, what no test covers, then a person's word, then the checkpoint."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from maestro.git.checkout import head
from maestro.git.diffs import changes, file_text
from maestro.models.gate import GateRun
from maestro.models.run import PhaseRun, TaskState, first_line
from maestro.models.schedule import Mode
from maestro.run import questions
from maestro.run.bookkeeping import SHORT, commit_bookkeeping, pause, sync_plan
from maestro.run.commits import only_bookkeeping
from maestro.run.context import Context
from maestro.run.gate import SetupFailed, gate_folder, integration, of_phase, run_gate
from maestro.run.jobs import Job, Step, environment, shell
from maestro.run.lying import suspects
from maestro.run.manual import manual_steps
from maestro.run.ours import is_ours
from maestro.run.pending import Pending
from maestro.run.turns import Turn

MAX_REJECTIONS = 3
"""Rejected verifications of one phase before the run stops (design, table)."""

_PERCENT = re.compile(
    r"(?:^TOTAL\b.*?|\btotal:?\s.*?)(\d{1,3}(?:\.\d+)?)\s*%|(?:\bAll files\s*\|\s*|\bcoverage:?\s+|\bLines\s*:\s*)(\d{1,3}(?:\.\d+)?)",
    re.IGNORECASE | re.MULTILINE,
)
"""A total's percentage: behind `total` other numbers come first (statements, misses), so the sign is needed there."""

_CODE = frozenset(
    {
        ".py",
        ".js",
        ".jsx",
        ".ts",
        ".tsx",
        ".mjs",
        ".cjs",
        ".go",
        ".rs",
        ".java",
        ".kt",
        ".rb",
        ".php",
        ".c",
        ".cc",
        ".cpp",
        ".cs",
        ".swift",
        ".scala",
        ".ex",
        ".exs",
        ".lua",
    }
)


def verify_step(context: Context, phase: PhaseRun, number: int) -> Turn | Pending | None:
    """One step of the protocol for a phase whose tasks are all settled."""
    tip = head(context.git)
    assert tip is not None
    verdict = _tests(context, phase, tip)
    if not isinstance(verdict, GateRun):
        return verdict
    measured = _coverage(context, phase, tip)
    if isinstance(measured, Pending):
        return measured
    threshold = context.state.settings.coverage_threshold
    if measured is not None and threshold is not None and measured < threshold and questions.coverage_id(phase) not in context.state.answers:
        questions.ask(context, questions.coverage_low(phase, measured, threshold))
        return None
    question = questions.verify(phase, bool(verdict.ok), _tested(context, verdict) + _mended(context, phase), verdict.commit, manual_steps(context, phase))
    known = context.state.questions.get(question.id)
    if known is None or (known.context.get("commit"), known.text) != (verdict.commit, question.text):
        context.record("question-asked", question=questions.question_data(question))
    if question.id in context.state.parked:
        return Turn("finished", phase, number, outcome="blocked")
    return Turn("verify-phase", phase, number, question=context.state.questions[question.id], gate=verdict)


def _tested(context: Context, verdict: GateRun) -> str:
    """How the phase stands, for the question whether it is what was wanted."""
    if context.state.settings.test is None:
        return "all tasks are settled, nothing was tested."
    if verdict.empty:
        return "all tasks are settled; the test command found no tests."
    if verdict.ok:
        return "all tasks are settled, the tests are green."
    return " ".join(["all tasks are settled, but the tests are RED.", *filter(None, [suspects(context)])])


def _mended(context: Context, phase: PhaseRun) -> str:
    """What earlier verifications found, and the commits that mended it."""
    fixes = [task for task in context.state.tasks.values() if task.phase == phase.id and task.fix_text]
    return "".join(f" Found before: {task.title!r}, mended by {task.sha[:SHORT] or task.state}." for task in fixes)


def untested_files(context: Context, phase: PhaseRun, tip: str) -> tuple[str, ...]:
    """Code files with behaviour that the phase changed and no test file changed in the phase is named after."""
    if phase.base is None:
        return ()
    paths = [
        PurePosixPath(change.path) for change in changes(context.git, phase.base, tip) if change.kind != "deleted" and not is_ours(change.path, context.ours)
    ]
    tests = [path for path in paths if is_test(path)]
    words = {stem for path in tests for stem in _stems(path)}
    found = (
        str(path)
        for path in paths
        if path.suffix in _CODE and not is_test(path) and path.stem not in ("__init__", "index", "conftest") and path.stem.lower() not in words
    )
    return tuple(path for path in found if not (path.endswith(".py") and _only_values(file_text(context.git, tip, path))))


def _only_values(source: str) -> bool:
    """Whether a Python file holds nothing but imports and literals: no test of its own could say more than it does. Of other languages that is not told."""
    import ast

    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    values = [node.value for node in body if isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) and node.value is not None]
    plain = all(isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign | ast.Expr) for node in body)
    inert = (ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Load, ast.UnaryOp, ast.unaryop)
    return plain and all(isinstance(part, inert) for value in values for part in ast.walk(value))


def checkpoint_of(context: Context, phase: PhaseRun) -> str:
    """The newest commit of the phase's tasks; where these left none, the commit that it began on."""
    commits = [task for task in context.state.tasks.values() if task.phase == phase.id and task.sha and not task.outside]
    newest = max(commits, key=lambda task: task.merged_at or "", default=None)
    return newest.sha if newest else (phase.base or context.state.base)


def accept(context: Context, phase: PhaseRun) -> None:
    """The user's word: the phase gets its checkpoint, the last task commit of the phase."""
    checkpoint = checkpoint_of(context, phase)
    if not phase.verified:
        context.record("phase-verified", phase=phase.id, checkpoint=checkpoint)
    sync_plan(context)
    commit_bookkeeping(context, f"phase {phase.id} verified")
    context.tell(f"Phase {phase.id} is verified: checkpoint {checkpoint[:SHORT]}.")


def reject(context: Context, phase: PhaseRun, text: str) -> None:
    """An issue was found: a fix task runs in this phase, then the verification is asked again. The third rejection stops the run."""
    if phase.rejections + 1 >= MAX_REJECTIONS:
        for name in (questions.coverage_id(phase), questions.verify_id(phase)):
            if name in context.state.answers:
                context.record("question-withdrawn", id=name)
        pause(context, f"phase {phase.id} was rejected {MAX_REJECTIONS} times; the plan or the spec needs a look")
        return
    add_fix(context, phase, text)


def fix_of(phase: PhaseRun) -> str:
    """The id of the next task that mends something in this phase."""
    return f"{phase.id}.fix{phase.fixes + 1}"


def add_fix(context: Context, phase: PhaseRun, text: str, review: str = "") -> None:
    """A task that mends what was found: at the end of the phase, or, when a review found it (`review` is its question), before anything else starts."""
    title = first_line(text)[:80] or "mend what the verification found"
    context.record("fix-task-added", phase=phase.id, task=fix_of(phase), title=title, text=text, review=review)


def is_test(path: PurePosixPath) -> bool:
    """True for files that by name or folder hold tests, in the customs of all languages."""
    return bool(re.search(r"(?:^|[._-])(?:test|tests|spec)(?:[._-]|$)", path.stem, re.IGNORECASE)) or any(
        part in ("test", "tests", "__tests__", "spec") for part in path.parts[:-1]
    )


def _stems(path: PurePosixPath) -> set[str]:
    stem = path.stem.lower()
    return {stem, re.sub(r"^test[_-]|[._-](?:test|tests|spec)$", "", stem)}


def _tests(context: Context, phase: PhaseRun, tip: str) -> GateRun | Pending | None:
    """The full test run at HEAD. A gate that passed on exactly this commit (or differs by bookkeeping only) counts."""
    known = phase.gate
    if known is not None and known.commit != tip and known.ok is not None and only_bookkeeping(context.git, known.commit, tip, context.ours):
        return known
    if phase.gate is None:
        for task in sorted(context.state.tasks.values(), key=lambda task: task.sha != tip):
            gate = task.attempt.gate if task.attempt and task.phase == phase.id and task.state is TaskState.MERGED else None
            if gate and gate.ok and gate.commit == task.sha and only_bookkeeping(context.git, gate.commit, tip, context.ours):
                return gate
    if context.state.settings.mode is not Mode.SINGLE and context.state.settings.test is not None and phase.gate is None:
        integration(context, tip)
    try:
        return run_gate(context, of_phase(phase.id), phase.gate.commit if phase.gate and phase.gate.ok is None else tip, phase.gate)
    except SetupFailed as error:
        pause(context, f"The set-up command failed: {error}")
        return None


def _coverage(context: Context, phase: PhaseRun, tip: str) -> float | Pending | None:
    """Percent from the configured coverage command; None without one, or when its output names no figure."""
    command = context.state.settings.coverage
    if command is None or phase.coverage is not None:
        return phase.coverage if phase.coverage is None or phase.coverage >= 0 else None
    job = Job(context.home.jobs(context.state.run) / f"coverage-{phase.id}-{phase.fixes}-{tip[:7]}")
    if context.state.settings.mode is not Mode.SINGLE:
        integration(context, tip) if not job.folder.exists() else None
    job.start([Step("coverage", shell(command))], gate_folder(context), environment())
    if job.result() is None:
        return Pending(job, f"coverage of phase {phase.id}")
    figures = _PERCENT.findall(job.tail(20_000))
    percent = float("".join(figures[-1])) if figures else -1.0
    if percent < 0:
        context.tell("The coverage command printed no total; coverage is unknown.")
    context.record("coverage-measured", phase=phase.id, percent=percent)
    return percent if percent >= 0 else None
