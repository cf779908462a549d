"""The benchmarks are run by hand (CONTRIBUTING.md); here they only have to work, on sizes that say nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT, load_beside

RUN_ALL = ROOT / "tests" / "benchmarks" / "run_all.py"
simulation = load_beside(str(RUN_ALL), "simulation")


@pytest.mark.parametrize("section", ["start", "scale", "schedule", "real"])
def test_a_section_is_measured_and_written(section: str, tmp_path: Path) -> None:
    report = tmp_path / "BENCHMARKS.md"
    kept = "## The schedule" if section != "schedule" else "## Scale"
    report.write_text(f"# Benchmarks\n\n{kept}\n\nAs it was.\n")
    done = subprocess.run([sys.executable, str(RUN_ALL), "--only", section, "--quick", "--write", str(report)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    text = report.read_text()
    assert f"{kept}\n\nAs it was.\n" in text, "what was not measured stays"
    assert re.search(r"Measured \d{4}-\d\d-\d\d \(quick: .* on \d+ cores", text)
    assert str(Path.home()) not in text and str(tmp_path) not in text


def makespans(lengths: dict[str, float], needs: dict[str, set[str]], merge: float = 0.0) -> dict[str, float]:
    """The whole length by scheduler, all tasks in one phase."""
    work = simulation.Work(list(lengths), dict.fromkeys(lengths, 0), {task: frozenset(needs.get(task, ())) for task in lengths}, lengths, merge)
    return {how.name.split(":")[0]: simulation.makespan(work, how) for how in simulation.SCHEDULERS}


def test_the_simulation_is_right_where_it_can_be_worked_out_by_hand() -> None:
    alone = makespans({"a": 3.0, "b": 2.0, "c": 1.0, "d": 2.0}, {})
    assert set(alone.values()) == {3.0}, "d follows c at once"
    chain = makespans({"a": 1.0, "b": 1.0, "c": 1.0}, {"b": {"a"}, "c": {"b"}}, merge=0.5)
    assert set(chain.values()) == {4.5}


def test_the_simulation_tells_the_schedulers_apart() -> None:
    found = makespans({"a": 1.0, "b": 5.0, "c": 1.0, "d": 4.0}, {"c": {"a"}, "d": {"c"}})
    assert found == {"document order": 10.0, "waves with barrier": 10.0, "ours": 10.0, "no barrier at all": 6.0}


def test_merges_beside_running_work_cost_less_than_merges_after_it() -> None:
    found = makespans({"a": 1.0, "b": 4.0, "c": 1.0}, {"c": {"b"}}, merge=1.0)
    assert (found["waves with barrier"], found["ours"]) == (8.0, 7.0)
