"""References between tasks: what counts, what does not, and what happens when they are wrong."""

from __future__ import annotations

import pytest

from evidence.sketch import explicit_pairs, needs, pairs, plan, task
from maestro.errors import InvalidDocument
from maestro.evidence.detect import detect
from maestro.models.dependency import Kind, Strength

ALL_THREE = {"1.1", "1.2", "1.3"}


@pytest.mark.parametrize(
    "line",
    [
        "Depends on: 1.1",
        "Depends on: Task 1.1",
        "depends on: task 1.1",
        "Depends on: #1.1",
        "Depends on: `1.1`",
        "Depends on: 1.1 (auth)",
        "Depends on: [1.1] # why",
        "**Depends on**: 1.1",
        "**Depends on:** Task 1.1",
        "- **Dependencies:** Task 1.1 (schema must be there)",
        "* Dependencies: Task 1.1 — the schema",
        "Blocked by: 1.1",
        "Requires: 1.1",
        "Prerequisites: Task 1.1.",
        "Needs: 1.1",
        "depends_on: [1.1]",
        "| Depends on | 1.1 |",
        "Depends on：1.1",
        "依赖: 1.1",
        "Abhängig von: Aufgabe 1.1",
        "Depends on: the user model (Task 1.1)",
        "Depends on: 1.1 <!-- and 1.2, no longer -->",
        "Consumes: `renderFrame(html)` from Task 1.1",
        "This depends on Task 1.1.",
        "It depends on the schema of Task 1.1.",
        "Start after 1.1.",
        "After task 1.1 is done, wire it up.",
        "Blocked by 1.1 for now.",
        "Requires 1.1 to be merged.",
        "Needs Task 1.1.",
        "Once Task 1.1 is done, add the route.",
        "Do this as soon as the move (Task 1.1) lands.",
        "Closes only AFTER the rename (Task 1.1) lands.",
        "Wait for Task 1.1.",
        "Wait until Task 1.1 is merged.",
        "Do not start before Task 1.1 is merged.",
        "Cannot begin until 1.1 lands.",
        "Builds on Task 1.1.",
        "Serve it using the API from Task 1.1.",
        "Using the Detector (created in task 1.1), draw boxes.",
        "Add a column in the same migration file created in Task 1.1.",
        "`Repository` (from Task 1.1) is the backend.",
        "Call the client (owned by Task 1.1).",
        "Read the file again after Task 1.1's edit.",
        "Run the test added in Task 1.1.",
        "Show the output of Task 1.1.",
        "Task 1.9 depends on Task 1.1.",
        "Must not start before 1.1.",
        "Wire it (depends: 1.1)",
        "Wire it (deps: Task 1.1)",
        "Wire it (needs: 1.1)",
        "Wire it (blocked by: 1.1)",
        "Después de la tarea 1.1.",
        "Depende de la tarea 1.1.",
        "Após a tarefa 1.1.",
        "Nach Aufgabe 1.1.",
        "Hängt von Aufgabe 1.1 ab.",
        "Dépend de la tâche 1.1.",
    ],
)
def test_one_reference(line: str) -> None:
    assert needs(line) == {"1.1"}


@pytest.mark.parametrize(
    "line",
    [
        "Depends on: 1.1, 1.2, 1.3",
        "Depends on: 1.1, 1.2 and 1.3",
        "Depends on: Tasks 1.1, 1.2 & 1.3",
        "Depends on: 1.1 (a), 1.2 (b; see 1.10), 1.3 (c)",
        "Depends on: Task 1.1, Task 1.2, and Task 1.3",
        "Depends on: 1.1-1.3",
        "Depends on: 1.1–1.3",
        "Depends on: 1.1 through 1.3",
        "Depends on: Tasks 1.1 - 1.3 (all of them)",
        "Requires tasks 1.1, 1.2 and 1.3.",
        "After 1.1–1.3 are merged, clean up.",
        "Using the models from Tasks 1.1-1.3, build the report.",
    ],
)
def test_several_references(line: str) -> None:
    assert needs(line) == ALL_THREE


@pytest.mark.parametrize(
    "lines",
    [
        ("Depends on:", "- 1.1", "- Task 1.2: Build it", "* [ ] `1.3`"),
        ("**Dependencies:**", "", "1. Task 1.1", "2. Task 1.2", "3. Task 1.3"),
        ("- **Dependencies:**", "  - 1.1", "  - 1.2", "  - 1.3", "- **Files:** none"),
        ("### Dependencies", "- 1.1", "- 1.2", "- 1.3", "", "- 2.3"),
        ("Depends on: 1.1, 1.2,", "1.3"),
    ],
)
def test_a_list_below_its_label(lines: tuple[str, ...]) -> None:
    assert needs(*lines) == ALL_THREE


