"""A dependency graph as text, one task per line, with rails that run from a task to those that need it.

    ○     1.1
    │ ○   1.2
    ├─○   1.3      needs 1.1 and 1.2, and nothing more needs 1.2
    ○     1.4      needs 1.1

A rail ends where the last task that needs it has been drawn, in a new column or in its own. A line that only passes a rail leaves it whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

MOST_RAILS = 14
"""More columns than this cannot be followed by eye, and leave no room for titles."""

NODE = "○"


def draw(order: Sequence[str], needs: Mapping[str, Collection[str]], nodes: Mapping[str, str] | None = None) -> list[str] | None:
    """The rails of each task of `order`, all of the same width; None where the graph is too wide to be followed.

    `order` is topological: every prerequisite stands before the tasks that need it. `nodes` gives tasks another sign than `○`, of one column.
    """
    open_needs = _counts(order, needs)
    columns: list[str | None] = []
    rows: list[str] = []
    for task in order:
        joined = [position for position, owner in enumerate(columns) if owner is not None and owner in needs.get(task, ())]
        for position in joined:
            owner = columns[position]
            assert owner is not None
            open_needs[owner] -= 1
        ending = {position for position in joined if open_needs[columns[position] or ""] == 0}
        node = min(ending) if ending else _free(columns)
        if node == len(columns):
            columns.append(None)
        rows.append(_row(columns, joined, ending, node, (nodes or {}).get(task, NODE)))
        for position in ending:
            columns[position] = None
        columns[node] = task if open_needs[task] else None
        while columns and columns[-1] is None:
            columns.pop()
        if len(columns) > MOST_RAILS:
            return None
    widest = max(map(len, rows), default=0)
    return [row.ljust(widest) for row in rows]


def _counts(order: Sequence[str], needs: Mapping[str, Collection[str]]) -> dict[str, int]:
    counts = dict.fromkeys(order, 0)
    for task in order:
        for needed in needs.get(task, ()):
            if needed in counts:
                counts[needed] += 1
    return counts


def _free(columns: Sequence[str | None]) -> int:
    return next((position for position, owner in enumerate(columns) if owner is None), len(columns))


def _row(columns: Sequence[str | None], joined: Collection[int], ending: Collection[int], node: int, sign: str) -> str:
    """One line: a column takes two characters, the rail and what lies between it and the next."""
    reach = [*joined, node]
    first, last = min(reach), max(reach)
    cells: list[str] = []
    for position, owner in enumerate(columns):
        if position == node:
            cells.append(sign)
        elif position in joined:
            cells.append(_joint(position, position in ending, first, last))
        elif owner is not None:
            cells.append("│")
        else:
            cells.append("─" if first < position < last else " ")
        cells.append("─" if first <= position < last else " ")
    return "".join(cells).rstrip()


def _joint(position: int, ends: bool, first: int, last: int) -> str:
    if position == first:
        return "└" if ends else "├"
    if position == last:
        return "┘" if ends else "┤"
    return "┴" if ends else "┼"
