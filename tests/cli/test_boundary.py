"""Whatever happens inside a command leaves as a message or one JSON object, and as a documented exit code."""

from __future__ import annotations

import contextlib
import errno
import io
import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from maestro import errors
from maestro.cli.boundary import answer
from maestro.cli.call import Call
from maestro.cli.door import verb
from maestro.cli.output import write_reply
from maestro.cli.reply import Reply
from maestro.models.notes import Note
from maestro.run import commands
from support import Ran

QUESTION = {"text": "Which?", "options": [{"id": "a", "label": "The first", "effect": "uses it", "command": "run.py answer q a"}]}


def call(function: Callable[[Call], Reply], *arguments: str) -> Ran:
    """Call a door made of one function."""
    command = verb("toy")(lambda call: function(call))
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = answer(lambda: command, arguments, name="toy.py")
    return Ran(code, out.getvalue(), err.getvalue())


def raising(error: BaseException) -> Callable[[Call], Reply]:
    def function(_: Call) -> Reply:
        raise error

    return function


def replying(text: str = "done", warnings: tuple[Note, ...] = (), exit_code: int = 0) -> Callable[[Call], Reply]:
    return lambda _: Reply("maestro.toy/1", {"b": 1, "a": "ü"}, lambda: text, warnings, exit_code)


def test_data_goes_to_stdout_and_warnings_to_stderr() -> None:
    ran = call(replying(warnings=(Note("odd", "This is odd.", "plan.md:3"), Note("odd", "So is this."))))
    assert (ran.code, ran.out) == (0, "done\n")
    assert ran.err == "warning: This is odd. (plan.md:3)\nwarning: So is this.\n"


def test_no_word_of_a_warning_is_cut_by_the_edge_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    words = " ".join(f"word{number}" for number in range(30))
    monkeypatch.setattr("sys.stderr", screen := Terminal())
    write_reply(Reply("maestro.toy/1", {}, lambda: "", (Note("long", words, "plan.md:3"),)), as_json=False, full=False)
    lines = click.unstyle(screen.getvalue()).splitlines()
    assert lines[0].startswith("warning: word0 word1 ") and all(len(line) <= 80 for line in lines)
    assert " ".join(line.strip() for line in lines) == f"warning: {words} (plan.md:3)"


def test_json_is_one_sorted_line_with_the_warnings_inside() -> None:
    ran = call(replying(warnings=(Note("odd", "This is odd."),)), "--json")
    assert ran.err == ""
    assert ran.out == (
        '{"data": {"a": "ü", "b": 1}, "ok": true, "schema": "maestro.toy/1", "warnings": [{"code": "odd", "message": "This is odd.", "where": null}]}\n'
    )


def test_the_words_for_people_are_not_made_when_nobody_reads_them() -> None:
    def explode() -> str:
        raise AssertionError("made")

    assert call(lambda _: Reply("maestro.toy/1", {}, explode), "--json").code == 0


def test_problems_found_are_data_and_exit_1() -> None:
    ran = call(replying(exit_code=1), "--json")
    assert (ran.code, ran.json["ok"], ran.json["data"]["b"]) == (1, False, 1)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.Failed, 1),
        (errors.Usage, 2),
        (errors.InvalidDocument, 3),
        (errors.NotFound, 4),
        (errors.Conflict, 5),
        (errors.Locked, 6),
        (errors.Unsafe, 7),
        (errors.DecisionNeeded, 8),
    ],
)
def test_every_kind_of_error_has_its_exit_code(kind: type[errors.MaestroError], code: int) -> None:
    ran = call(raising(kind("some-slug", "It happened.", hint="Do this.", where="plan.md:7")), "--json")
    assert ran.code == code
    error = {"code": "some-slug", "message": "It happened.", "hint": "Do this.", "where": "plan.md:7"}
    assert ran.json == {"schema": "maestro.error/1", "ok": False, "error": error}
    assert ran.err == ""


def test_an_error_for_people_has_place_and_hint_on_stderr() -> None:
    ran = call(raising(errors.NotFound("gone", "It is gone.", hint="Look elsewhere.", where="plan.md:7")))
    assert (ran.out, ran.err) == ("", "error: It is gone. [gone]\n  at plan.md:7\nhint: Look elsewhere.\n")


def test_what_a_message_quotes_cannot_reach_the_terminal() -> None:
    ran = call(raising(errors.NotFound("gone", "No \x1b[2Jtrack\nhere", hint="\u202eDo", where="a\rb")))
    assert ran.err == "error: No \\x1b[2Jtrack\nhere [gone]\n  at a\\rb\nhint: \\u202eDo\n"
    assert call(replying(warnings=(Note("odd", "\x07"),))).err == "warning: \\x07\n"


