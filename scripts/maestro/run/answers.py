"""What each answer does."""

from __future__ import annotations

from collections.abc import Callable

from maestro.documents.toolchain import suggest_setup_commands
from maestro.errors import Conflict, NotFound, Usage
from maestro.git.checkout import switch_branch
from maestro.models.run import FailureClass, Question, TaskRun, TaskState, first_line
from maestro.models.schedule import Mode
from maestro.run import questions
from maestro.run.bookkeeping import SHORT, pause, sync_plan
from maestro.run.context import Context
from maestro.run.failing import fail_attempt, keep_work
from maestro.run.home import set_active
from maestro.run.lying import left_by, tell_what_stays
from maestro.run.permissions import LOCAL, allow, can_allow, missing
from maestro.run.verification import accept, add_fix, fix_of, reject

_MODES = frozenset(mode.value for mode in Mode)
"""Answers that choose how the run works."""


def answer(context: Context, question_id: str, option: str, text: str = "", *, unattended: bool = False) -> None:
    """Record the answer and do what it means. The same answer again is fine; another one for an answered question is not.

    unattended: nobody gave it, `--yes` took it
    Raises NotFound `question-unknown`, Usage `option-unknown`, `text-missing`, Conflict `already-answered`.
    """
    question = context.state.questions.get(question_id)
    if question is None:
        known = ", ".join(entry.id for entry in context.state.open_questions) or "none"
        raise NotFound("question-unknown", f"There is no question {question_id!r}.", hint=f"Open questions: {known}. `run.py next` says what is to be done.")
    given = context.state.answers.get(question_id)
    if given is not None:
        if given.option == option:
            apply_answers(context)
            context.tell(f"{question_id} was answered {option} already.")
            return
        raise Conflict("already-answered", f"{question_id} was answered {given.option!r} already.", hint="Call `run.py next` for what is open now.")
    if option not in [choice.id for choice in question.options]:
        raise Usage("option-unknown", f"{option!r} is no answer to {question_id}.", hint=f"Answers: {', '.join(choice.id for choice in question.options)}.")
    if questions.words_with(question.kind, option) == "needed" and not text.strip():
        raise Usage("text-missing", f"The answer {option} needs words.", hint="Say them: `… --text TEXT`.")
    context.record("question-answered", id=question_id, option=option, text=text, **({"unattended": True} if unattended else {}))
    _apply(context, question)


def apply_answers(context: Context) -> None:
    """Go on with answers whose call was ended between recording them and doing what they mean. What was done already is not done again."""
    for question in [question for question in context.state.questions.values() if question.id in context.state.answers]:
        if not context.state.answers[question.id].applied:
            _apply(context, question)


def _apply(context: Context, question: Question) -> None:
    given = context.state.answers[question.id]
    _HANDLERS[question.kind](context, question, given.option, given.text)
    if question.id in context.state.answers:
        context.record("answer-applied", id=question.id)


def _task(context: Context, question: Question) -> TaskRun:
    assert question.task is not None
    return context.state.tasks[question.task]


def _start(context: Context, question: Question, option: str, text: str) -> None:
    if option == "cancel":
        set_active(context.home.checkout, None)
        context.record("finished", outcome="stopped")
    elif option in _MODES:
        _run_in(context, Mode(option))
    elif option == "background":
        rules = missing(context.root, question.context.get("rules", ()))
        if rules and not can_allow(context.root):
            context.tell(f"{LOCAL} could not be extended, nothing was written; workers run in the foreground.")
            return
        if rules:  # first the word that they are ours, so that they are taken back whatever happens next
            context.record("settings-changed", changes={"background_rules": list(rules)})
            allow(context.home.checkout, rules)
            context.tell(f"Added to {LOCAL} until the run is over: {', '.join(rules)}.")
        context.record("settings-changed", changes={"background": True})


def _mode(context: Context, question: Question, option: str, text: str) -> None:
    if option in _MODES:
        _run_in(context, Mode(option))


def _run_in(context: Context, mode: Mode) -> None:
    """Change the mode before anything began. Only worktrees have to be prepared, so only with them it is asked how."""
    context.record("settings-changed", changes={"mode": mode.value})
    asked = any(other.kind == "setup-command" for other in context.state.open_questions)
    if mode is Mode.SINGLE and asked:
        context.record("question-withdrawn", id="setup-command")
    elif mode is not Mode.SINGLE and context.state.settings.setup is None and (found := suggest_setup_commands(context.root)):
        questions.ask(context, questions.setup_command([(one.command, one.why) for one in found]))


