"""The schedule: how much of the sequential time is saved on real plans, by whom, and what bounds it where it is little."""

from __future__ import annotations

import json
import random
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from figures import table
from simulation import SCHEDULERS, SLOTS, Work, makespan
from task_lists import corpus

from maestro.documents.plans import parse_plan
from maestro.errors import MaestroError
from maestro.evidence.detect import detect
from maestro.models.dependency import Kind, Strength
from maestro.models.plan import Plan
from plans import many_tasks

MULTI = 4
"""Tasks from which a plan is a multi-task feature."""

WANTED = 0.3
"""The share of sequential time that the seed asks to save."""

MINUTES, SPREAD = 10.0, 0.6
"""Median length of a task and the sigma of its logarithm: two thirds of the tasks take between 5 and 18 minutes."""

MERGE = 0.75
"""Minutes for a merge: snapshot, trial, candidate, tests, landing."""

DEALS = 20
"""Sets of lengths drawn for each plan."""

OURS = SCHEDULERS[2]


@dataclass(frozen=True)
class Outcome:
    """What one plan comes to: share saved and ratio to the bound by scheduler, means over the deals."""

    name: str
    tasks: int
    saved: dict[str, float]
    ratio: dict[str, float]
    most: float
    why: str


def measure(quick: bool) -> str:
    """Markdown."""
    plans = list(_generated()) if quick else list(_real()) or list(_generated())
    source = "generated plans (no corpus here)" if quick or not list(_real_files()) else "real plans and task lists by many hands"
    outcomes = [_outcome(name, plan, 2 if quick else DEALS) for name, plan in plans if len(plan.tasks) >= MULTI]
    return _report([outcome for outcome in outcomes if outcome is not None], source)


def _real_files() -> Iterator[Path]:
    truth = corpus()
    if truth is not None:
        yield from sorted(truth.parent.glob("plans/*/plan.md"))
        yield from sorted(truth.glob("*.json"))


def _real() -> Iterator[tuple[str, Plan]]:
    for file in _real_files():
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            if file.suffix == ".json":
                data = json.loads(text)
                tasks = [{key: task[key] for key in ("id", "title", "description", "files", "phase") if task.get(key)} for task in data["tasks"]]
                yield str(data["source"]), parse_plan(json.dumps({"tasks": tasks}), file.name, "neutral")
            else:
                yield "conductor family", parse_plan(text, file.name)
        except MaestroError:
            continue


def _generated() -> Iterator[tuple[str, Plan]]:
    """Plans of many shapes: phases of different size, tasks that need one or several earlier ones, or none."""
    for seed in range(40):
        dice = random.Random(seed)
        lines = ["# Plan: Generated"]
        for phase in range(1, dice.randint(1, 5) + 1):
            lines.append(f"## Phase {phase}: Part {phase}")
            for number in range(1, dice.randint(2, 9) + 1):
                needs = sorted({dice.randint(1, number - 1) for _ in range(dice.choice((0, 1, 1, 2)))}) if number > 1 else []
                after = f", after {' and '.join(f'Task {phase}.{need}' for need in needs)}" if needs else ""
                lines += [f"### Task {phase}.{number}: Make part {phase}x{number}{after}", f"- [ ] Create `src/p{phase}_{number}.py`"]
        yield "generated", parse_plan("\n".join(lines), "plan.md")
    yield "generated", parse_plan(many_tasks(60), "plan.md")


def _outcome(name: str, plan: Plan, deals: int) -> Outcome | None:
    try:
        edges = [(edge.task, edge.needs, edge.kind, edge.strength) for edge in detect(plan).dependencies]
    except MaestroError:
        return None
    place = {phase.id: number for number, phase in enumerate(plan.phases)}
    phase = {task.id: place[task.phase] for task in plan.tasks}
    inside = [edge for edge in edges if phase[edge[0]] == phase[edge[1]]]
    needs = {task.id: frozenset(need for user, need, *_ in inside if user == task.id) for task in plan.tasks}
    saved: dict[str, list[float]] = {how.name: [] for how in SCHEDULERS}
    ratio: dict[str, list[float]] = {how.name: [] for how in SCHEDULERS}
    most = []
    dice = random.Random(f"{plan.path} {len(plan.tasks)}")
    for _ in range(deals):
        lengths = {task.id: dice.lognormvariate(0.0, SPREAD) * MINUTES for task in plan.tasks}
        work = Work([task.id for task in plan.tasks], phase, needs, lengths, MERGE)
        if len(work.topological()) != len(plan.tasks):
            return None
        most.append(1 - work.bound / work.sequential)
        for how in SCHEDULERS:
            length = makespan(work, how)
            saved[how.name].append(1 - length / work.sequential)
            ratio[how.name].append(length / work.bound)
    means = {name: statistics.fmean(values) for name, values in saved.items()}
    return Outcome(
        name, len(plan.tasks), means, {n: statistics.fmean(values) for n, values in ratio.items()}, statistics.fmean(most), _why(plan, phase, inside, means)
    )


