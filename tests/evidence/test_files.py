"""Meetings of scopes: who is linked with whom, in which direction, and what is shared instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.sketch import FakeView, pairs, plan, task
from maestro.evidence import detect as frame
from maestro.evidence.detect import detect
from maestro.evidence.meetings import glob_pattern
from maestro.models.dependency import Findings, Kind, Strength
from maestro.models.plan import Access, Task


@pytest.fixture(autouse=True)
def only_hard_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Weighed detectors have tests of their own."""
    monkeypatch.setattr(frame, "WEIGHED", ())


def writes(id: str, *paths: str, phase: str = "1") -> Task:
    return task(id, "Work", files=[(path, Access.MODIFY) for path in paths], phase=phase)


def creates(id: str, *paths: str) -> Task:
    return task(id, "Work", files=[(path, Access.CREATE) for path in paths])


def reads(id: str, *paths: str) -> Task:
    return task(id, "Work", files=[(path, Access.READ) for path in paths])


def found(*tasks: Task) -> Findings:
    return detect(plan(*tasks))


def edges(*tasks: Task) -> set[tuple[str, str]]:
    return pairs(found(*tasks), Kind.FILES)


@pytest.mark.parametrize(
    "other", ["src/a.ts", "./src/a.ts", "src//a.ts", "src/A.ts", "src/", "src/**", "src/*.ts", "src/a.ts:10-20", "**/*.ts", "src/{a,b}.ts"]
)
def test_two_spellings_of_one_place_meet(other: str) -> None:
    assert edges(writes("1.1", "src/a.ts"), writes("1.2", other)) == {("1.2", "1.1")}
    assert edges(writes("1.1", other), writes("1.2", "src/a.ts")) == {("1.2", "1.1")}


@pytest.mark.parametrize(
    ("one", "other"), [("src/a.ts", "src/b.ts"), ("src/", "srcs/a.ts"), ("src/*.ts", "src/deep/a.ts"), ("src/*.ts", "src/a.py"), ("lib/", "src/")]
)
def test_different_places_do_not(one: str, other: str) -> None:
    assert edges(writes("1.1", one), writes("1.2", other)) == set()


def test_folders_meet_folders_and_globs() -> None:
    assert edges(writes("1.1", "src/"), writes("1.2", "src/auth/")) == {("1.2", "1.1")}
    assert edges(writes("1.1", "src/auth/*.ts"), writes("1.2", "src/")) == {("1.2", "1.1")}


def test_two_readers_do_not_meet() -> None:
    assert edges(reads("1.1", "src/a.ts"), reads("1.2", "src/a.ts")) == set()


def test_a_reader_meets_a_writer_either_way() -> None:
    assert edges(writes("1.1", "src/a.ts"), reads("1.2", "src/a.ts")) == {("1.2", "1.1")}
    assert edges(reads("1.1", "src/a.ts"), writes("1.2", "src/a.ts")) == {("1.2", "1.1")}


def test_produce_comes_before_consume() -> None:
    assert edges(writes("1.1", "src/a.ts"), creates("1.2", "src/a.ts")) == {("1.1", "1.2")}
    assert edges(reads("1.1", "src/a.ts"), creates("1.2", "src/a.ts")) == {("1.1", "1.2")}


def test_what_is_stated_orients_first() -> None:
    first = task("1.1", "Work", "Depends on: 1.2", files=["src/a.ts"])
    assert pairs(found(first, writes("1.2", "src/a.ts"))) == {("1.1", "1.2")}
    consumer = writes("1.1", "src/a.ts")
    producer = task("1.2", "Work", "Depends on: 1.1", files=[("src/a.ts", Access.CREATE)])
    assert pairs(found(consumer, producer)) == {("1.2", "1.1")}


def test_stated_edges_between_others_do_not_turn_a_meeting_round() -> None:
    one = task("1.1", "Work", "Depends on: 1.3", files=["src/a.ts"])
    assert edges(one, writes("1.2", "src/a.ts"), writes("1.3", "src/c.ts")) == {("1.2", "1.1")}
    one = task("1.1", "Work", "Depends on: 1.3", files=["src/a.ts"])
    assert edges(one, writes("1.2", "src/b.ts"), writes("1.3", "src/b.ts")) == {("1.3", "1.2")}


def test_a_meeting_never_closes_a_cycle() -> None:
    one = task("1.1", "Work", "Depends on: 1.3", files=["src/a.ts"])
    two = writes("1.2", "src/a.ts", "src/b.ts")
    three = writes("1.3", "src/b.ts")
    assert pairs(found(one, two, three)) == {("1.1", "1.3"), ("1.2", "1.1")}


def test_only_the_nearest_task_is_linked() -> None:
    assert edges(*(writes(f"1.{number}", "src/a.ts") for number in range(1, 5))) == {("1.2", "1.1"), ("1.3", "1.2"), ("1.4", "1.3")}


def test_a_meeting_that_a_chain_implies_is_left_out() -> None:
    tasks = (writes("1.1", "src/a.ts", "src/b.ts"), writes("1.2", "src/a.ts"), writes("1.3", "src/a.ts", "src/b.ts"))
    assert edges(*tasks) == {("1.2", "1.1"), ("1.3", "1.2")}


def test_readers_between_two_writers_run_side_by_side() -> None:
    tasks = (writes("1.1", "src/a.ts"), reads("1.2", "src/a.ts"), reads("1.3", "src/a.ts"), writes("1.4", "src/a.ts"))
    assert edges(*tasks) == {("1.2", "1.1"), ("1.3", "1.1"), ("1.4", "1.2"), ("1.4", "1.3")}


