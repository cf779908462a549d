"""All detectors together: which source wins, what is unknown, what comes from elsewhere."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from builders import make_repository
from evidence.sketch import pairs, plan, task
from maestro.evidence import detect as frame
from maestro.evidence.detect import detect
from maestro.evidence.material import Found, Material
from maestro.evidence.view import RepositoryView
from maestro.models.dependency import Dependency, Evidence, Kind, Strength
from maestro.models.plan import Access, Status


def edge(task_id: str, needs: str, kind: Kind = Kind.DISCOVERED, strength: Strength = Strength.HARD) -> Dependency:
    return Dependency(task_id, needs, kind, strength, Evidence("seen while running", None, "reported"))


def touching(id: str, *lines: str) -> object:
    return task(id, f"Update `src/t{id}.ts`", *lines)


class TestStrongerSources:
    def test_an_explicit_reference_wins_over_a_shared_file(self) -> None:
        found = detect(plan(task("1.1", files=["a.ts"]), task("1.2", "Work", "Depends on: 1.1", files=["a.ts"])))
        assert [(one.task, one.needs, one.kind) for one in found.dependencies] == [("1.2", "1.1", Kind.EXPLICIT)]

    def test_a_shared_file_wins_over_a_discovery_only_by_rank(self) -> None:
        found = detect(plan(task("1.1", files=["a.ts"]), task("1.2", files=["a.ts"])), discovered=[edge("1.2", "1.1")])
        assert [one.kind for one in found.dependencies] == [Kind.DISCOVERED]

    def test_edges_come_in_the_order_of_the_plan(self) -> None:
        tasks = [task("1.1", files=["a.ts"]), task("1.2", files=["b.ts"]), task("1.3", "Work", "Depends on: 1.2", files=["a.ts"])]
        assert [(one.task, one.needs) for one in detect(plan(*tasks)).dependencies] == [("1.3", "1.1"), ("1.3", "1.2")]


class TestUnknown:
    def test_a_task_of_which_nothing_is_known_runs_alone(self) -> None:
        tasks = [task("1.1", files=["a.ts"]), task("1.2", files=["b.ts"]), task("1.3", "Think"), task("1.4", files=["c.ts"]), task("1.5", files=["d.ts"])]
        found = detect(plan(*tasks))
        assert pairs(found, Kind.UNKNOWN) == {("1.3", "1.1"), ("1.3", "1.2"), ("1.4", "1.3"), ("1.5", "1.3")}
        assert all(one.strength is Strength.HARD for one in found.dependencies)

    def test_it_says_what_to_add(self) -> None:
        note = next(note for note in detect(plan(task("1.1", files=["a.ts"]), task("1.2", "Think"))).notes if note.code == "scope-unknown")
        assert "1.2" in note.message and "Files:" in note.message and "Depends on: none" in note.message
        assert note.where == "plan.md:2"

    def test_several_in_a_phase_are_told_once(self) -> None:
        found = detect(plan(task("1.1", "Think"), task("1.2", "Rest"), task("1.3", "Act")))
        assert [note.message.split(" name")[0] for note in found.notes] == ["Tasks 1.1, 1.2 and 1.3"]

    def test_tasks_that_are_settled_lack_nothing_any_more(self) -> None:
        done = task("1.1", "Think", status=Status.DONE), task("1.2", "Rest", status=Status.SKIPPED)
        assert detect(plan(*done, task("2.1", files=["a.ts"], phase="2"))).notes == ()
        [note] = detect(plan(*done, task("1.3", "Act"))).notes
        assert note.message.startswith("Task 1.3 names") and note.where == "plan.md:3"

    @pytest.mark.parametrize("line", ["Depends on: none", "Depends on: 1.1", "After 1.1."])
    def test_a_word_about_order_is_enough(self, line: str) -> None:
        found = detect(plan(task("1.1", files=["a.ts"]), task("1.2", "Think", line), task("1.3", files=["b.ts"])))
        assert pairs(found, Kind.UNKNOWN) == set()

    def test_other_phases_are_not_concerned(self) -> None:
        found = detect(plan(task("1.1", files=["a.ts"]), task("2.1", "Think", phase="2")))
        assert pairs(found) == set()

    def test_a_neutral_list_expects_no_scope(self) -> None:
        assert pairs(detect(plan(task("1", "Think"), task("2", "Act"), dialect="neutral"))) == set()

    def test_stated_order_comes_first(self) -> None:
        tasks = [task("1.1", "Build", "Depends on: 1.3"), task("1.2", "Think"), task("1.3", files=["a.ts"])]
        found = pairs(detect(plan(*tasks)))
        assert ("1.1", "1.3") in found
        assert found <= {("1.1", "1.3"), ("1.1", "1.2"), ("1.3", "1.2"), ("1.2", "1.3"), ("1.2", "1.1")}
        assert not {("1.1", "1.2"), ("1.2", "1.1")} <= found

    def test_blank_tasks_chain_up_and_edges_stay_few(self) -> None:
        found = detect(plan(*(task(f"1.{number}", "Think") for number in range(1, 101))))
        assert pairs(found) == {(f"1.{number}", f"1.{number - 1}") for number in range(2, 101)}


class TestFromElsewhere:
    TASKS = (task("1.1", files=["a.ts"]), task("1.2", files=["b.ts"]), task("2.1", files=["c.ts"], phase="2"))

    def test_a_discovery_is_an_edge(self) -> None:
        assert pairs(detect(plan(*self.TASKS), discovered=[edge("1.1", "1.2")])) == {("1.1", "1.2")}

    def test_a_discovery_against_stated_order_or_phases_is_left_out_with_a_note(self) -> None:
        tasks = (self.TASKS[0], task("1.2", "Work", "Depends on: 1.1", files=["b.ts"]), self.TASKS[2])
        found = detect(plan(*tasks), discovered=[edge("1.1", "1.2"), edge("1.1", "2.1")])
        assert pairs(found) == {("1.2", "1.1")}
        assert [note.code for note in found.notes] == ["edge-left-out"] * 2

    def test_a_discovery_about_a_task_that_is_gone_is_a_note(self) -> None:
        assert [note.code for note in detect(plan(*self.TASKS), discovered=[edge("1.1", "9.9")]).notes] == ["unknown-reference"]

    def test_a_discovery_orients_the_files(self) -> None:
        tasks = (task("1.1", files=["a.ts"]), task("1.2", files=["a.ts"]))
        assert pairs(detect(plan(*tasks), discovered=[edge("1.1", "1.2")])) == {("1.1", "1.2")}

    def test_edges_of_an_issue_tracker_are_the_strongest(self) -> None:
        tasks = (task("1.1", files=["a.ts"]), task("1.2", "Work", "Depends on: 1.1", files=["a.ts"]))
        assert [one.kind for one in detect(plan(*tasks), discovered=[edge("1.2", "1.1", Kind.BEADS)]).dependencies] == [Kind.BEADS]


class TestWeighedDetectors:
    def test_a_soft_edge_is_admitted_unless_it_closes_a_cycle(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def guess(material: Material) -> Found:
            return Found(
                [
                    edge("1.2", "1.1", Kind.SYMBOLS, Strength.SOFT),
                    edge("1.3", "1.2", Kind.SYMBOLS, Strength.SOFT),
                    edge("1.1", "1.3", Kind.PROSE, Strength.SOFT),
                ]
            )

        monkeypatch.setattr(frame, "WEIGHED", (guess,))
        found = detect(plan(*(task(f"1.{number}", files=[f"{number}.ts"]) for number in (1, 2, 3))))
        assert pairs(found, Kind.SYMBOLS) == {("1.2", "1.1"), ("1.3", "1.2")}
        assert pairs(found, Kind.PROSE) == set()
        assert [note.code for note in found.notes] == ["edge-left-out"]

    def test_a_hard_edge_wins_over_a_soft_one(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(frame, "WEIGHED", (lambda material: Found([edge("1.2", "1.1", Kind.SYMBOLS, Strength.SOFT)]),))
        found = detect(plan(task("1.1", files=["a.ts"]), task("1.2", "Think")))
        assert [(one.kind, one.strength) for one in found.dependencies] == [(Kind.UNKNOWN, Strength.HARD)]


def test_the_same_plan_gives_the_same_findings() -> None:
    tasks = [task(f"1.{number}", "Work", "Using the API from Task 1.1.", files=[f"src/{number % 4}.ts", "src/"]) for number in range(1, 20)]
    assert detect(plan(*tasks)) == detect(plan(*tasks))


def test_a_repository_is_read_lazily(tmp_path: Path) -> None:
    root = make_repository(tmp_path, {"src/app.ts": "export {}\n", "data.bin": "x"})
    view = RepositoryView(root)
    assert view.files() == {"src/app.ts", "data.bin"}
    assert view.read("src/app.ts") == "export {}\n"
    assert view.read("missing.ts") is None
    (root / "link.ts").symlink_to("src/app.ts")
    assert view.read("link.ts") is None
    found = detect(plan(task("1.1", "Create `src/app.ts`")), view)
    assert found.scopes["1.1"][0].access is Access.MODIFY


def test_a_folder_without_git_has_a_plan_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "app.ts").write_text("export {}\n")
    view = RepositoryView(tmp_path)
    assert view.files() == frozenset()
    assert detect(plan(task("1.1", "Create `app.ts`")), view).scopes["1.1"][0].path == "app.ts"


@pytest.mark.parametrize(
    "piece", ["(", "`", "**", "\t", "Task 1.1 ", "1.1, ", "../", "a.ts, ", "1.1 after ", "<!--", "depends on ", "Depends on: ", "{a,", "not "]
)
def test_a_very_long_line_takes_no_time(piece: str) -> None:
    line = (piece * 8000)[:8000]
    started = time.process_time()
    detect(plan(task("1.1", line), task("1.2", "Work", line, f"Depends on: {line}"), dialect="neutral"))
    assert time.process_time() - started < 15


def test_ten_thousand_tasks_take_seconds_without_weighing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame, "WEIGHED", ())
    tasks = [
        task(f"{1 + number // 100}.{1 + number % 100}", f"Work on part {number}", "Refine it.", files=[f"src/m{number % 500}.ts"], phase=str(1 + number // 100))
        for number in range(10_000)
    ]
    started = time.process_time()
    found = detect(plan(*tasks))
    assert time.process_time() - started < 20
    assert len(found.dependencies) < 20_000