def _why(plan: Plan, phase: dict[str, int], edges: list[tuple[str, str, Kind, Strength]], saved: dict[str, float]) -> str:
    """What keeps our saving below what is wanted: the first thing without which it would be possible, all tasks taking equally long."""
    if saved[OURS.name] >= WANTED:
        return ""

    def possible(*kept: tuple[str, str, Kind, Strength]) -> bool:
        needs = {task.id: frozenset(edge[1] for edge in kept if edge[0] == task.id) for task in plan.tasks}
        work = Work([task.id for task in plan.tasks], phase, needs, dict.fromkeys(phase, 1.0), 0.0)
        whole = makespan(work, OURS)
        return 1 - whole / work.sequential >= WANTED

    if not possible():
        return "phases of one or two tasks, one after the other"
    if not possible(*(edge for edge in edges if edge[2] is Kind.EXPLICIT)):
        return "the author's own references make chains"
    if not possible(*(edge for edge in edges if edge[2] in (Kind.EXPLICIT, Kind.FILES))):
        return "tasks change the same files"
    if not possible(*(edge for edge in edges if edge[3] is Strength.HARD)):
        return "tasks name no files and no references, so they run one by one"
    if not possible(*edges):
        return "what the texts suggest (soft dependencies)"
    return "unequal lengths, merges, waves that wait for their slowest task"


def _report(outcomes: list[Outcome], source: str) -> str:
    rows = []
    for how in SCHEDULERS:
        saved = [outcome.saved[how.name] for outcome in outcomes]
        ratios = [outcome.ratio[how.name] for outcome in outcomes]
        enough = sum(value >= WANTED for value in saved)
        rows.append((how.name, *_share(saved), f"{enough / len(saved):.0%}", f"{statistics.median(ratios):.2f}", f"{_quantile(ratios, 0.9):.2f}"))
    most = [outcome.most for outcome in outcomes]
    rows.append(("the lower bound itself", *_share(most), f"{sum(value >= WANTED for value in most) / len(most):.0%}", "1.00", "1.00"))
    reasons = Counter(outcome.why for outcome in outcomes if outcome.why)
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.name, []).append(outcome)
    kept = sum(not outcome.why for outcome in outcomes)
    capable = [outcome for outcome in outcomes if outcome.most >= WANTED]
    held = sum(outcome.saved[OURS.name] >= WANTED for outcome in capable)
    head = ("", "saved, median", "saved, best tenth", f"plans with ≥ {WANTED:.0%} saved", "to the bound, median", "to the bound, worst tenth")
    return "\n\n".join(
        [
            f"{len(outcomes)} {source} of {MULTI} tasks or more; {SLOTS} slots; lengths drawn log-normally (median {MINUTES:g} min, sigma {SPREAD:g}, seeded); "
            f"a merge takes {MERGE:g} min and merges are made one at a time. Saved: share of the time of one task after the other. The bound, given the "
            f"dependencies that were found: max(longest chains, total / {SLOTS}), without merges. Document order: a task never overtakes an earlier one.",
            f"**{WANTED:.0%} or more is saved on {kept} of {len(outcomes)} plans, and on {held} of the {len(capable)} on which any schedule could save "
            "as much.**",
            table(head, rows),
            f"### Where {WANTED:.0%} is not saved, and why",
            table(("first cause", "plans"), reasons.most_common()),
            "### By origin",
            table(
                ("plans from", "plans", "tasks, median", "saved by ours, median", "could be saved, median", f"≥ {WANTED:.0%} saved"),
                [
                    (
                        name,
                        len(group),
                        f"{statistics.median(outcome.tasks for outcome in group):g}",
                        f"{statistics.median(outcome.saved[OURS.name] for outcome in group):.0%}",
                        f"{statistics.median(outcome.most for outcome in group):.0%}",
                        f"{sum(not outcome.why for outcome in group) / len(group):.0%}",
                    )
                    for name, group in sorted(groups.items())
                ],
            ),
        ]
    )


def _share(values: list[float]) -> tuple[str, str]:
    return f"{statistics.median(values):.0%}", f"{_quantile(values, 0.9):.0%}"


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]