def test_a_reference_in_the_title() -> None:
    assert needs(title="Wire the API (depends on 1.1)") == {"1.1"}


@pytest.mark.parametrize(
    ("ids", "line", "expected"),
    [
        (("T001", "T002", "T010"), "Depends on T010", {"T010"}),
        (("T001", "T002", "T010"), "**Dependencies:** T001, T002", {"T001", "T002"}),
        (("T049", "T050", "T051", "T058"), "Dependencies: T050-T058", {"T050", "T051", "T058"}),
        (("1", "2", "3", "6"), "Dependencies: U1–U6", {"1", "2", "3", "6"}),
        (("1", "2", "3", "9"), "Dependencies: Tasks 1-9", {"1", "2", "3", "9"}),
        (("1", "2", "3"), "Depends on: 1, 2", {"1", "2"}),
        (("1", "2", "3"), "Dependencies: U1 + U3; the rest does not matter", {"1", "3"}),
        (("1", "2", "3"), "Dependencies: Units 1, 2.", {"1", "2"}),
        (("WP03", "WP04"), "`MissionTypes` (from WP03) is the backend", {"WP03"}),
        (("WP03", "WP04"), "uses the table (owned by WP04)", {"WP04"}),
        (("3", "4"), "(from WP03)", {"3"}),
        (("auth-login", "auth-logout"), "Depends on: auth-login", {"auth-login"}),
        (("bd-7x.2", "bd-7x.3"), "blocked by bd-7x.2", {"bd-7x.2"}),
        (("1-01", "1-02"), "depends_on: [1-01, 1-02]", {"1-01", "1-02"}),
        (("A", "B"), "Depends on: Task A", {"A"}),
    ],
)
def test_ids_of_many_forms(ids: tuple[str, ...], line: str, expected: set[str]) -> None:
    assert needs(line, ids=ids, last="X99") == expected


def test_ids_are_exact() -> None:
    ids = ("1", "1.1", "1.10", "11")
    assert needs("Depends on: 1.1", ids=ids) == {"1.1"}
    assert needs("Depends on: 1.10", ids=ids) == {"1.10"}
    assert needs("Depends on: Task 1", ids=ids) == {"1"}
    assert needs("Depends on: Task 11.", ids=ids) == {"11"}


@pytest.mark.parametrize(
    "line",
    [
        "Depends on: None",
        "Depends on: none.",
        "Dependencies: None (parallel to Task 1.1)",
        "Dependencies: none (references files of Tasks 1.1-1.3)",
        "**Depends on**: N/A",
        "Depends on: -",
        "Depends on: nothing",
        "Depends on: []",
        "Depends on: no other task",
        "Dependencies: spf13/cobra",
        "Dependencies: cobra, goldmark, yaml.v3",
        "Requires: Python 3.11 and 2 reviewers",
        "Add deps: lodash 1.1.x",
        "Files section of Task 1.1 — exact paths",
        "Sections: see Task 1.1",
        "Insert Part 1b: Routing after Task 1.1 as a section of the document",
        "Add link to QUICKSTART.md in the installation section after Step 4.",
        "Install firebase-admin dependency in ui/",
        "Environment & Dependency Setup",
        "Files section per task — exact paths",
        "one action per task",
        "2 more lines",
        "Upgrade to 1.1 of the library",
        "scores of 0.0-1.0 are fine",
        "see line 83 of the task",
        "This task fixes #1071",
        "It runs after 1.1 seconds",
        "This does not depend on Task 1.1.",
        "No longer requires Task 1.1.",
        "Can run in parallel with Task 1.1.",
        "Independent of Task 1.1.",
        "Like Task 1.1, but smaller.",
        "Moved from Task 1.1 to here.",
        "The real store will be added in Task 1.3; a stub is enough.",
        'Print "Task 1.1" in the table.',
        'Call `run("after Task 1.1")` in the test.',
        "Task 1.1 and Task 1.2 are nice.",
    ],
)
def test_false_friends(line: str) -> None:
    assert needs(line) == set()


def test_numbers_on_the_next_line_are_no_reference() -> None:
    assert needs("one action per task", "1.1 is a version") == set()


