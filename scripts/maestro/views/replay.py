"""A replay beside what was merged, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from maestro.counting import plural
from maestro.models.replay import Beside, Lines, Replay
from maestro.models.report import Spent
from maestro.views.report import length, usage_words
from maestro.views.sections import Block, Literal, Points, Section, Table, as_text
from maestro.views.words import short_ids

TAIL = 1200
"""Characters of a red test's output."""


def replay_text(replay: Replay, columns: int = 80) -> str:
    """What the second attempt made of the task, beside what was merged."""
    return as_text(f"{replay.task} {replay.title}, done again: {_outcome(replay)}", list(_sections(replay)), columns)


def _outcome(replay: Replay) -> str:
    if replay.timed_out:
        return f"not done within {length(replay.seconds)}"
    if replay.exit_code:
        return f"its worker ended with exit code {replay.exit_code} after {length(replay.seconds)}"
    verdict = {True: "tests green", False: "tests RED", None: "not tested"}[replay.tests.ok]
    return f"{verdict}, {length(replay.seconds)}" if replay.ref else f"nothing changed, {length(replay.seconds)}"


def _sections(replay: Replay) -> Iterator[Section]:
    yield Section("Beside what was merged", list(_beside(replay)))
    if replay.tests.ok is False:
        yield Section("Its tests", [Literal(replay.tests.tail[-TAIL:]) if replay.tests.tail else "They printed nothing.", Literal(replay.tests.log)])
    if replay.summary:
        yield Section("What its worker said", [f'"{replay.summary}"'])
    yield Section("Where", [Literal("\n".join(_where(replay)))])


def _beside(replay: Replay) -> Iterator[Block]:
    facts = [f"the worker: {replay.worker}", f"brief and base: of attempt {replay.attempt}, {short_ids(replay.base)}"]
    if replay.merged:
        used = usage_words(Spent(replay.merged_tokens, replay.merged_cost))
        merged = [short_ids(replay.merged), replay.merged_tests or "untested", f"{length(replay.merged_seconds)} of work", used]
        facts.append(f"merged: {', '.join(part for part in merged if part)}")
    else:
        facts.append("merged: nothing, so there is nothing to compare with")
    if replay.tokens is not None or replay.cost is not None:
        facts.append(f"used, as its worker says: {usage_words(Spent(replay.tokens, replay.cost))}")
    yield Points(facts)
    if replay.files:
        yield Table([_row(file) for file in replay.files], ("file", "replayed", "merged", ""))
        against = f" against {_total([file.merged for file in replay.files])}; {_same(replay.files)}" if replay.merged else ""
        yield f"{_total([file.replayed for file in replay.files])}{against}."


def _row(file: Beside) -> tuple[str, str, str, str]:
    both = "the same" if file.same else "differs"
    note = both if file.replayed and file.merged else "only replayed" if file.replayed else "only merged"
    return file.path, _lines(file.replayed), _lines(file.merged), note + ("" if file.in_scope else ", outside its scope")


def _lines(lines: Lines | None) -> str:
    if lines is None:
        return ""
    return lines.kind if lines.added is None else f"+{lines.added} -{lines.deleted}"


def _total(lines: Sequence[Lines | None]) -> str:
    known = [each for each in lines if each is not None]
    return f"{plural(len(known), 'file')} (+{sum(each.added or 0 for each in known)} -{sum(each.deleted or 0 for each in known)})"


def _same(files: Sequence[Beside]) -> str:
    same = sum(file.same for file in files)
    return "all the same" if same == len(files) else f"{same} the same" if same else "none the same"


def _where(replay: Replay) -> Iterator[str]:
    if replay.ref:
        yield f"kept as {replay.ref}"
    if replay.worktree:
        yield f"worktree {replay.worktree}"
    if replay.diff:
        yield replay.diff
    yield f"log {replay.log}"
