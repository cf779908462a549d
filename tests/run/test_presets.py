"""A worker's command line is looked at before anything begins: what cannot start would fail once for each task."""

from __future__ import annotations

from pathlib import Path

import pytest

from maestro.errors import NotFound
from maestro.run.presets import require_program
from support import load_beside

made = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")


@pytest.mark.parametrize(
    "line",
    [
        "sh agent.sh",
        "  cat >/dev/null; echo x > a",
        "if true; then echo x > a; fi",
        "MODEL=small agent --fast",
        '"$AGENT" --fast',
        "$(which agent)",
        "{ agent; }",
        "./agent.sh",
        "tools/agent",
        "cd src && agent",
        "exit 1",
        "agent|cat",
        "",
    ],
)
def test_what_may_well_start_is_let_through(line: str) -> None:
    require_program(line)


@pytest.mark.parametrize("line", ["no-such-agent", "no-such-agent -p 'do it'", "/no/such/agent --fast", "~/no/such/agent"])
def test_what_cannot_start_is_refused(line: str) -> None:
    with pytest.raises(NotFound, match="no program"):
        require_program(line)


def test_a_file_that_nobody_may_execute_says_so(tmp_path: Path) -> None:
    script = tmp_path / "agent.py"
    script.write_text("print()\n")
    with pytest.raises(NotFound, match="not executable") as caught:
        require_program(f"{script} --fast")
    assert f"chmod +x {script}" in (caught.value.hint or "")
    script.chmod(0o755)
    require_program(f"{script} --fast")


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_mistyped_worker_begins_no_run(tmp_path: Path, more: tuple[str, ...]) -> None:
    world = made.World(tmp_path / "project")
    ran = execs.execute(world, "no-such-agent", *more)
    assert (ran.code, ran.error["code"]) == (4, "worker-missing") and "claude, codex" in ran.error["hint"]
    assert not world.home.folder.exists()