def test_code_is_an_example() -> None:
    found = explicit_pairs(task("1.1"), task("1.2", "Write the parser", code=["```", "## Task 1: First Task", "Depends on: Task 1.1", "```"]))
    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        "Blocks: 1.2",
        "**Blocks**: Task 1.2",
        "This blocks 1.2.",
        "Must be done before Task 1.2.",
        "Must land before Task 1.2 starts.",
        "Needed by Task 1.2.",
        "Required by: 1.2",
        "A prerequisite for Task 1.2.",
    ],
)
def test_inverse_references(line: str) -> None:
    assert explicit_pairs(task("1.1", "Lay the ground", line), task("1.2")) == {("1.2", "1.1")}


def test_a_sentence_about_two_other_tasks_orders_those() -> None:
    assert explicit_pairs(task("1.1"), task("1.2"), task("1.3", "Notes", "Task 1.2 depends on Task 1.1.")) == {("1.2", "1.1")}


@pytest.mark.parametrize(
    "line", ["Depends on: all previous tasks", "Depends on: all tasks above", "Run after all previous tasks.", "Once all other tasks are done, verify."]
)
def test_all_previous_tasks(line: str) -> None:
    assert needs(line, ids=("1.1", "1.2", "1.3")) == ALL_THREE


def test_the_previous_task() -> None:
    assert needs("Depends on: previous task", ids=("1.1", "1.2", "1.3")) == {"1.3"}


@pytest.mark.parametrize("line", ["Depends on: Phase 1", "Depends on: everything in Phase 1", "Start after Phase 1 is complete.", "Requires all of Phase 1."])
def test_a_whole_phase(line: str) -> None:
    tasks = [task("1.1"), task("1.2"), task("2.1", "Go on", line, phase="2")]
    assert explicit_pairs(*tasks) == {("2.1", "1.1"), ("2.1", "1.2")}


def test_a_phase_that_is_a_place_in_a_document() -> None:
    assert explicit_pairs(task("1.1"), task("2.1", "Edit", "Insert Phase 1b: Routing after Phase 1", phase="2")) == set()


def test_its_own_phase_means_the_tasks_before_it() -> None:
    assert explicit_pairs(task("1.1"), task("1.2", "Verify", "Depends on: Phase 1"), task("1.3")) == {("1.2", "1.1")}


def test_large_groups_give_few_edges_that_order_the_same() -> None:
    tasks = [task(f"1.{number}", "Step", "Depends on: all previous tasks") for number in range(1, 301)]
    found = explicit_pairs(*tasks)
    assert len(found) < 64 * 64
    assert all((f"1.{number}", f"1.{number - 1}") in found for number in range(2, 301))


def test_evidence_quotes_the_words_the_line_and_the_rule() -> None:
    edges = detect(plan(task("1.1"), task("1.2", "Build", "Depends on: Task 1.1 (schema)"))).dependencies
    edge = next(edge for edge in edges if edge.kind is Kind.EXPLICIT)
    assert edge.strength is Strength.HARD
    assert edge.evidence.text == "Depends on: Task 1.1 (schema)"
    assert edge.evidence.line == 3
    assert "Depends on" in edge.evidence.why


