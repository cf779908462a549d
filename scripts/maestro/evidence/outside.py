"""What a plan says about the order of its tasks outside of them: in constraints, in a section about dependencies, in a table with such a column.

Only what names both sides counts: "Task 15 depends on Task 6", "T17: run the tests, blocked by T4", "Task 1 → Task 2 → Task 3", a table row of a task. The
rest is prose about the plan as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from maestro.evidence.claims import Claim, Form
from maestro.evidence.fields import labelling, read_fields
from maestro.evidence.ids import TaskIds
from maestro.evidence.lines import quoted, words
from maestro.evidence.references import mention_at, mentions
from maestro.evidence.sentences import read_sentences
from maestro.evidence.wording import Wording
from maestro.models.plan import Plan, TextLine
from maestro.patterns import holds, pattern

_BULLET = pattern(r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?(?:\[.\][ \t]+)?[*_]{0,2}")
_ABOUT_IT = pattern(r"[*_`]*\s*(?:[:：(—–]|-\s)")
_ARROW = pattern(r"\s*(?:\([^()]*\)\s*)?(?:→|⟶|➜|=>|-{1,3}>)\s*")
_ARROWS = ("→", "⟶", "➜", "=>", "->")
_CODE = pattern(r"`[^`]*`")
_DIVIDER = pattern(r"\|?[\s:|-]*-[\s:|-]*")


def outside_claims(plan: Plan, ids: TaskIds) -> list[Claim]:
    """The claims of a plan's lines that belong to no task, in the order of the lines. Names that no task has are left alone: the text may speak of others."""
    lines = [line for line in plan.outside if not line.code and line.text.strip()]
    rows = [line.text.lstrip().startswith("|") for line in lines]
    wording = Wording("\n".join([line.text for line in lines]), ids)
    found = list(_in_tables(lines, rows, ids)) if any(rows) else []
    for line, row in zip(lines, rows, strict=True):
        if not row and wording.may_order(line.text):
            found += [claim for claim in read_sentences(_about(line.text, ids), line, ids) if isinstance(claim, Claim) and _has_both_sides(claim)]
        if not row and holds(line.text, _ARROWS):
            found += _in_chain(line, ids)
    return found


def _has_both_sides(claim: Claim) -> bool:
    return bool(claim.task and (claim.needs or claim.group))


def _about(text: str, ids: TaskIds) -> str:
    """The task that a line begins with and speaks of, as in "- T17: run it all"; empty where there is none."""
    bullet = _BULLET.match(text)
    mention = mention_at(text, bullet.end() if bullet else 0, ids)
    alone = mention is not None and mention.named and len(mention.tasks) == 1 and _ABOUT_IT.match(text, mention.end)
    return mention.tasks[0] if mention is not None and alone else ""


def _in_chain(line: TextLine, ids: TaskIds) -> Iterator[Claim]:
    plain = _CODE.sub(lambda match: " " * len(match[0]), line.text)
    found = [mention for mention in mentions(plain, ids) if mention.named]
    for before, after in pairwise(found):
        if _ARROW.fullmatch(plain, before.end, after.start):
            said = quoted(line.text[before.start : after.end])
            for task in after.tasks:
                for needs in before.tasks:
                    if task != needs:
                        yield Claim(task, needs, line.line, said, "the plan lists them as a chain", Form.SENTENCE)


def _in_tables(lines: Sequence[TextLine], rows: Sequence[bool], ids: TaskIds) -> Iterator[Claim]:
    """Rows that begin with a task, read by the headers of their columns: a cell below "Dependencies" is a field of that task."""
    header: list[str] = []
    labels: tuple[str, ...] = ()
    for number, line in enumerate(lines):
        if not rows[number]:
            header = []
            continue
        if not header:
            divided = number + 1 < len(lines) and lines[number + 1].line == line.line + 1 and _DIVIDER.fullmatch(lines[number + 1].text.strip())
            header = _cells(line.text) if divided else []
            lower = line.text.lower()
            labels = labelling(lower, frozenset(words(lower)))
            continue
        if not labels:
            continue
        cells = _cells(line.text)
        task = _row_task(cells, ids)
        if task is not None:
            for name, cell in zip(header, cells, strict=False):
                heard, _ = read_fields(task, [TextLine(line.line, f"{name}: {cell}")], ids, labels)
                yield from (replace(claim, words=quoted(line.text), why=f"the column `{name}` names it") for claim in heard.claims)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def _row_task(cells: Sequence[str], ids: TaskIds) -> str | None:
    first = re.sub(r"[*_`]", "", cells[0]) if cells else ""
    mention = mention_at(first, 0, ids)
    return mention.tasks[0] if mention is not None and len(mention.tasks) == 1 else None