def _command(context: Context, question: Question, option: str, text: str) -> None:
    """The tests' command or the set-up command: the one that was found, another one, or none."""
    chosen = {"use": next((entry["command"] for entry in question.context.get("suggestions", [])), None), "command": text.strip(), "none": None}[option]
    context.record("settings-changed", changes={question.kind.removesuffix("-command"): chosen})
    if chosen:
        _tell_where_to_keep(context, question.kind, chosen)


def _tell_where_to_keep(context: Context, kind: str, command: str) -> None:
    """An answer is this run's. The line that spares the next track the question is named, not written: the document is the user's.

    Nothing is said where the line would be read as another command.
    """
    from maestro.documents.workflow import parse_workflow

    line = f"{kind.replace('-', ' ').capitalize()}: {command}"
    layout = context.home.layout
    if getattr(parse_workflow(line, ""), kind.replace("-", "_")) == command:
        context.tell(f"To be asked this no more, the user can write into {layout.shown(layout.workflow)}: `{line}`")


def _base_red(context: Context, question: Question, option: str, text: str) -> None:
    if option == "stop":
        pause(context, "the tests fail before the first task")
        context.record("base-reset")
        context.record("question-withdrawn", id=question.id)
    elif option == "no-test":
        context.record("settings-changed", changes={"test": None})
    else:
        if option == "command":
            context.record("settings-changed", changes={"test": text.strip()})
        context.record("base-reset")
        context.record("question-withdrawn", id=question.id)


def _branch(context: Context, question: Question, option: str, text: str) -> None:
    if option == "new":
        proposed = question.context["proposed"]
        switch_branch(context.home.checkout, proposed)
        context.record("settings-changed", changes={"branch": proposed})


def _held(context: Context, question: Question, option: str, text: str) -> None:
    task = _task(context, question)
    attempt = task.attempt
    assert attempt is not None
    if attempt.accepted or attempt.left_out or attempt.outcome:
        return
    if option == "merge":
        context.record("changes-settled", task=task.id, attempt=attempt.number, left_out=[])
    elif option == "leave-out":
        context.record("changes-left-out", task=task.id, attempt=attempt.number, paths=[entry["path"] for entry in question.context["files"]])
    else:
        listed = ", ".join(entry["path"] for entry in question.context["files"])
        fail_attempt(context, task, FailureClass.WORKER, f"the user did not want these changes: {listed}. {text}".strip())


def _conflict(context: Context, question: Question, option: str, text: str) -> None:
    task = _task(context, question)
    if option == "skip":
        skip_task(context, task, text or "skipped at a merge conflict")
        return
    if option == "leave-out":
        assert task.attempt is not None
        context.record("changes-left-out", task=task.id, attempt=task.attempt.number, paths=[entry["path"] for entry in question.context["files"]])
        return
    files = ", ".join(entry["path"] for entry in question.context.get("files", []))
    if task.attempt is not None and not task.attempt.outcome:
        fail_attempt(context, task, FailureClass.CONFLICT, f"its changes conflict with what was merged meanwhile in {files}")


def _strayed(context: Context, question: Question, option: str, text: str) -> None:
    if option == "retry":
        reason = f"its worktree was left on {question.context['branch']}; work on the branch it was made on. {text}"
        fail_attempt(context, _task(context, question), FailureClass.WORKER, reason.strip())


def _gone(context: Context, question: Question, option: str, text: str) -> None:
    task = _task(context, question)
    if option == "again":
        if task.sha == question.context["commit"]:
            context.record("task-undone", task=task.id)
        sync_plan(context)  # opens its boxes again, before another attempt marks it as in progress


def _technology(context: Context, question: Question, option: str, text: str) -> None:
    if option == "reject":
        task = _task(context, question)
        fail_attempt(context, task, FailureClass.WORKER, f"do without {', '.join(question.context['names'])}. {text}".strip())


def _in_the_way(context: Context, question: Question, option: str, text: str) -> None:
    if option == "skip":
        skip_task(context, _task(context, question), text or "skipped: files in the way")
    else:
        context.record("question-withdrawn", id=question.id)


def _foreign(context: Context, question: Question, option: str, text: str) -> None:
    """The merge step reads the answer."""


