"""The dependency graph in each notation: nothing a title contains can break it."""

from __future__ import annotations

import re
from dataclasses import replace

import click

from maestro.models.dependency import Dependency, Kind
from maestro.models.plan import Status
from maestro.views.cells import width
from maestro.views.edges import direct
from maestro.views.graph import graph_text, legend
from maestro.views.looks import BLOCKED, FAILED, LOOKS
from maestro.views.notations import dot, mermaid
from maestro.views.svg import svg
from support import load_beside

made = load_beside(__file__, "compositions")

EVIL = 'Say "hi" \\ `x` <b>#1</b> [a](b) {c} | d; -->\n\u202eup'


def test_only_edges_that_no_chain_says_are_drawn() -> None:
    edges = [made.hard("2", "1"), made.hard("3", "2"), made.hard("3", "1"), made.soft("3", "2")]
    drawn = direct(["1", "2", "3"], edges)
    shown = {task: [(edge.needs, edge.kind.value) for edge in kept] for task, kept in drawn.items()}
    assert shown == {"1": [], "2": [("1", "explicit")], "3": [("2", "explicit")]}


def test_text_names_waves_soft_edges_and_what_is_done() -> None:
    plan = made.plan_of(made.task("1.1", "First", Status.DONE), made.task("1.2", "Second"), made.task("1.3", "Third"))
    composition = made.composition(plan, {"1": [["1.1", "1.2"], ["1.3"]]}, made.hard("1.3", "1.1"), made.soft("1.3", "1.2"))
    assert graph_text(plan, composition) == [
        "  1  ●    * 1.1  First",
        "     │ ○    1.2  Second",
        "  2  ○─┘  * 1.3  Third  <- 1.1, 1.2?",
    ]
    words = "  number: wave; ○ open; ● done; rails lead down to what needs the task; ? only likely; * critical path"
    assert [click.unstyle(line) for line in legend(plan, composition, 120)] == [words]


def test_every_state_has_a_sign_of_its_own_in_every_notation() -> None:
    plan = made.plan_of(*(made.task(f"1.{number}", "Task", status) for number, status in enumerate(Status, 1)))
    composition = made.composition(plan, {"1": [[task.id for task in plan.tasks]]})
    nodes = {line[5:].split("  ")[0].replace("│", "").strip() for line in graph_text(plan, composition)}
    assert len(nodes) == len({look.node for look in LOOKS} - {"✗"}) == len(Status), "no marker says failed"
    shapes = [line for line in mermaid(plan, composition).splitlines() if line.startswith("    t")]
    assert len({re.sub(r'".*"|t\d', "", line) for line in shapes}) == len(Status)
    assert all(look.name in svg(plan, composition) for look in LOOKS)


def test_a_task_that_needs_many_leaves_room_for_its_title() -> None:
    tasks = [made.task(f"1.{number}", f"Part {number}") for number in range(1, 13)]
    plan = made.plan_of(*tasks, made.task("1.99", "Put it all together, whatever it is"))
    first = [task.id for task in tasks]
    lines = graph_text(plan, made.composition(plan, {"1": [first, ["1.99"]]}, *(made.hard("1.99", task) for task in first)))
    assert lines[-1].endswith("<- 1.1, 1.2 and 10 more") and "Put it all" in lines[-1]
    assert all(width(line) <= 80 for line in lines)


def test_a_graph_too_wide_for_rails_names_needs_instead() -> None:
    tasks = [made.task(f"1.{number}") for number in range(1, 21)]
    plan = made.plan_of(*tasks, made.task("1.99"))
    first = [task.id for task in tasks]
    lines = graph_text(plan, made.composition(plan, {"1": [first, ["1.99"]]}, *(made.hard("1.99", task) for task in first)))
    assert "○" not in "".join(lines)
    assert "needs 1.1, 1.2, 1.3" in lines[20]


def test_mermaid_survives_any_title() -> None:
    plan = made.plan_of(made.task("1.1", EVIL), made.task("1.2", "Second", Status.DONE))
    text = mermaid(plan, made.composition(plan, {"1": [["1.1"], ["1.2"]]}, made.soft("1.2", "1.1")))
    label = next(line for line in text.splitlines() if line.strip().startswith("t1["))
    inside = label.strip().removeprefix('t1["').removesuffix('"]')
    assert not set(inside) & set('"<>`[]{}()|\\\n\u202e') and "#34;hi#34;" in inside
    assert "  t1 -.->|symbols| t2" in text.splitlines()
    assert text.endswith("class t2 done")
    assert '    t2("#91;x#93; 1.2 Second")' in text.splitlines(), "done by its shape and its sign"
    assert "  linkStyle 0 stroke-width:3px" in text.splitlines(), "the critical path"


def test_dot_survives_any_title() -> None:
    plan = made.plan_of(made.task("1.1", EVIL), made.task("1.2", "Second", Status.DONE))
    text = dot(plan, made.composition(plan, {"1": [["1.1"], ["1.2"]]}, made.soft("1.2", "1.1")))
    assert '"1.1" [label="1.1 Say \\"hi\\" \\\\ `x`' in text
    assert '"1.1" -> "1.2" [label="symbols", style=dashed, penwidth=2.5];' in text
    assert text.count("\n") == 9, "no title begins a line of its own"


