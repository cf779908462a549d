"""Which track a call means: the words it was given, the run that is active here, or the only one that is open.

Apart from `starting`, because every call asks this and few start anything.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from maestro.documents.layout import Layout
from maestro.errors import DecisionNeeded, NotFound
from maestro.git.checkout import Checkout
from maestro.run.home import Home, active_track, no_run_here, recent_track

if TYPE_CHECKING:
    from maestro.documents.registry import TrackEntry


def find_track(checkout: Checkout, query: str | None) -> tuple[Home, TrackEntry]:
    """The track that the words mean; without words the active run's, else the only open one."""
    from maestro.documents.registry import read_registry, select_track

    layout = Layout(checkout.root)
    active = active_track(checkout)
    if not layout.registry.exists():
        raise _nothing_registered(layout)
    entry = select_track(read_registry(layout), query or active)
    return Home(checkout, entry.id), entry


def _nothing_registered(layout: Layout) -> DecisionNeeded:
    """There is no registry: offer to adopt the plans that lie here, and to draft one."""
    from maestro.documents.adoptable import adoptable_plans
    from maestro.run import questions

    question = questions.no_registry(adoptable_plans(layout.root), "" if Path.cwd() == layout.root else str(layout.root))
    way = "which way to go" if len(question.options) > 1 else "whether to draft one"
    hint = f"Ask the user {way}. Do that, then repeat the refused call: `…`."
    return DecisionNeeded("registry-missing", question.text, hint=hint, where=layout.shown(layout.registry), question=questions.question_data(question))


def find_run(checkout: Checkout, query: str | None) -> Home:
    """The run that a call is about: the track's that the words mean; without words the active run's, else the newest here.

    Raises NotFound `no-run` where there is no track, and where no words say which of several tracks without a run is meant.
    """
    track = None if query else recent_track(checkout)
    if track:
        return Home(checkout, track)
    if not Layout(checkout.root).registry.exists():
        hint = "`run.py start` says which plans lie here, `tracks.py new --id ID --description TEXT PLAN` makes a track; then `run.py start TRACK`."
        raise NotFound("no-run", "No run and no track is here.", hint=hint)
    try:
        return find_track(checkout, query)[0]
    except DecisionNeeded:
        if query:
            raise
        raise no_run_here() from None
