"""`waves.py`: the composition, as words and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from plans import CYCLE, LOGIN, NEUTRAL, SPEC_KIT, make_project, many_tasks, registry
from support import call_door, run_door, unchanged, write


def test_a_person_sees_everything_before_anything_runs(project: Path, snapshot: SnapshotAssertion) -> None:
    with unchanged(project):
        ran = call_door("waves", "auth", cwd=project)
    assert str(ran) == snapshot


def test_the_data_is_what_other_tools_build_on(project: Path) -> None:
    data = call_door("waves", "auth", "--json", cwd=project).data
    assert [[wave["tasks"] for wave in phase["waves"]] for phase in data["phases"]] == [[["1.1", "1.2"], ["1.3"], ["1.4"]], [["2.1", "2.2"], ["2.3"]]]
    assert data["tasks"]["1.3"]["title"] == "Login endpoint, after Task 1.1"
    assert data["tasks"]["1.3"]["scope"][0] == {"path": "src/api/login.py", "access": "create", "line": 13}
    edge = next(edge for edge in data["dependencies"] if edge["task"] == "1.3")
    assert (edge["needs"], edge["kind"], edge["strength"]) == ("1.1", "explicit", "hard")
    assert edge["evidence"]["line"] == 12 and edge["evidence"]["text"] and edge["evidence"]["why"]
    assert data["critical_path"] == ["1.1", "1.3", "1.4", "2.1", "2.3"]
    assert data["predicted"]["sequential"] == 7
    assert data["advice"]["mode"] == "parallel" and len(data["advice"]["checklist"]) == 8


def test_the_same_plan_gives_the_same_bytes(project: Path) -> None:
    assert run_door("waves", "--json", cwd=project).out == run_door("waves", "--json", cwd=project, environment={"PYTHONHASHSEED": "7"}).out


def test_one_phase_alone(project: Path) -> None:
    data = call_door("waves", "auth", "--phase", "2", "--json", cwd=project).data
    assert [phase["id"] for phase in data["phases"]] == ["2"]
    assert set(data["tasks"]) == {"2.1", "2.2", "2.3"}
    assert call_door("waves", "auth", "--phase", "9", "--json", cwd=project).error["code"] == "phase-not-found"


def test_why_explains_one_task(project: Path, snapshot: SnapshotAssertion) -> None:
    assert str(call_door("waves", "why", "2.3", cwd=project)) == snapshot
    data = call_door("waves", "why", "1.3", "--json", cwd=project).data
    assert (data["wave"], data["longest_chain"]) == (2, ["1.1", "1.3"])
    assert [edge["task"] for edge in data["needed_by"]] == ["1.4"]
    assert call_door("waves", "why", "7.7", "--json", cwd=project).error["code"] == "task-not-found"


def test_of_what_is_to_be_said_of_a_plan_only_what_concerns_the_task_is_repeated(project: Path) -> None:
    """The waves say all of it; who asks for one task, or draws a picture, has read it there."""
    plan = "## Phase 1: A\n\n### Task 1.1: Make it good\n- [ ] Think\n\n### Task 1.2: Add `src/b.py`\n- [ ] See https://example.org and ../outside.py\n\n"
    write(project, {".maestro/tracks/auth/plan.md": plan + "### Task 1.11: Add `src/c.py`\n- [ ] Begin\n"})

    def warned(*args: str) -> set[str]:
        return {warning["code"] for warning in call_door("waves", *args, "--json", cwd=project).json["warnings"]}

    assert warned() == {"scope-unknown", "path-outside"}
    assert (warned("why", "1.1"), warned("why", "1.2"), warned("why", "1.11"), warned("graph")) == ({"scope-unknown"}, {"path-outside"}, set(), set())


@pytest.mark.parametrize("kind", ["text", "mermaid", "dot", "svg"])
def test_the_graph_in_every_format(kind: str, project: Path, snapshot: SnapshotAssertion) -> None:
    assert str(call_door("waves", "graph", "auth", "--format", kind, cwd=project)) == snapshot


def test_any_plan_can_be_looked_at_without_a_registry(tmp_path: Path) -> None:
    write(tmp_path, {"specs/001/tasks.md": SPEC_KIT, "tasks.json": NEUTRAL, "plan.md": LOGIN})
    for name, shown in (("specs/001", "specs/001/tasks.md"), ("tasks.json", "tasks.json"), ("plan.md", "plan.md")):
        data = call_door("waves", name, "--json", cwd=tmp_path).data
        assert (data["track"], data["plan"]) == (None, shown)


def test_the_path_of_a_tracks_plan_means_the_track(project: Path) -> None:
    data = call_door("waves", ".maestro/tracks/auth/plan.md", "--json", cwd=project).data
    assert (data["track"], data["plan"]) == ("auth", ".maestro/tracks/auth/plan.md")


def test_a_track_that_is_called_like_a_verb_is_reached_by_its_option(tmp_path: Path) -> None:
    project = make_project(tmp_path / "project", track="graph", description="Draw graphs")
    assert call_door("waves", "--track", "graph", "--json", cwd=project).data["track"] == "graph"
    assert call_door("waves", "graph", "--track", "graph", "--json", cwd=project).json["schema"] == "maestro.graph/1"


@pytest.mark.parametrize(
    ("plan", "slug", "code"),
    [
        (CYCLE, "plan-cycle", 3),
        ("# Nothing\n", "plan-no-tasks", 3),
        (LOGIN.replace("Task 2.2:", "Task 2.1:"), "plan-duplicate-id", 3),
        (LOGIN.replace("- [ ] Create `src/api/login.py`", "Dependencies: 2.1"), "dependency-on-later-phase", 3),
        (LOGIN.replace("- [ ] Create `src/api/login.py`", "Dependencies: 1.9"), "unknown-reference", 3),
    ],
)
def test_a_plan_that_cannot_be_scheduled_names_its_line(plan: str, slug: str, code: int, project: Path) -> None:
    write(project, {".maestro/tracks/auth/plan.md": plan})
    ran = call_door("waves", "--json", cwd=project)
    assert (ran.code, ran.error["code"]) == (code, slug)
    assert ran.error["where"].startswith(".maestro/tracks/auth/plan.md:")


def test_registries_without_a_clear_answer(project: Path) -> None:
    write(project, {".maestro/tracks.md": registry(("x", "auth", "User login"))})
    assert call_door("waves", "--json", cwd=project).error["code"] == "no-open-tracks"
    write(project, {".maestro/tracks.md": registry((" ", "auth", "User login"), (" ", "b", "User logout"))})
    ran = call_door("waves", "user", "--json", cwd=project)
    assert (ran.code, ran.error["code"], len(ran.error["question"]["options"])) == (8, "track-ambiguous", 2)
    (project / ".maestro/tracks.md").unlink()
    assert call_door("waves", "--json", cwd=project).error["code"] == "registry-missing"


@pytest.mark.parametrize("count", [30, 60, 200])
def test_text_fits_what_an_agents_tool_passes_on(count: int, project: Path) -> None:
    write(project, {".maestro/tracks/auth/plan.md": many_tasks(count)})
    out = call_door("waves", cwd=project).out
    assert len(out) <= 10_000
    if count <= 60:
        assert "more lines left out" not in out and "8. Runtime supports" in out
    full = call_door("waves", "--full", cwd=project).out
    assert full.count("  needs ") == len(call_door("waves", "--json", cwd=project).data["dependencies"])
    assert f"src/module_{count - 1}.py" in full


def test_lines_fit_the_screen_whatever_the_language(project: Path) -> None:
    from maestro.views.cells import width

    plan = LOGIN.replace("Session store", "会话存储" * 20).replace("Login form", "x" * 200).replace("Password", "\x1b[31m\u202ePassword")
    write(project, {".maestro/tracks/auth/plan.md": plan})
    out = call_door("waves", cwd=project).out
    assert max(map(width, out.splitlines())) <= 80
    assert "\x1b" not in out and "\u202e" not in out
    assert json.loads(call_door("waves", "--json", cwd=project).out)["data"]["tasks"]["1.2"]["title"].startswith("\x1b[31m")
