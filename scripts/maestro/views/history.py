"""How the waves of a run changed while it ran, and why."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.counting import plural
from maestro.models.regrouping import Regrouping
from maestro.models.run import RunState
from maestro.views.cells import one_line, wrap
from maestro.views.ink import bold, dim
from maestro.views.shapes import HistoryData, RegroupingData


def history_data(state: RunState) -> HistoryData:
    """What `waves.py history --json` gives, the oldest change first."""
    return {"track": state.track, "run": state.run, "regroupings": [_change_data(change) for change in state.regroupings]}


def _change_data(change: Regrouping) -> RegroupingData:
    before, after = ([list(wave) for wave in waves] for waves in (change.before, change.after))
    return {"phase": change.phase, "at": change.at, "before": before, "after": after, "reasons": list(change.reasons)}


def history_text(state: RunState, columns: int = 80) -> str:
    """Before, after and the reasons of every change."""
    if not state.regroupings:
        return f"The waves of {state.track} (run {state.run}) have not changed."
    lines = [bold(f"{state.track}, run {state.run}: {plural(len(state.regroupings), 're-grouping')}")]
    for change in state.regroupings:
        lines += ["", *_change(change, columns)]
    return "\n".join(lines)


def _change(change: Regrouping, columns: int) -> list[str]:
    lines = [f"phase {one_line(change.phase)}" + dim(f"  {change.at}")]
    lines += wrap(_waves(change.before), columns, indent="          ", first="  before  ")
    lines += wrap(_waves(change.after), columns, indent="          ", first="  after   ")
    for why in change.reasons:
        lines += wrap(one_line(why), columns, indent="    ", first="  - ")
    return lines


def _waves(waves: Sequence[Sequence[str]]) -> str:
    return " | ".join(", ".join(map(one_line, wave)) for wave in waves) or "nothing"
