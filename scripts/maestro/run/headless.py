"""A headless run from its first question to its end, under the lock that proves its driver alive."""

from __future__ import annotations

from pathlib import Path

from maestro.models.action import Action
from maestro.run.executor import Orders, execute
from maestro.run.finding import find_track
from maestro.run.home import driver_alive, find_run_checkout
from maestro.run.prospects import Wish
from maestro.run.starting import begin


def run_headless(start: Path, wish: Wish, orders: Orders) -> Action:
    """Begin or resume the run that `wish` describes and drive it. Raises Locked `driver-alive`, and what `begin` raises."""
    home, _ = find_track(find_run_checkout(start), wish.track)
    with driver_alive(home, wish.driver.id):
        told: list[str] = []
        begin(start, wish, told)
        for notice in told:
            orders.tell(notice)
        return execute(home, wish.driver.id, orders)
