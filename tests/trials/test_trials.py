"""Every trial can be built, begins undone, and is carried to its end by an agent that follows texts and scripts to the letter."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from maestro.run.sample import worker
from obedient import Reader, Session, ending_of
from support import LONG, ROOT, load_beside

trial = load_beside(__file__, "trial")
SCENARIOS = trial.scenarios()

CLI = {
    "pocket/cli.py": (
        "from pocket import export, report\n\nCOMMANDS = {'export': export.to_csv, 'report': report.by_category}\n\n\n"
        "def main(argv):\n    return 'pocket: ' + ', '.join(sorted(COMMANDS))\n"
    ),
    "tests/test_cli.py": worker.test("from pocket import cli", "Cli", "names_commands", "self.assertEqual(cli.main([]), 'pocket: export, report')"),
}
EXPENSES = {
    **{task: worker.WORK[task] for task in ("1.1", "1.2", "1.3", "2.1", "2.2")},
    "1.4": worker.WORK["1.5"],
    "2.3": CLI,
}
EXPORT = {
    "1.1": {
        "pocket/export_csv.py": "def to_csv(rows):\n    return ''.join(','.join(row) + '\\n' for row in rows)\n",
        "tests/test_export_csv.py": worker.test("from pocket.export_csv import to_csv", "Csv", "divides", "self.assertEqual(to_csv([['a', 'b']]), 'a,b\\n')"),
    }
}
ANSWERS = {"start": "start", "mode": "go-on", "review": "no", "verify": "verified", "complete": "keep"}


def begin(name: str, folder: Path, work: dict[str, dict[str, str]], **answers: str) -> Session:
    trial.build(SCENARIOS[name], folder)
    assert trial.check(SCENARIOS[name], folder), "nothing was done yet"
    return Session(folder, work=work, answers=ANSWERS | answers)


def test_every_scenario_is_played() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in SCENARIOS if f'"{name}"' not in source] == []


@pytest.mark.parametrize(("name", "most", "texts"), [("single", 16_000, 16_000), ("parallel", 25_000, 16_000), ("team", 27_000, 16_000)])
def test_a_whole_track_ends_as_it_must_and_costs_its_agent_little(name: str, most: int, texts: int, tmp_path: Path) -> None:
    """Characters that the main session reads for seven tasks in two phases: texts of the package, and what the scripts print. README.md shows them."""
    session = begin(name, tmp_path / "pocket", EXPENSES)
    session.implement(SCENARIOS[name].says)
    assert trial.check(SCENARIOS[name], session.root) == []
    assert session.texts <= texts and session.texts + session.printed <= most
    calls = [call for call in session.calls if call != "worktree check"]
    rounds = session.rounds or len(EXPENSES)
    assert len(calls) <= 2 * rounds + 3 * 2
    shown = re.search(rf"^\| {name} \| ([\d,]+) \| ([\d,]+) \| (\d+) \|$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert shown is not None
    said = [int(figure.replace(",", "")) for figure in shown.groups()]
    measured = [session.texts, session.texts + session.printed, len(calls)]
    assert all(real <= figure <= real * 1.08 for figure, real in zip(said, measured, strict=True)), f"README.md says {said}, it is {measured}"
    for handle, reader in session.workers.items():
        brief = reader.shown[0]
        own = brief[brief.index("<task>") : brief.index("</task>")]
        assert len(brief) - len(own) <= 4000, handle
        assert [call for call in reader.calls if call != "worktree check"] == ["worktree attach", "run done"]


def test_a_killed_session_is_taken_over_and_nothing_is_done_twice(tmp_path: Path) -> None:
    session = begin("resume", tmp_path / "pocket", EXPENSES)
    with pytest.raises(AssertionError, match="driver-other"):
        session.implement(SCENARIOS["resume"].says)
    hint = re.findall(r"`(maestro run start .*?)`", session.shown[-1])
    session.obey(session.run(hint[-1]))
    assert trial.check(SCENARIOS["resume"], session.root) == []


def test_a_task_that_cannot_be_done_is_asked_about_and_the_others_go_on(tmp_path: Path) -> None:
    session = begin("failing", tmp_path / "pocket", {"1.1": EXPENSES["1.1"], "1.3": EXPENSES["1.2"]}, failed="skip")
    session.worker = contradicted
    session.implement(SCENARIOS["failing"].says)
    assert trial.check(SCENARIOS["failing"], session.root) == []


def contradicted(session: Session, handle: str, reader: Reader) -> None:
    """A worker that takes nothing for granted: what contradicts itself is reported, not guessed."""
    if "/1.2/" not in handle:
        session.work_as(handle, reader)
        return
    _, report, done = ending_of(reader.shown[0])
    said = {"handle": handle, "status": "blocked", "class": "unclear-spec", "summary": "The task wants 2,50, the contract's test 2.50. Which?"}
    Path(report).write_text(json.dumps(said), encoding="utf-8")
    assert reader.run(done).code == 0


def test_the_user_says_which_of_two_tracks_is_meant(tmp_path: Path) -> None:
    session = begin("ambiguous", tmp_path / "pocket", EXPORT)
    with pytest.raises(AssertionError, match="decision needed"):
        session.implement(SCENARIOS["ambiguous"].says)
    chosen = next(line.split()[0] for line in session.shown[-1].splitlines() if "Export to CSV" in line)
    session.implement(f"/maestro:implement {chosen}")
    assert trial.check(SCENARIOS["ambiguous"], session.root) == []


def test_a_plan_in_a_circle_names_the_line_that_the_user_may_take_out(tmp_path: Path) -> None:
    session = begin("cycle", tmp_path / "pocket", {task: EXPENSES[task] for task in ("1.1", "1.2")})
    with pytest.raises(AssertionError, match="plan-cycle"):
        session.implement(SCENARIOS["cycle"].says)
    path, sentence = re.findall(r"^  at (\S+):\d+", session.shown[-1], re.MULTILINE)[0], re.findall(r'1\.1 needs 1\.2: "(.+?)"', session.shown[-1])[0]
    plan = session.root / path
    plan.write_text(plan.read_text().replace(f"{sentence}. ", ""))
    session.implement(SCENARIOS["cycle"].says)
    assert trial.check(SCENARIOS["cycle"], session.root) == []


def test_where_there_is_nothing_a_plan_is_drafted(tmp_path: Path) -> None:
    session = begin("nothing", tmp_path / "pocket", {task: EXPENSES[task] for task in ("1.1", "1.2")}, **{"test-command": f"command {trial.TEST}"})
    with pytest.raises(AssertionError, match="registry-missing"):
        session.implement(SCENARIOS["nothing"].says)
    form = session.open("reference/drafting-a-plan.md")
    assert "### Task 1.1:" in form
    assert "methodology (TDD unless they say otherwise)" in form.partition("# Plan:")[0], "it is asked before anything is written"
    draft = tmp_path / "plan.md"
    draft.write_text((Path(__file__).parent / "plans" / "cycle.md").read_text().replace("Depends on Task 1.2. ", ""))
    for call in (f"plan lint {draft}", f"waves {draft}", f"tracks new --id money --description Money {draft}"):
        assert session.run(f"maestro {call}").code == 0
    session.implement(SCENARIOS["nothing"].says)
    assert trial.check(SCENARIOS["nothing"], session.root) == []


def test_a_plan_of_another_tool_is_adopted_where_it_lies(tmp_path: Path) -> None:
    work = {"1": EXPENSES["1.1"], "2": EXPENSES["1.2"]}
    session = begin("adopt", tmp_path / "pocket", work, **{"test-command": f"command {trial.TEST}"})
    with pytest.raises(AssertionError, match="registry-missing"):
        session.implement(SCENARIOS["adopt"].says)
    refused = session.shown[-1]
    for call in (r"^ +(maestro tracks adopt .+)$", r"^hint: .*`(.+)`"):
        ran = session.run(re.findall(call, refused, re.MULTILINE)[0])
    session.obey(ran)
    assert trial.check(SCENARIOS["adopt"], session.root) == []


def test_the_command_builds_and_checks(tmp_path: Path) -> None:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, trial.__file__, *arguments], capture_output=True, text=True, cwd=tmp_path, timeout=LONG)

    assert all(name in call("list").stdout for name in SCENARIOS)
    assert f"the user says: {SCENARIOS['cycle'].says}" in call("build", "cycle", "here").stdout
    assert "is not empty" in call("build", "cycle", "here").stderr
    checked = call("check", "cycle", "here")
    assert checked.returncode == 1 and "money: task 1.1 is new, not done" in checked.stdout