def _failed(context: Context, question: Question, option: str, text: str) -> None:
    task = _task(context, question)
    if option == "skip":
        skip_task(context, task, text or f"it failed: {first_line(task.reason)}")
    elif option == "stop":
        pause(context, f"stopped at the failure of {task.id}")
        context.record("question-withdrawn", id=question.id)
    else:
        reopen(context, task, note=text)


def _verify(context: Context, question: Question, option: str, text: str) -> None:
    assert question.phase is not None
    phase = context.state.phases[question.phase]
    if option == "verified":
        accept(context, phase)
        if context.state.settings.review in ("phase", "wave"):
            commits = f"{(phase.base or '')[:SHORT]}..{phase.checkpoint[:SHORT]}"
            last = all(other.verified for other in context.state.phases.values())
            questions.ask(context, questions.review(f"phase-{phase.id}", questions.called(phase), commits, phase.id, each="phase", last=last))
    elif option == "issue":
        if question.id == questions.verify_id(phase):
            reject(context, phase, text)
    else:
        pause(context, f"stopped at the verification of phase {phase.id}")
        context.record("question-withdrawn", id=question.id)


def _coverage(context: Context, question: Question, option: str, text: str) -> None:
    assert question.phase is not None
    phase = context.state.phases[question.phase]
    if option == "issue":
        figures = question.context
        if question.id != questions.coverage_id(phase):
            return
        reject(context, phase, text or f"Add tests: coverage is {figures['percent']:g} %, the threshold is {figures['threshold']:g} %.")
    elif option == "stop":
        pause(context, f"stopped at the coverage of phase {phase.id}")
        context.record("question-withdrawn", id=question.id)


def _review(context: Context, question: Question, option: str, text: str) -> None:
    if option == "never":
        context.record("settings-changed", changes={"review": "none"})
    elif option == "yes":
        questions.ask(context, questions.review_found(question, fix_of(context.state.phases[question.context["phase"]])))


def _review_found(context: Context, question: Question, option: str, text: str) -> None:
    if option == "apply" and question.id not in {task.found_by for task in context.state.tasks.values()}:
        add_fix(context, context.state.phases[question.context["phase"]], text, review=question.id)


def _plan_changed(context: Context, question: Question, option: str, text: str) -> None:
    if option == "stop":
        pause(context, "the plan was edited")
        context.record("question-withdrawn", id=question.id)


def _nothing(context: Context, question: Question, option: str, text: str) -> None:
    """`complete` reads the answer."""


_HANDLERS: dict[str, Callable[[Context, Question, str, str], None]] = {
    "start": _start,
    "mode": _mode,
    "test-command": _command,
    "setup-command": _command,
    "base-red": _base_red,
    "branch": _branch,
    "held": _held,
    "strayed": _strayed,
    "gone": _gone,
    "conflict": _conflict,
    "in-the-way": _in_the_way,
    "foreign-commits": _foreign,
    "unclaimed": _foreign,
    "new-technology": _technology,
    "failed": _failed,
    "verify-phase": _verify,
    "coverage": _coverage,
    "review": _review,
    "review-found": _review_found,
    "plan-changed": _plan_changed,
    "cleanup": _nothing,
    "cleanup-delete": _nothing,
}


def reopen(context: Context, task: TaskRun, *, note: str = "", fresh: bool = False, keep: bool = False) -> None:
    """Give a failed or skipped task fresh attempts; what it blocked comes back with the next re-grouping.

    fresh: the next attempt gets nothing of the last one's work; keep: it gets it, whatever that one failed of; neither: where that is what helps
    """
    context.record("task-reopened", task=task.id, note=note, fresh=fresh, **({"keep": True} if keep else {}))
    phase = context.state.phases[task.phase]
    if not any(task.id in wave for wave in phase.waves) and phase.composed:
        context.record("wave-added", phase=phase.id, tasks=[task.id])
    for question in context.state.open_questions:
        if question.task == task.id:
            context.record("question-withdrawn", id=question.id)


def skip_task(context: Context, task: TaskRun, reason: str) -> None:
    """Settle a task without its work; its dependents may start."""
    left: tuple[str, ...] = ()
    if task.attempt is not None and not task.attempt.outcome:
        keep_work(context, task, task.attempt)
        left = left_by(context, task.attempt)
    if task.state is not TaskState.SKIPPED:
        context.record("task-skipped", task=task.id, reason=reason, **({"left": list(left)} if left else {}))
        tell_what_stays(context, task)
    for question in context.state.open_questions:
        if question.task == task.id:
            context.record("question-withdrawn", id=question.id)
