"""`waves.py`: the composition of a plan. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from maestro.cli.door import Door
from maestro.cli.options import ignore_soft, track_argument, track_option
from maestro.cli.output import TEXT_LIMIT
from maestro.cli.reply import Reply
from maestro.cli.screen import columns

if TYPE_CHECKING:
    from maestro.cli.call import Call

door = Door(
    "waves",
    help="Show a plan's waves, the dependencies with their evidence, the critical path, the predicted gain and the mode that fits. Changes nothing.",
    default="show",
    examples=[("auth", "waves, reasons, graph, advice"), ("auth --phase 2 --json", "one phase, as data"), ("why 2.3", "what puts a task where it is")],
)

FORMATS = ("text", "mermaid", "dot", "svg")

phase_option = click.option("--phase", metavar="N", help="Only this phase.")


@door.verb("show", examples=[("auth --ignore-soft", "only hard dependencies"), ("specs/001/tasks.md", "a plan without a registry")])
@track_argument
@phase_option
@ignore_soft
@click.option("--runtime", metavar="NAME", help="What runs the workers, such as claude or codex: decides which modes can be advised.")
def show(call: Call, track: str | None, phase: str | None, ignore_soft: bool, runtime: str | None) -> Reply:
    """Show the waves, why they are so, and the mode that fits."""
    from maestro.cli.composing import composed
    from maestro.cli.subject import find_subject
    from maestro.views.waves_data import waves_data

    subject = find_subject(call, track)
    found = composed(subject, ignore_soft=ignore_soft, runtime=runtime, phase=phase)

    def text() -> str:
        from maestro.views.waves import waves_text

        return waves_text(found.plan, found.composition, name=subject.name, columns=columns(), limit=None if call.full else TEXT_LIMIT - 200)

    return Reply("maestro.waves/1", waves_data(found.plan, found.composition, subject.track), text, found.notes)


@door.verb("why", examples=[("2.3", "needs, needed by, and the chain that decides its wave"), ("2.3 --track auth --json", "as data")])
@click.argument("task")
@track_option
@ignore_soft
def why(call: Call, task: str, track: str | None, ignore_soft: bool) -> Reply:
    """Explain one task: its wave, what it needs and why."""
    from maestro.cli.composing import composed
    from maestro.cli.subject import find_subject
    from maestro.views.waves_data import concerning, why_data

    subject = find_subject(call, track)
    subject.task(task)
    found = composed(subject, ignore_soft=ignore_soft)
    data = why_data(found.plan, found.composition, subject.track, task)

    def text() -> str:
        from maestro.views.why import why_text

        return why_text(found.plan, found.composition, task, columns=columns())

    return Reply("maestro.why/1", data, text, concerning(found.plan, found.notes, task))


@door.verb("graph", examples=[("auth", "in the terminal"), ("auth --format mermaid", "for a README"), ("auth --format dot > plan.dot", "for Graphviz")])
@track_argument
@click.option("--format", "kind", type=click.Choice(FORMATS), metavar="FORMAT", default="text", show_default=True, help=f"One of {', '.join(FORMATS)}.")
@phase_option
@ignore_soft
def graph(call: Call, track: str | None, kind: str, phase: str | None, ignore_soft: bool) -> Reply:
    """Draw the tasks and what they need, for a terminal or another program.

    While a run goes on it shows that run's waves and states. What is to be said of the plan `waves.py` says.
    """
    from maestro.cli.composing import composed, followed
    from maestro.cli.subject import find_subject
    from maestro.views.drawing import draw

    subject = find_subject(call, track)
    found = composed(subject, ignore_soft=ignore_soft, phase=phase)
    found, state = followed(found, subject, call.directory, as_planned=ignore_soft)
    drawing = draw(kind, found.plan, found.composition, state, columns=columns())
    data = {"track": subject.track, "plan": found.plan.path, "format": kind, "graph": drawing}
    return Reply("maestro.graph/1", data, lambda: drawing, whole=kind != "text")


@door.verb("history", examples=[("", "of the active run"), ("auth --json", "as data")])
@track_argument
def history(call: Call, track: str | None) -> Reply:
    """Show how the waves changed while a run ran, and why."""
    from maestro.run.status import find_state
    from maestro.views.history import history_data, history_text

    _, state = find_state(call.directory, track)
    return Reply("maestro.history/1", history_data(state), lambda: history_text(state, columns()))
