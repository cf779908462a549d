"""Of a red test run the line is shown that names what failed, whatever program ran the tests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.run.telling import LONGEST, telling_line

OUTPUTS = {
    "node, TAP": ("TAP version 13\n# Subtest: adds\nok 1 - adds\nnot ok 2 - expires\n  ---\n  error: 'x'\n1..2\n# fail 1\n# duration_ms 1654", "not ok 2 - expires"),
    "node, spec": ("✔ adds (1ms)\n✖ expires (2ms)\nℹ fail 1\nℹ duration_ms 1654\n\n✖ failing tests:\n", "✖ expires (2ms)"),
    "unittest": ("..F\n======\nFAIL: test_it (test_price.Test.test_it)\n------\nTraceback:\nAssertionError: 1 != 2\n\nRan 3 tests in 0.1s\n\nFAILED (failures=1)", None),
    "pytest": ("F.\n    assert 1 == 2\nE   assert 1 == 2\n=== short test summary info ===\nFAILED tests/test_a.py::test_it - assert 1 == 2\n1 failed in 0.1s", None),
    "jest": ("FAIL src/a.test.js\n  ● cart › adds up\n    expect(received)\nTests: 1 failed, 1 total\nTime: 0.5 s", "● cart › adds up"),
    "go": ("=== RUN TestAdd\n--- FAIL: TestAdd (0.00s)\n    add_test.go:5: want 2\nFAIL\nFAIL\texample.com/a\t0.1s\nFAIL", "--- FAIL: TestAdd (0.00s)"),
    "cargo": ("running 2 tests\ntest a::ok ... ok\ntest a::adds ... FAILED\n\nerror: test failed, to rerun pass `--lib`", None),
    "rustc": ("   Compiling a v0.1.0\nerror[E0425]: cannot find value `x`\nwarning: build failed", "error[E0425]: cannot find value `x`"),
    "an exception": ("Traceback (most recent call last):\n  File 'a.py', line 1\nModuleNotFoundError: No module named 'b'\nmake: *** [test] 1", None),
    "a shell": ("sh: 1: nosuchcmd: not found", "sh: 1: nosuchcmd: not found"),
    "nothing telling": ("all is quiet\nand so it ends\n\n", "and so it ends"),
    "nothing": ("", ""),
}
"""Output, and its line; None where the line is the only one that begins in its tool's manner, below."""

EXPECTED = {
    "unittest": "FAIL: test_it (test_price.Test.test_it)",
    "pytest": "FAILED tests/test_a.py::test_it - assert 1 == 2",
    "cargo": "test a::adds ... FAILED",
    "an exception": "ModuleNotFoundError: No module named 'b'",
}


@pytest.mark.parametrize("tool", OUTPUTS)
def test_the_line_that_names_what_failed(tool: str) -> None:
    output, line = OUTPUTS[tool]
    assert telling_line(output) == (line if line is not None else EXPECTED[tool])


@given(st.text())
def test_it_is_always_a_line_of_the_output(output: str) -> None:
    line = telling_line(output)
    assert len(line) <= LONGEST and (line == "") == (not output.strip()) and line in output
