"""Every command line that a text shows is carried out, in a repository where it makes sense. Names of commands without what they need are no lines."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest

import verbs
from maestro.cli.doors import load
from maestro.models.schedule import Mode
from plans import LOGIN
from support import LONG, ROOT, call_maestro, git, load_beside, make_repository, write
from trackers import fake_tracker

texts = load_beside(__file__, "test_texts")
SHOWN = [path for path in texts.TEXTS if path.name != "BENCHMARKS.md"]
"""What was measured stands in BENCHMARKS.md, written by what ran it, in repositories of its own."""

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = "\n".join(line[4:] for line in re.search(r"## What a plan looks like\n\n((?:    .*\n|\n)+)", README)[1].splitlines())  # type: ignore[index]

Scene = Callable[[Path, pytest.MonkeyPatch], Path]
"""Makes a repository, and says where the line is typed."""


# --- scenes


def nothing(folder: Path, _: pytest.MonkeyPatch) -> Path:
    """Without maestro; a plan lies there."""
    return make_repository(folder, {"plan.md": EXAMPLE, "src/auth/login.py": "x = 1\n"})


def track(folder: Path, _: pytest.MonkeyPatch) -> Path:
    """A track that nobody began."""
    return verbs.worlds.World(folder, LOGIN).root  # type: ignore[no-any-return]


def begun(folder: Path, _: pytest.MonkeyPatch) -> Path:
    return verbs.begun(folder).root  # type: ignore[no-any-return]


def driven(folder: Path, _: pytest.MonkeyPatch) -> Path:
    """Begun by a session."""
    world = verbs.worlds.World(folder)
    world.driver = FILLED["${CLAUDE_SESSION_ID}"]
    world.start()
    return world.root  # type: ignore[no-any-return]


def reported(folder: Path, _: pytest.MonkeyPatch) -> Path:
    world = verbs.begun(folder)
    world.work_all(["auth/1.1/1"])
    return world.root  # type: ignore[no-any-return]


def by_hand(folder: Path, _: pytest.MonkeyPatch) -> Path:
    """Single mode; the first task is written."""
    return verbs.single(folder).root  # type: ignore[no-any-return]


def idle(folder: Path, _: pytest.MonkeyPatch) -> Path:
    """Single mode; the first task is not begun."""
    return verbs.begun(folder, mode=Mode.SINGLE).root  # type: ignore[no-any-return]


def team(folder: Path, _: pytest.MonkeyPatch) -> Path:
    return verbs.begun(folder, mode=Mode.TEAM).root  # type: ignore[no-any-return]


def merged(folder: Path, _: pytest.MonkeyPatch) -> Path:
    return verbs.finished(folder).root  # type: ignore[no-any-return]


def joined(folder: Path, _: pytest.MonkeyPatch) -> Path:
    """Its worker has read the brief, and was started anew."""
    world = verbs.begun(folder)
    world.attach(["auth/1.1/1"])
    return world.root  # type: ignore[no-any-return]


def attended(folder: Path, _: pytest.MonkeyPatch) -> Path:
    """Merged work of workers that read their briefs."""
    world = verbs.begun(folder)
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    world.work_all(["auth/1.1/1", "auth/1.2/1"])
    world.merge()
    return world.root  # type: ignore[no-any-return]


def over(folder: Path, _: pytest.MonkeyPatch) -> Path:
    world = verbs.verified(folder)
    world.complete("keep")
    return world.root  # type: ignore[no-any-return]


def tracked(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    """With an issue tracker that knows the track."""
    root = verbs.worlds.World(folder, LOGIN).root
    fake_tracker(root, patch)
    assert call_maestro("beads", "from-plan", "auth", cwd=root).code == 0
    return root  # type: ignore[no-any-return]


SCENES: dict[str, Scene] = {
    "plan lint": nothing,
    "waves FILE": nothing,
    "tracks new": nothing,
    "tracks adopt": nothing,
    "tracks": track,
    "plan": track,
    "waves": track,
    "metadata": track,
    "run start TRACK --resume": begun,
    "run start": track,
    "run doctor": track,
    "run next --worker": team,
    "run next --driver": driven,
    "run next": begun,
    "run status": begun,
    "run discover": begun,
    "run pause": begun,
    "run fail": begun,
    "run retry": begun,
    "run abort": begun,
    "run merge": reported,
    "run done HANDLE --no-change": idle,
    "run done": by_hand,
    "run review": merged,
    "run undo": merged,
    "run report": over,
    "run replay": attended,
    "worktree attach HANDLE": begun,
    "worktree attach HANDLE --again": joined,
    "beads": tracked,
    "progress": over,
}
"""Where a line makes sense; the longest beginning that fits decides."""

FILLED = {
    "TRACK": "auth",
    "ID": "auth",
    "TASK": "1.2",
    "OTHER": "1.1",
    "HANDLE": "auth/1.1/1",
    "auth/1.2/1": "auth/1.1/1",
    "PATH": "plan.md",
    "FILE": "plan.md",
    "TEXT": "in a few words",
    "REASON": "it was there already",
    "CLASS": "test",
    "NAME": "kraken-1",
    "CMD": "echo again > src/b.py",
    "ISSUE": "maestro-a1x.1.1",
    "${CLAUDE_SESSION_ID}": "session-1",
}
"""What stands for a placeholder, or for an example that belongs to another repository."""

ELSEWHERE = {
    ("run", "demo"): "tests/run/test_exec.py::test_the_demo_goes_the_whole_way_as_a_process",
    ("run", "exec"): "test_the_readme_leads_from_a_plan_to_commits",
    ("progress", "--serve"): "tests/cli/test_serving.py::test_the_door_prints_its_address_and_ends_on_ctrl_c",
}


def lines() -> list[tuple[str, ...]]:
    """Every whole command line of the texts, once."""
    found = {(door, *words) for path in SHOWN for door, words in texts.calls(path.read_text(encoding="utf-8"))}
    return sorted(line for line in found if is_whole(line) and line[:2] not in ELSEWHERE)


def is_whole(line: tuple[str, ...]) -> bool:
    """It has all arguments that its command needs."""
    command = load(line[0])
    words = list(line[1:])
    if isinstance(command, click.Group):
        name = next((word for word in words if word in command.commands), getattr(command, "default", None))
        if not words or name is None:
            return False
        words = [word for word in words if word != name]
        command = command.commands[name]
    try:
        command.make_context("maestro", words)
    except (click.MissingParameter, click.BadOptionUsage):
        return False
    except click.UsageError:
        return True
    return True


def scene_of(line: tuple[str, ...]) -> Scene:
    said = " ".join(line)
    start = max((start for start in SCENES if f"{said} ".startswith(f"{start} ")), key=len, default=None)
    assert start is not None, f"`maestro {said}` is shown in a text; say in SCENES where it makes sense"
    return SCENES[start]


@pytest.mark.parametrize("line", lines(), ids=" ".join)
def test_a_command_line_works_as_it_is_shown(line: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = scene_of(line)(tmp_path / "project", monkeypatch)
    ran = call_maestro(*(FILLED.get(word, word) for word in line), cwd=root)
    assert ran.code == 0, ran


def test_no_line_is_left_out_by_mistake() -> None:
    """The rules above find lines of each kind of text, and every exception is one that is shown."""
    found = {" ".join(line) for line in lines()}
    assert {"tracks list", "run next --driver ${CLAUDE_SESSION_ID}", "plan lint FILE", "run retry HANDLE --fresh", "waves why 2.3"} <= found
    shown = {(door, *words[:1]) for path in SHOWN for door, words in texts.calls(path.read_text(encoding="utf-8"))}
    assert set(ELSEWHERE) <= shown
    assert [start for start in SCENES if not any(f"{line} ".startswith(f"{start} ") for line in found)] == []


# --- the README, from top to bottom


def blocks(beginning: str) -> Iterator[str]:
    return (line.strip() for line in README.splitlines() if line.startswith(f"    {beginning}"))


def test_the_readme_leads_from_a_plan_to_commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its lines as they stand, with an agent and a test runner that are called like those it names."""
    root = nothing(tmp_path / "project", monkeypatch)
    programs = {
        "claude": "#!/bin/sh\ncat > /dev/null\nmkdir -p src/auth\n"
        "case $MAESTRO_TASK in 1.1) echo 'h = 1' > src/auth/hash.py ;; 1.2) echo 'l = 1' > src/auth/login.py ;; esac\n",
        "notify-send": "#!/bin/sh\n",
        "npm": '#!/bin/sh\ntest "$1" = test\n',
    }
    write(tmp_path / "bin", programs)
    for name in programs:
        (tmp_path / "bin" / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def shell(line: str) -> subprocess.CompletedProcess[str]:
        line = line.replace("/path/to/maestro", shlex.quote(str(ROOT)))
        return subprocess.run(line, shell=True, cwd=root, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=LONG)

    shown = list(blocks("python3 /path/to/maestro/"))
    assert [line.split("/")[-1].split()[0] for line in shown] == ["tracks.py", "waves.py", "run.py", "run.py", "run.py"]
    for line in shown:
        done = shell(line)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert git(root, "log", "--format=%(trailers:key=Maestro-Task,valueonly,separator=%x20)").split() == ["1.2", "1.1"]


def test_the_folder_is_a_skill_where_the_readme_puts_it(tmp_path: Path) -> None:
    """The lines for agents that load skills from a folder; what the client makes of plugins is shown in tests/client/."""
    lines = [*blocks("mkdir "), *re.findall(r"`(mkdir -p [^`]+)`", README)]
    assert len(lines) == 4
    for line in lines:
        call = line.replace("/path/to/maestro", shlex.quote(str(ROOT)))
        subprocess.run(call, shell=True, check=True, env={**os.environ, "HOME": str(tmp_path)}, timeout=LONG)
    found = sorted(path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.glob(".*/**/maestro/SKILL.md"))
    assert found == [".agents/skills/maestro", ".claude/skills/maestro", ".config/opencode/skills/maestro", ".gemini/skills/maestro"]


def test_the_trials_are_called_as_described(tmp_path: Path) -> None:
    """`list`, `build` and `check` as CONTRIBUTING.md shows them; whole trials are played beside them."""
    for line in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("    python3 tests/trials/"):
            call = line.strip().replace("/tmp/trial", str(tmp_path / "trial"))
            done: Any = subprocess.run(call, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=LONG)
            assert done.returncode == (1 if " check " in line else 0), done.stderr
