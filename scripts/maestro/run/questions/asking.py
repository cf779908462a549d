"""Putting questions, and the literal commands that answer them."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from maestro.models.run import Question, RunState
from maestro.run.commands import command
from maestro.run.context import Context

WANT_TEXT = ("issue", "command", "explain", "apply")
"""Answers that need words of their own, but for those in `WELCOME`."""

WELCOME = {
    ("failed", "skip"),
    ("conflict", "skip"),
    ("in-the-way", "skip"),
    ("held", "retry"),
    ("strayed", "retry"),
    ("new-technology", "reject"),
    ("coverage", "issue"),
}
"""Kind and answer of questions where words may be added: the reason of a skip, what is wanted instead."""


BY_HAND = {
    ("failed", "fix"): "{} mends it, in a new worktree with what the last attempt left",
    ("conflict", "resolve"): "{} resolves it, in a new worktree that holds both sides",
}
"""Kind and answer of questions after which somebody goes on with work where it lies."""


def by_hand(state: RunState, kind: str, option: str) -> str:
    """What such an answer does: who goes on is the session that drives the run; where a process does, the next worker that it calls."""
    return BY_HAND[kind, option].format("a worker" if state.driver.process else "the session itself")


def words_with(kind: str, option: str) -> str:
    """Whether an answer takes words of the person's own: `needed`, `welcome`, or empty where nobody reads them."""
    return "welcome" if (kind, option) in WELCOME else "needed" if option in WANT_TEXT else ""


def ask(context: Context, question: Question) -> None:
    """Put a question, once: one that is open already stays as it is."""
    known = context.state.questions.get(question.id)
    if known is not None and question.id not in context.state.answers:
        return
    context.record("question-asked", question=question_data(question))


def question_data(question: Question) -> dict[str, Any]:
    return asdict(question)


def with_commands(state: RunState, question: Question) -> Question:
    """The question with the literal command for each answer, and whether words go with it. Another driver than the one it was asked under may read it."""
    driver = ("--driver", state.driver.id) if state.driver.id and not state.driver.process else ()
    options = []
    for option in question.options:
        words = words_with(question.kind, option.id)
        call = command("run", "answer", question.id, option.id, *(("--text", "TEXT") if words == "needed" else ()), *driver)
        effect = by_hand(state, question.kind, option.id) if (question.kind, option.id) in BY_HAND else option.effect
        options.append(replace(option, command=call, words=words, effect=effect))
    return replace(question, options=tuple(options))
