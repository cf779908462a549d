"""Putting questions, and the literal commands that answer them."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from maestro.models.run import Question, RunState
from maestro.run.commands import command
from maestro.run.context import Context

WANT_TEXT = ("issue", "command", "explain", "apply")
"""Answers that need words of their own."""


def ask(context: Context, question: Question) -> None:
    """Put a question, once: one that is open already stays as it is."""
    known = context.state.questions.get(question.id)
    if known is not None and question.id not in context.state.answers:
        return
    context.record("question-asked", question=question_data(question))


def question_data(question: Question) -> dict[str, Any]:
    return asdict(question)


def with_commands(state: RunState, question: Question) -> Question:
    """The question with the literal command for each answer."""
    driver = ("--driver", state.driver.id) if state.driver.id and not state.driver.process else ()
    options = tuple(
        replace(option, command=command("run", "answer", question.id, option.id, *(("--text", "TEXT") if option.id in WANT_TEXT else ()), *driver))
        for option in question.options
    )
    return replace(question, options=options)
