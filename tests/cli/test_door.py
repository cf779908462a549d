"""Verbs and their absence, options anywhere, nearest matches, help in a screenful."""

from __future__ import annotations

import contextlib
import io
from importlib.util import find_spec

import click
import pytest

from maestro.cli.boundary import answer
from maestro.cli.call import Call
from maestro.cli.door import Door
from maestro.cli.doors import DOORS, all_doors, load
from maestro.cli.options import track_argument, track_option
from maestro.cli.reply import Reply
from maestro.errors import NotFound
from support import Ran


def toy() -> Door:
    door = Door("toy", "Play.", default="show", examples=[("", "what there is")])

    @door.verb("show")
    @track_argument
    @click.option("--phase")
    def show(call: Call, track: str | None, phase: str | None) -> Reply:
        """Show it."""
        if track == "wyh":
            raise NotFound("track-not-found", "No track matches 'wyh'.")
        return Reply("maestro.toy/1", {"verb": "show", "track": track, "phase": phase}, str)

    @door.verb("why")
    @click.argument("task")
    @track_option
    def why(call: Call, task: str, track: str | None) -> Reply:
        """Explain it."""
        return Reply("maestro.toy/1", {"verb": "why", "task": task, "track": track}, str)

    return door


def call(command: click.Command, *arguments: str) -> Ran:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = answer(lambda: command, arguments, name="toy.py")
    return Ran(code, out.getvalue(), err.getvalue())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", {"verb": "show", "track": None, "phase": None}),
        ("auth", {"verb": "show", "track": "auth", "phase": None}),
        ("--phase 2", {"verb": "show", "track": None, "phase": "2"}),
        ("--phase 2 auth", {"verb": "show", "track": "auth", "phase": "2"}),
        ("auth --phase=2", {"verb": "show", "track": "auth", "phase": "2"}),
        ("show auth", {"verb": "show", "track": "auth", "phase": None}),
        ("why 1.2", {"verb": "why", "task": "1.2", "track": None}),
        ("--track auth why 1.2", {"verb": "why", "task": "1.2", "track": "auth"}),
        ("--track why", {"verb": "show", "track": "why", "phase": None}),
        ("-- why", {"verb": "show", "track": "why", "phase": None}),
        ("--phase why auth", {"verb": "show", "track": "auth", "phase": "why"}),
    ],
)
def test_a_verb_may_be_absent_and_options_may_stand_before_it(line: str, expected: dict[str, str | None]) -> None:
    assert call(toy(), "--json", *line.split()).data == expected
    if "--" not in line.split():
        assert call(toy(), *line.split(), "--json").data == expected


def test_two_different_tracks_are_refused() -> None:
    assert call(toy(), "auth", "--track", "other", "--json").error["message"] == "Two tracks were given: auth and other."
    assert call(toy(), "auth", "--track", "auth", "--json").data["track"] == "auth"


def test_a_mistyped_verb_that_was_taken_for_a_track_is_suggested() -> None:
    assert call(toy(), "wyh", "--json").error["hint"] == "Did you mean `toy.py why`?"


def test_a_verb_that_was_typed_right_is_not_proposed_for_the_track_that_is_wrong() -> None:
    assert not call(toy(), "show", "wyh", "--json").error.get("hint")


def test_a_wrong_verb_gets_the_nearest_one() -> None:
    door = Door("toy", "Play.")
    door.verb("paint")(lambda call: Reply("maestro.toy/1", {}, str))
    error = call(door, "piant", "--json").error
    assert (error["code"], error["message"]) == ("usage", "No such verb: piant. Did you mean `paint`?")
    assert call(door, "zzz", "--json").error["message"] == "No such verb: zzz. There are: paint."


def test_without_a_verb_there_is_help_and_with_options_alone_an_error() -> None:
    door = Door("toy", "Play.")
    door.verb("paint")(lambda call: Reply("maestro.toy/1", {}, str))
    assert "Verbs:" in call(door).out
    assert "Doors:" in call(all_doors()).out
    ran = call(door, "--json")
    assert (ran.code, ran.error["message"]) == (2, "A verb is missing. There are: paint.")


def test_a_wrong_door_gets_the_nearest_one() -> None:
    assert call(all_doors(), "trakcs", "--json").error["message"] == "No such door: trakcs. Did you mean `tracks`?"


def test_options_reach_a_door_under_the_common_name() -> None:
    ran = call(all_doors(), "waves", "--json", "missing.md")
    assert (ran.code, ran.error["code"]) == (4, "plan-missing")


def commands() -> list[tuple[str, click.Command]]:
    """Every door and verb that can be called."""
    found: list[tuple[str, click.Command]] = []
    for name in DOORS:
        if find_spec(f"maestro.cli.{name}") is None:
            continue
        door = load(name)
        found.append((f"{name}.py", door))
        if isinstance(door, Door):
            found += [(f"{name}.py {verb}", command) for verb, command in door.commands.items() if not command.hidden]
    return found


@pytest.mark.parametrize(("path", "command"), commands(), ids=[path for path, _ in commands()])
def test_help_fits_a_screen_and_has_examples_and_exit_codes(path: str, command: click.Command) -> None:
    door, _, verb = path.partition(" ")
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = answer(lambda: load(door.removesuffix(".py")), [*verb.split(), "--help"], name=door)
    lines = out.getvalue().splitlines()
    assert code == 0
    assert len(lines) <= 50
    assert max(map(len, lines)) <= 80
    assert "Examples:" in lines and "Exit codes:" in lines
    assert command.help, "says what it does"
    assert not verb or not command.get_short_help_str(70).endswith("..."), "and its line in the list of verbs is whole"


@pytest.mark.parametrize(("path", "command"), commands(), ids=[path for path, _ in commands()])
def test_options_that_mean_the_same_have_the_same_name(path: str, command: click.Command) -> None:
    if isinstance(command, click.Group):
        return
    names = {name for parameter in command.params for name in parameter.opts}
    assert {"--json", "--full", "-C", "--directory"} <= names
    assert not names & {"--dryrun", "--force", "--track-id", "--dir", "--quiet"}