class TestWrongReferences:
    def test_an_unknown_task_in_a_field_is_an_error_with_its_place(self) -> None:
        with pytest.raises(InvalidDocument) as caught:
            detect(plan(task("1.1"), task("1.2", "Build", "Depends on: Task 1.9")))
        assert caught.value.slug == "unknown-reference"
        assert caught.value.where == "plan.md:3"

    @pytest.mark.parametrize("line", ["Depends on: 1.9", "Depends on: 1.1.7", "Depends on: T9", "Blocked by: 1.1, 1.9", "Depends on: Phase 7"])
    def test_other_spellings(self, line: str) -> None:
        with pytest.raises(InvalidDocument):
            detect(plan(task("1.1"), task("T1"), task("1.2", "Build", line)))

    @pytest.mark.parametrize("line", ["Depends on Task 1.9.", "- This task requires Task 1.9", "**Blocked by task 1.9**", "It needs Tasks 1.1 and 1.9."])
    def test_a_sentence_that_says_nothing_else_is_a_field_without_its_colon(self, line: str) -> None:
        with pytest.raises(InvalidDocument, match=r"no task 1\.9"):
            detect(plan(task("1.1"), task("1.2", "Build", line)))

    def test_a_task_that_is_said_to_need_itself_is_a_cycle(self) -> None:
        found = detect(plan(task("1.1"), task("1.2", "Build", "Depends on Task 1.2."))).dependencies
        assert [(edge.task, edge.needs) for edge in found if edge.kind is Kind.EXPLICIT] == [("1.2", "1.2")]

    @pytest.mark.parametrize("line", ["Depends on Task 1.9 of the other plan.", "It needs 9 reviewers.", "Requires Python 3.12"])
    def test_a_sentence_that_says_more_is_running_text(self, line: str) -> None:
        detect(plan(task("1.1"), task("1.2", "Build", line)))

    def test_in_running_text_it_is_a_note(self) -> None:
        found = detect(plan(task("1.1"), task("1.2", "Build", "Uses the API from Task 1.9.")))
        assert "unknown-reference" in {note.code for note in found.notes}

    def test_in_a_neutral_list_it_is_a_note(self) -> None:
        found = detect(plan(task("1"), task("2", "Build", "Depends on: Task 9"), dialect="neutral"))
        assert [note.code for note in found.notes] == ["unknown-reference"]

    def test_a_later_phase_is_an_error(self) -> None:
        with pytest.raises(InvalidDocument) as caught:
            detect(plan(task("1.1", "Build", "Depends on: 2.1"), task("2.1", phase="2")))
        assert caught.value.slug == "dependency-on-later-phase"
        assert caught.value.where == "plan.md:2"

    def test_a_sentence_that_looks_ahead_is_a_note(self) -> None:
        found = detect(plan(task("1.1", "Shim", "Once Task 2.1 is merged, the shim can go.", "Depends on: none"), task("2.1", phase="2")))
        assert pairs(found) == set()
        assert [note.code for note in found.notes] == ["dependency-on-later-phase"]

    def test_a_later_phase_in_a_neutral_list_is_a_note(self) -> None:
        found = detect(plan(task("a1", "Build", "Depends on: b1"), task("b1", phase="2"), dialect="neutral"))
        assert pairs(found) == set()
        assert [note.code for note in found.notes] == ["dependency-on-later-phase"]

    def test_a_cycle_is_left_for_the_schedule_to_report(self) -> None:
        found = detect(plan(task("1.1", "A", "Depends on: 1.2"), task("1.2", "B", "Depends on: 1.1")))
        assert pairs(found, Kind.EXPLICIT) == {("1.1", "1.2"), ("1.2", "1.1")}

    def test_a_task_that_needs_itself(self) -> None:
        found = detect(plan(task("1.1", "A", "Depends on: 1.1"), task("1.2")))
        assert ("1.1", "1.1") in pairs(found)

    def test_a_cycle_in_a_neutral_list_loses_the_reference_against_the_order(self) -> None:
        found = detect(plan(task("1", "A", "Depends on: 2"), task("2", "B", "Depends on: 1"), dialect="neutral"))
        assert pairs(found) == {("2", "1")}
        assert [note.code for note in found.notes] == ["reference-closes-cycle"]

    def test_an_inferred_reference_gives_way_to_a_declared_one(self) -> None:
        found = detect(plan(task("1.1", "A", "The header (built in Task 1.2) is printed."), task("1.2", "B", "Depends on: 1.1")))
        assert pairs(found) == {("1.2", "1.1")}


class TestTextAgainstListing:
    MESSAGE = (
        '[!] Task 2.3 references "the schema from Task 2.1" but plan.md lists them as independent.\n'
        "--> Treating Task 2.3 as dependent on Task 2.1. Adjust wave assignment."
    )

    def notes(self, *lines: str) -> list[str]:
        found = detect(plan(task("2.1", "Schema", "Depends on: none"), task("2.2", "Other", "Depends on: 2.1"), task("2.3", "API", *lines)))
        return [note.message for note in found.notes if note.code == "reference-not-listed"]

    def test_an_output_that_no_field_declares(self) -> None:
        assert self.notes("Build it using the schema from Task 2.1.") == [self.MESSAGE]

    def test_with_a_field_that_says_none(self) -> None:
        assert self.notes("Depends on: none", "Build it using the schema from Task 2.1.") == [self.MESSAGE]

    def test_not_when_the_field_declares_it(self) -> None:
        assert self.notes("Depends on: 2.1", "Build it using the schema from Task 2.1.") == []

    def test_not_when_declared_tasks_lead_there(self) -> None:
        assert self.notes("Depends on: 2.2", "Build it using the schema from Task 2.1.") == []

    def test_not_when_a_sentence_declares_it(self) -> None:
        assert self.notes("This depends on Task 2.1.") == []

    def test_not_between_phases_which_are_sequential_anyway(self) -> None:
        found = detect(plan(task("1.1"), task("2.1", "API", "Using the schema from Task 1.1.", phase="2")))
        assert [note for note in found.notes if note.code == "reference-not-listed"] == []

    def test_a_sentence_that_points_to_a_task_listed_later(self) -> None:
        found = detect(plan(task("1.1", "API", "Start after Task 1.2."), task("1.2", "Schema")))
        assert ("1.1", "1.2") in pairs(found)
        assert any("lists them as independent" in note.message for note in found.notes)