def test_svg_survives_any_title_and_is_well_formed() -> None:
    from xml.etree import ElementTree

    plan = made.plan_of(made.task("1.1", EVIL), made.task("1.2", "Second", Status.DONE), made.task("2.1", phase="2"), title=EVIL)
    text = svg(plan, made.composition(plan, {"1": [["1.1"], ["1.2"]], "2": [["2.1"]]}, made.soft("1.2", "1.1")))
    root = ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f".//{space}rect")) == 3
    assert [path.get("class") for path in root.findall(f"{space}path")] == ["soft critical"]
    assert [box.get("class") for box in root.iter(f"{space}rect")] == ["open critical", "done critical", "open critical"]
    assert "\u202e" not in text


def other(task: str, needs: str, kind: Kind) -> Dependency:
    return replace(made.hard(task, needs), kind=kind)


def test_where_a_dependency_comes_from_is_said_unless_the_plan_itself_says_it() -> None:
    plan = made.plan_of(*(made.task(f"1.{number}", "Task") for number in range(1, 4)))
    waves = {"1": [["1.1"], ["1.2"], ["1.3"]]}
    mixed = made.composition(plan, waves, made.hard("1.2", "1.1"), other("1.3", "1.2", Kind.FILES))
    assert [line.partition("<- ")[2] for line in graph_text(plan, mixed, kinds=True)] == ["", "1.1", "1.2 (files)"]
    assert re.findall(r'class="kind".*?>(.*?)<', svg(plan, mixed)) == ["files"]
    assert "without a word: the plan says so" in svg(plan, mixed)
    alike = made.composition(plan, waves, other("1.2", "1.1", Kind.FILES), other("1.3", "1.2", Kind.FILES))
    assert "(files)" not in "".join(graph_text(plan, alike, kinds=True)) and 'class="kind"' not in svg(plan, alike)
    assert click.unstyle(legend(plan, alike, 200, kinds=True)[0]).endswith("source of all dependencies: files; * critical path")
    assert "all from one source: files" in svg(plan, alike)


def test_a_line_in_the_picture_passes_no_box_on_its_way() -> None:
    plan = made.plan_of(*(made.task(f"1.{number}", "Task") for number in range(1, 5)))
    waves = {"1": [["1.1", "1.2"], ["1.3"], ["1.4"]]}
    text = svg(plan, made.composition(plan, waves, made.hard("1.3", "1.1"), made.hard("1.4", "1.2"), made.hard("1.4", "1.3")))
    boxes = {task: (int(left), int(upper)) for task, left, upper in re.findall(r'<title>(\S+) .*?<rect [^>]*x="(\d+)" y="(\d+)"', text)}
    left, upper = boxes["1.3"]
    (height,) = re.findall(rf" (\d+)H{left + 240}C", text)
    assert not upper <= int(height) <= upper + 34


def test_an_edge_that_a_run_found_too_late_is_drawn_inside_of_its_wave_or_not_at_all() -> None:
    plan = made.plan_of(*(made.task(f"1.{number}", "Task", Status.DONE) for number in range(1, 4)))
    composition = made.composition(plan, {"1": [["1.1", "1.2"], ["1.3"]]}, made.hard("1.2", "1.1"), made.hard("1.2", "1.3"))
    assert len(re.findall("<path", svg(plan, composition))) == 2, "one of them, and the arrow"
    assert graph_text(plan, composition)[1].endswith("1.2  Task  <- 1.1")


def test_boxes_and_signs_are_explained_as_far_as_they_are_there() -> None:
    plan = made.plan_of(made.task("1.1", "First", Status.DONE), made.task("1.2", "Second"))
    composition = made.composition(plan, {"1": [["1.1", "1.2"]]})
    assert ">Boxes: [x] done (dashed).<" in svg(plan, composition)
    failed = {"1.1": FAILED, "1.2": BLOCKED}
    assert ">Boxes: [!] blocked (yellow), [failed] (red).<" in svg(plan, composition, failed)
    assert "{{" in mermaid(plan, composition, failed) and "shape=hexagon" in dot(plan, composition, failed)


def test_other_programs_keep_phases_in_order_and_waves_as_columns() -> None:
    """Mermaid was seen to put the last phase first and what nothing needs last; Graphviz puts the first cluster at the bottom."""
    plan = made.plan_of(*(made.task(f"1.{number}", "Task") for number in range(1, 4)), made.task("2.1", phase="2"))
    composition = made.composition(plan, {"1": [["1.1", "1.2"], ["1.3"]], "2": [["2.1"]]}, made.hard("1.3", "1.1"), made.hard("2.1", "1.3"))
    lines = [line.strip() for line in mermaid(plan, composition).splitlines()]
    assert lines[0] == "flowchart TB" and lines.count("direction LR") == 2
    assert [line for line in lines if "~~~" in line] == ["t2 ~~~ t3", "p1 ~~~ p2"]
    assert "linkStyle 0 stroke-width:3px" in lines, "counted are the drawn ones, which stand first"
    assert not any(line.endswith(" t4") for line in lines), "a line out of a phase would turn it around"
    assert re.findall(r"cluster_\d", dot(plan, composition)) == ["cluster_2", "cluster_1"]
