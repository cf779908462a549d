"""The package as the validators of skills and plugins see it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support import LONG, ROOT, load_beside

real = load_beside(__file__, "client")


def test_the_skill_fulfils_the_specification(tmp_path: Path) -> None:
    """A skill's folder has the skill's name, which a checkout need not have."""
    (tmp_path / "maestro").symlink_to(ROOT, target_is_directory=True)
    line = [Path(sys.executable).with_name("agentskills"), "validate", tmp_path / "maestro"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=LONG)
    assert done.returncode == 0, done.stderr


def validate(program: Path, home: Path, path: Path) -> subprocess.CompletedProcess[str]:
    environment = real.Client(program, home).environment("http://127.0.0.1:9")
    return subprocess.run([program, "plugin", "validate", "--strict", path], env=environment, capture_output=True, text=True, timeout=LONG)


@pytest.mark.parametrize("path", [".", ".claude-plugin/plugin.json", ".claude-plugin/marketplace.json"])
def test_the_client_has_nothing_to_say_against_the_plugin(program: Path, tmp_path: Path, path: str) -> None:
    done = validate(program, tmp_path, ROOT / path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_plugin_is_installed_as_the_readme_says(program: Path, tmp_path: Path) -> None:
    environment = real.Client(program, tmp_path).environment("http://127.0.0.1:9")
    lines = [line.strip() for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if line.startswith("    claude plugin ")]
    assert len(lines) == 2
    for line in [*lines, "claude plugin list"]:
        words = [word.replace("/path/to/maestro", str(ROOT)) for word in line.split()[1:]]
        done = subprocess.run([program, *words], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=LONG)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "maestro@maestro" in done.stdout


def test_the_client_would_say_it(program: Path, tmp_path: Path) -> None:
    plugin = tmp_path / "maestro"
    for folder in (".claude-plugin", "agents", "commands", "hooks"):
        shutil.copytree(ROOT / folder, plugin / folder, ignore=shutil.ignore_patterns("__pycache__", "marketplace.json"))
    shutil.copy(ROOT / "SKILL.md", plugin)
    manifest = plugin / ".claude-plugin" / "plugin.json"
    assert validate(program, tmp_path / "home", plugin).returncode == 0
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "no such key": 1}) + os.linesep)
    assert validate(program, tmp_path / "home", plugin).returncode == 1