def test_tasks_inside_a_folder_run_side_by_side() -> None:
    tasks = (writes("1.1", "src/a.ts"), writes("1.2", "src/b.ts"), writes("1.3", "src/"), writes("1.4", "src/c.ts"), writes("1.5", "src/d.ts"))
    assert edges(*tasks) == {("1.3", "1.1"), ("1.3", "1.2"), ("1.4", "1.3"), ("1.5", "1.3")}


def test_making_things_in_a_folder_claims_no_more_than_those() -> None:
    one = task("1.1", "Work", "Move the finder to `agents/research/`.", "Create `src/a.ts`.")
    two = task("1.2", "Work", "Move the analyser to `agents/research/`.", "Create `src/b.ts`.")
    assert edges(one, two) == set()


def test_evidence_names_path_both_tasks_and_both_lines() -> None:
    edge = found(task("1.1", "Work", "Create `src/a.ts`."), task("1.2", "Work", "Update `src/a.ts`.")).dependencies[0]
    assert (edge.kind, edge.strength) == (Kind.FILES, Strength.HARD)
    assert edge.evidence.why == "both touch src/a.ts: 1.1 creates it, 1.2 changes it"
    assert edge.evidence.text == "1.1 (line 2): Create `src/a.ts`. | 1.2 (line 4): Update `src/a.ts`."
    assert edge.evidence.line == 4


class TestShared:
    @pytest.mark.parametrize(
        "path",
        [
            "package-lock.json",
            "web/yarn.lock",
            "Cargo.lock",
            "CHANGELOG.md",
            "src/index.ts",
            "pkg/__init__.py",
            "src/mod.rs",
            "package.json",
            "go.mod",
            "requirements-dev.txt",
        ],
    )
    def test_no_edges_but_a_report(self, path: str) -> None:
        result = found(writes("1.1", path, "src/a.ts"), writes("1.2", path, "src/b.ts"))
        assert pairs(result) == set()
        assert [(shared.path, shared.tasks) for shared in result.shared] == [(path, ("1.1", "1.2"))]
        assert result.shared[0].why

    def test_the_task_that_makes_it_still_comes_first(self) -> None:
        assert edges(writes("1.1", "package.json"), creates("1.2", "package.json"), writes("1.3", "package.json")) == {("1.1", "1.2"), ("1.3", "1.2")}

    def test_a_router_is_shared_only_when_many_register_in_it(self) -> None:
        assert edges(writes("1.1", "src/routes.ts"), writes("1.2", "src/routes.ts")) == {("1.2", "1.1")}
        assert edges(*(writes(f"1.{number}", "src/routes.ts") for number in range(1, 4))) == set()

    def test_readers_alone_share_nothing(self) -> None:
        assert found(writes("1.1", "package.json"), reads("1.2", "package.json")).shared == ()

    def test_numbered_files_share_their_folder(self) -> None:
        result = found(creates("1.1", "db/migrations/0003_users.sql"), creates("1.2", "db/migrations/0004_roles.sql"))
        assert [(shared.path, shared.tasks) for shared in result.shared] == [("db/migrations/", ("1.1", "1.2"))]


@pytest.mark.parametrize("path", ["package.json", "src/auth/login.ts"])
def test_a_scope_with_a_repository(path: str) -> None:
    view = FakeView([path])
    result = detect(plan(task("1.1", f"Create `{path}`"), task("1.2", f"Update `{path}`")), view)
    assert all(entry.access is Access.MODIFY for entries in result.scopes.values() for entry in entries)


def test_globs() -> None:
    assert glob_pattern("src/**/*.ts").fullmatch("src/a.ts")
    assert glob_pattern("src/**/*.ts").fullmatch("src/x/y/a.ts")
    assert not glob_pattern("src/*.ts").fullmatch("src/x/a.ts")
    assert glob_pattern("src/?.{ts,js}").fullmatch("src/a.js")


@given(st.integers(min_value=2, max_value=120))
def test_tasks_on_one_file_give_a_linear_number_of_edges(count: int) -> None:
    assert len(edges(*(writes(f"1.{number}", "src/a.ts") for number in range(1, count + 1)))) == count - 1


@given(st.lists(st.tuples(st.sampled_from(["src/", "src/a.ts", "src/b.ts", "src/*.ts", "lib/c.ts"]), st.sampled_from(list(Access))), min_size=1, max_size=12))
def test_every_meeting_is_ordered_and_nothing_goes_in_circles(claims: list[tuple[str, Access]]) -> None:
    tasks = [task(f"1.{number}", "Work", files=[claim]) for number, claim in enumerate(claims, 1)]
    result = found(*tasks)
    after: dict[str, set[str]] = {}
    ordered = sorted((edge for edge in result.dependencies), key=lambda edge: edge.task)
    for _ in tasks:
        for edge in ordered:
            after.setdefault(edge.task, set()).update({edge.needs, *after.get(edge.needs, set())})
    assert all(name not in needed for name, needed in after.items())
    for (one, (path, access)), (other, (path2, access2)) in ((a, b) for a in enumerate(claims, 1) for b in enumerate(claims, 1) if a[0] < b[0]):
        if path == path2 and not path.endswith("/") and (access.writes or access2.writes):
            assert f"1.{one}" in after.get(f"1.{other}", set()) or f"1.{other}" in after.get(f"1.{one}", set())


def test_many_tasks_around_a_folder_stay_few_edges() -> None:
    tasks = [writes(f"1.{number}", f"src/f{number}.ts") for number in range(400)] + [reads(f"1.{number}", "src/") for number in range(400, 800)]
    assert len(edges(*tasks)) < 3 * 800 + 32 * 400
