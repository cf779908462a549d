"""One task for its reviewer, in words."""

from __future__ import annotations

from collections.abc import Iterator

from maestro.counting import plural
from maestro.models.review import FileLine, Review
from maestro.views.report import length
from maestro.views.sections import Block, Literal, Points, Section, Table, as_text
from maestro.views.words import short_ids

VERDICTS = {True: "yes", False: "NO", None: "?"}

MOST = 60
"""Files that are listed; JSON has all of them."""

TAIL = 1200
"""Characters of a red gate's output."""


def review_text(review: Review, columns: int = 80, *, full: bool = False) -> str:
    """`full` adds the whole brief."""
    return as_text(heading(review), list(_sections(review, full)), columns)


def heading(review: Review) -> str:
    """`1.2 Hash passwords: merged as abaa869 (attempt 2 of 2, auth/1.2/2)`."""
    parts = [f"{review.task} {review.title}: {'needed no change' if _unchanged(review) else review.state.replace('-', ' ')}"]
    if review.sha:
        parts.append(f"as {short_ids(review.sha)}")
    if review.attempt:
        parts.append(f"(attempt {review.attempt} of {len(review.attempts)}, {review.handle})")
    return " ".join(parts)


def _unchanged(review: Review) -> bool:
    return review.state == "merged" and not review.sha and review.attempt == len(review.attempts)


def _sections(review: Review, full: bool) -> Iterator[Section]:
    if review.reason and review.state != "merged":
        yield Section("Why it is so", [Literal(review.reason[:TAIL])])
    yield Section("The task", [Literal(review.text)])
    if full and review.brief:
        yield Section("Its brief", [Literal(review.brief)])
    elif review.brief_file:
        yield Section("Its brief", [f"{len(review.brief)} characters; --full shows them here.", Literal(review.brief_file)])
    if review.needs:
        yield Section("It needed", [Points([f"{edge.needs} ({edge.kind}: {edge.why})" for edge in review.needs])])
    yield Section("Diff", list(_diff(review)))
    proof = list(_proof(review))
    if proof:
        yield Section("Proof", [Points(proof), *_red(review)])
    if review.claims:
        yield Section("What the worker said, and what is known", [*_said(review)])
    if len(review.attempts) > 1 or any(attempt.outcome == "failed" for attempt in review.attempts):
        yield Section("Attempts", [Points(list(_attempts(review)))])
    where = [f"worktree: {review.worktree}" if review.worktree else "", f"log: {review.log}" if review.log else ""]
    where += [f"its worker's log: {review.worker_log}"] if review.worker_log not in ("", review.log) else []
    if any(where):
        yield Section("Where", [Literal("\n".join(line for line in where if line))])


def _diff(review: Review) -> Iterator[Block]:
    if not review.files:
        yield {"waiting": "Nothing yet: the task has not started.", "running": "Nothing yet: its worker has not changed a file."}.get(
            review.state if not review.attempt or review.state == "running" else "",
            "Nothing: it changed nothing." if review.diff else "Nothing of it is left to look at.",
        )
    else:
        yield Table([_file(file) for file in review.files[:MOST]], right=frozenset({1, 2}))
        added, deleted = (sum(number or 0 for number in numbers) for numbers in zip(*((file.added, file.deleted) for file in review.files), strict=True))
        yield f"{plural(len(review.files), 'file')}, +{added} -{deleted}" if review.diff else f"{plural(len(review.files), 'file')}, still in its worktree"
        if review.diff:
            yield Literal(review.diff)
    if not review.scope and review.attempt:
        yield "The plan names no paths for this task, so nothing is outside its scope."
    untouched = [entry.path for entry in review.scope if not entry.touched and entry.access != "read"]
    outside = [file.path for file in review.files if not file.in_scope]
    if outside:
        yield f"Outside its scope: {', '.join(outside)}."
    if untouched and review.files:
        yield f"Named by the task and not touched: {', '.join(untouched)}."
    if review.scope and review.files and not outside and not untouched:
        yield "Exactly what the task names."


def _file(file: FileLine) -> tuple[str, str, str, str]:
    lines = ("", "") if file.added is None else (f"+{file.added}", f"-{file.deleted}")
    return file.path, *lines, file.kind + ("" if file.in_scope else ", outside its scope")


def _proof(review: Review) -> Iterator[str]:
    seen = [check.ok for check in review.checks]
    for check in review.checks[-8:]:
        yield f"{check.at[:19].replace('T', ' ')} UTC: its worker's check was {'green' if check.ok else 'red'}"
    first_red = seen.index(False) if False in seen else None
    if first_red is not None and True in seen[first_red:]:
        yield "red before green: seen"
    elif review.attempt and review.files and review.method == "tdd":
        yield "red before green: not on record, though the method is test first"
    if review.files and not review.touches_tests:
        yield "its diff changes no test"
    gate = review.gate
    if gate is None:
        if review.attempt and review.files:
            yield "merged untested" if review.sha else "maestro has not tested it"
    elif gate.ok is None:
        yield f"maestro's tests on {short_ids(gate.commit)} are running"
    elif gate.empty:
        yield f"maestro's tests on {short_ids(gate.commit)} found nothing to run"
    else:
        again = " at the second try" if gate.tries > 1 and gate.ok else f" {gate.tries} times" if gate.tries > 1 else ""
        yield f"maestro's tests on {short_ids(gate.commit)}: {'green' if gate.ok else 'RED'}{again}"


def _red(review: Review) -> list[Block]:
    return [Literal(review.gate.tail[-TAIL:])] if review.gate is not None and review.gate.ok is False and review.gate.tail else []


def _said(review: Review) -> Iterator[Block]:
    if review.summary:
        yield f'"{review.summary[:TAIL]}"'
    yield Table([(claim.said, VERDICTS[claim.holds], short_ids(claim.fact)) for claim in review.claims], ("said", "holds", "known"))


def _attempts(review: Review) -> Iterator[str]:
    for attempt in review.attempts:
        what = f"{attempt.outcome} ({attempt.failure})" if attempt.failure else attempt.outcome
        reason = f": {short_ids(attempt.reason.partition(chr(10))[0])}" if attempt.reason else ""
        kept = f"; its work is kept as {attempt.kept}" if attempt.kept else ""
        yield f"{attempt.number}: {what}, {length(attempt.seconds)} of work{reason}{kept}"