def test_every_place_that_has_a_part_in_it_is_in_the_document() -> None:
    several = errors.InvalidDocument("circle", "In a circle.", where="plan.md:3", places=("plan.md:3", "plan.md:7"))
    assert call(raising(several), "--json").error["places"] == ["plan.md:3", "plan.md:7"]


def test_a_hint_can_name_the_very_call_with_what_it_lacked() -> None:
    lacking = errors.Locked("other", "No.", hint="If that is you: `… --driver me`.")
    assert "`maestro toy --full --driver me`" in call(raising(lacking), "--full").err


def test_a_long_text_of_the_caller_is_not_printed_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "CALL_LIMIT", 5)
    assert "hint: `… --driver me`" in call(raising(errors.Locked("other", "No.", hint="`… --driver me`"))).err


def test_a_question_shows_its_options_and_their_commands() -> None:
    error = errors.DecisionNeeded("which", "Which one?", question=QUESTION)
    assert call(raising(error)).err == "decision needed: Which one? [which]\n  a  The first: uses it\n      run.py answer q a\n"
    assert call(raising(error), "--json").error["question"] == QUESTION


@pytest.mark.parametrize("arguments", [("--wrong",), ("more",), ("--directory",)])
def test_a_wrong_call_is_usage_in_both_forms(arguments: tuple[str, ...]) -> None:
    ran = call(replying(), *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("error: ")
    as_json = call(replying(), "--json", *arguments)
    assert (as_json.code, as_json.error["code"], as_json.err) == (2, "usage", "")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_exits_130(error: BaseException) -> None:
    assert call(raising(error)).code == 130
    assert call(raising(error), "--json").error["code"] == "interrupted"


def test_what_the_file_system_refuses_is_no_defect() -> None:
    ran = call(raising(PermissionError(errno.EACCES, "Permission denied", "/some/plan.md")), "--json")
    assert (ran.code, ran.error["code"], ran.error["where"]) == (1, "file-system", "/some/plan.md")


def test_a_defect_leaves_a_traceback_in_the_cache_and_not_on_the_screen(apart: Path) -> None:
    ran = call(raising(ZeroDivisionError("by nothing")), "--json")
    assert (ran.code, ran.error["code"]) == (1, "internal-error")
    log = Path(ran.error["where"])
    assert log.is_relative_to(apart / "cache" / "maestro" / "log")
    assert "ZeroDivisionError: by nothing" in log.read_text() and "$ toy.py --json" in log.read_text()
    assert "Traceback" not in ran.out + ran.err


def test_a_defect_is_told_even_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    ran = call(raising(ZeroDivisionError("by nothing")))
    assert ran.code == 1
    assert "could not be written" in ran.err


def test_old_logs_do_not_pile_up(apart: Path) -> None:
    folder = apart / "cache" / "maestro" / "log"
    folder.mkdir(parents=True)
    for number in range(40):
        (folder / f"2001-{number:02}.log").touch()
    call(raising(ZeroDivisionError()))
    assert len(list(folder.iterdir())) == 20


def test_long_text_is_cut_with_a_word_on_how_to_see_more() -> None:
    long = "\n".join(f"line {number}" for number in range(5000))
    ran = call(replying(long))
    assert len(ran.out) <= 10_000
    assert ran.out.endswith("add --full to see everything.\n")
    assert call(replying(long), "--full").out == long + "\n"


def test_many_warnings_are_cut_for_people_and_complete_as_data() -> None:
    warnings = tuple(Note("odd", f"Odd {number}.") for number in range(50))
    ran = call(replying(warnings=warnings))
    assert ran.err.count("warning:") == 20 and "30 more warnings" in ran.err
    assert len(json.loads(call(replying(warnings=warnings), "--json").out)["warnings"]) == 50


@pytest.mark.parametrize(
    ("environment", "coloured"), [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "0"}, False), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)]
)
def test_colour_follows_the_environment_where_there_is_no_terminal(environment: dict[str, str], coloured: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in call(replying("\x1b[1mbold\x1b[0m")).out) is coloured


def test_a_dumb_terminal_gets_no_colour() -> None:
    from maestro.cli.output import colour_wanted

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert colour_wanted(Terminal(), {"TERM": "xterm"})
    assert not colour_wanted(Terminal(), {"TERM": "dumb"})
    assert not colour_wanted(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"})


def test_a_missing_option_is_told_with_what_it_is_for() -> None:
    command = click.Command("toy", params=[click.Option(["--worker"], required=True, help="Shell command, or claude.")])
    err = io.StringIO()
    with contextlib.redirect_stderr(err):
        assert answer(lambda: command, [], name="toy.py") == 2
    assert "hint: --worker: Shell command, or claude. toy.py --help shows" in err.getvalue()
