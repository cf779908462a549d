"""What agents' programs say of their use in their output; the lines are shaped as the real client prints them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maestro.models.report import Spent
from maestro.run.reporting import report
from maestro.run.spending import spent_in
from support import load_beside

worlds = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")

RESULT = {
    "type": "result",
    "result": 'I did it. {"usage": 1}',
    "total_cost_usd": 0.0084,
    "usage": {"input_tokens": 10, "cache_creation_input_tokens": 1000, "cache_read_input_tokens": 990, "output_tokens": 20, "service_tier": "standard"},
}


@pytest.mark.parametrize(
    ("lines", "spent"),
    [
        ([RESULT], {"input_tokens": 2000, "output_tokens": 20, "cost_usd": 0.0084}),
        ([{"usage": {"input_tokens": 1}}, RESULT, "bye", {"type": "other"}], {"input_tokens": 2000, "output_tokens": 20, "cost_usd": 0.0084}),
        ([{"total_cost_usd": 0.5, "usage": None}], {"cost_usd": 0.5}),
        ([{"usage": {"input_tokens": -1, "output_tokens": True, "cache_read_input_tokens": 7}, "total_cost_usd": "much"}], {}),
        (["{ 'usage'", '{"usage": ' + "[" * 9999, 'say {"usage": {"input_tokens": 5}}', "[]", ""], {}),
    ],
)
def test_the_newest_line_that_tells_it_counts_and_only_what_can_be_true(lines: list[Any], spent: dict[str, float]) -> None:
    assert spent_in("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)) == spent


def test_what_the_program_says_counts_also_of_an_attempt_that_failed_and_a_report_is_believed_first(tmp_path: Path) -> None:
    world = worlds.World(tmp_path / "project", worlds.plan(("1.1", "src/a.py")))
    (tmp_path / "said").write_text(json.dumps(RESULT) + "\n")
    report_file = """printf '{"tokens": 100, "cost": 1}' > "$MAESTRO_RESULT_FILE" """
    assert execs.execute(world, f"cat {tmp_path / 'said'}; [ $MAESTRO_ATTEMPT = 2 ] || exit 3; {report_file}; {execs.DILIGENT}").code == 0
    assert report(world.root, None).usage == Spent(2020 + 100, 1.0084, 2)
