"""Of a red test run the line is shown that names what failed, whatever program ran the tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.run.telling import LEFT_OUT, LONGEST, cut, in_short, shortened, telling_line

OUTPUTS = {
    "not ok 2 - expires": "TAP version 13\n# Subtest: adds\nok 1 - adds\nnot ok 2 - expires\n  error: 'x'\n1..2\n# fail 1\n# duration_ms 1654",
    "✖ expires (2ms)": "✔ adds (1ms)\n✖ expires (2ms)\nℹ fail 1\nℹ duration_ms 1654\n\n✖ failing tests:\n",
    "FAIL: test_it (a.Test.test_it)": "..F\n====\nFAIL: test_it (a.Test.test_it)\n----\nAssertionError: 1 != 2\n\nRan 3 tests in 0.1s\n\nFAILED (failures=1)",
    "FAILED a.py::test_it - assert 1 == 2": "F.\nE   assert 1 == 2\n=== short test summary ===\nFAILED a.py::test_it - assert 1 == 2\n1 failed in 0.1s",
    "● cart › adds up": "FAIL src/a.test.js\n  ● cart › adds up\n    expect(received)\nTests: 1 failed, 1 total\nTime: 0.5 s",
    "--- FAIL: TestAdd (0.00s)": "=== RUN TestAdd\n--- FAIL: TestAdd (0.00s)\n    add_test.go:5: want 2\nFAIL\nFAIL\texample.com/a\t0.1s\nFAIL",
    "test a::adds ... FAILED": "running 2 tests\ntest a::ok ... ok\ntest a::adds ... FAILED\n\nerror: test failed, to rerun pass `--lib`",
    "error[E0425]: cannot find value `x`": "   Compiling a v0.1.0\nerror[E0425]: cannot find value `x`\nwarning: build failed",
    "ModuleNotFoundError: No module named 'b'": "Traceback (most recent call last):\n  File 'a.py'\nModuleNotFoundError: No module named 'b'\nmake: *** 1",
    "sh: 1: nosuchcmd: not found": "sh: 1: nosuchcmd: not found",
    "and so it ends": "all is quiet\nand so it ends\n\n",
    "": "",
}
"""Node's two manners, unittest, pytest, jest, go, cargo, rustc, an exception, a shell, nothing telling, nothing at all."""


@pytest.mark.parametrize("line", OUTPUTS)
def test_the_line_that_names_what_failed(line: str) -> None:
    assert telling_line(OUTPUTS[line]) == line


FRAMES = "Traceback (most recent call last):\n" + "".join(f'  File "lib/f{number}.py", line 1, in f\n' for number in range(100)) + "AssertionError: 1 != 2\n"
FIRST = {
    "unittest": f"{'=' * 70}\nERROR: test_it (a.Test.test_it)",
    "pytest": "_______ test_it _______",
    "node": "not ok 2 - expires",
    "go": "--- FAIL: TestAdd (0.00s)",
    "cargo": "---- adds stdout ----",
}


@pytest.mark.parametrize("tool", FIRST)
def test_a_long_output_begins_with_the_heading_of_what_failed_first(tool: str) -> None:
    """Cut in the middle of a traceback it would not say which test it is."""
    shown = shortened("noise\n" * 500 + f"{FIRST[tool]}\n{FRAMES}Ran 500 tests\n", 1000)
    assert shown.startswith(f"{FIRST[tool]}\n") and shown.endswith("AssertionError: 1 != 2\nRan 500 tests\n") and LEFT_OUT in shown
    assert shortened("noise\n" * 500 + f"{FIRST[tool]}\nwhy\n", 1000) == f"{FIRST[tool]}\nwhy\n"


def test_of_an_unknown_tools_output_the_end_is_shown() -> None:
    assert shortened("some words here\n" * 100, 100) == "some words here\n" * 6


@given(st.text(), st.integers(min_value=20, max_value=80))
def test_what_is_shown_is_never_longer_than_it_may_be(output: str, most: int) -> None:
    assert len(shortened(f"noise\nnot ok 1\n{output}", most)) <= most


@given(st.text())
def test_it_is_always_a_line_of_the_output(output: str) -> None:
    line = telling_line(output)
    assert len(line) <= LONGEST and (line == "") == (not output.strip()) and (line in output or (line[-1] == "…" and line[:-1] in output))


def test_what_is_cut_off_leaves_a_mark() -> None:
    """A question that ends in the middle of a word reads as if it were damaged."""
    assert cut("give it some time", 8) == "give it…" and cut("as it is", 8) == "as it is"
    assert in_short("may the comma be given " + "some time " * 40).endswith("…")
