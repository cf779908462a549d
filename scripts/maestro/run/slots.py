"""How many tasks may start now. Apart from handing them out, because every step asks this and few hand out anything."""

from __future__ import annotations

from maestro.counting import plural
from maestro.models.schedule import SLOTS, Mode
from maestro.run.context import Context
from maestro.run.gauge import read_gauge, slots_for
from maestro.run.pacing import one_at_a_time, quota_pause


def slots_free(context: Context) -> int:
    """Tasks that may start now: one at a time in single mode, else up to three, fewer while the machine is short of memory or overloaded."""
    running = len(context.state.running())
    if running >= (1 if context.state.settings.mode is Mode.SINGLE else SLOTS):
        return 0
    pause = quota_pause(context.state)
    if pause:
        context.tell(f"A limit of the model's service was hit; nothing new starts for {pause:.0f} s.")
        return 0
    if context.state.settings.mode is Mode.SINGLE:
        return 1
    limit, why = slots_for(read_gauge())
    if one_at_a_time(context.state):
        limit, why = min((limit, why), (1, "the service's limit was hit twice"))
    if limit != context.state.slots:
        context.record("slots-changed", slots=limit, why=why)
        context.tell(f"Up to {plural(limit, 'worker')} at a time now: {why}." if why else f"Up to {limit} workers at a time again.")
    return max(0, limit - running)
