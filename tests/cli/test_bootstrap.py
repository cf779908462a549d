"""From any Python to a running door."""

from __future__ import annotations

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import pytest

from maestro import bootstrap, caches
from support import ROOT, SCRIPTS, Ran, contents, run_door
from waiting import started, wait_for


def install(folder: Path, **versions: str) -> str:
    """A folder that looks like site-packages with these packages in it."""
    for name, version in versions.items():
        (folder / f"{name}-{version}.dist-info").mkdir(parents=True, exist_ok=True)
    return str(folder)


GOOD = {"click": "8.1.8", "psutil": "6.0", "rich": "13.9.4"}


def test_the_requirements_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert list(bootstrap.REQUIREMENTS) == project["dependencies"]
    assert project["requires-python"] == ">=" + ".".join(map(str, bootstrap.NEEDED_PYTHON))


EARLY = [SCRIPTS / "maestro" / "__init__.py", SCRIPTS / "maestro" / "bootstrap.py", *sorted(SCRIPTS.glob("*.py")), ROOT / "bin" / "maestro"]


@pytest.mark.parametrize("path", EARLY, ids=lambda path: path.name)
def test_what_every_python_reads_is_written_for_every_python(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 6))
    imported = {name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in [node.module]}
    assert "__future__" not in imported, "3.6 has no annotations to import"


def test_packages_are_found_where_an_import_would_find_them(tmp_path: Path) -> None:
    good = install(tmp_path / "good", **GOOD)
    old = install(tmp_path / "old", **{**GOOD, "click": "7.1.2"})
    part = install(tmp_path / "part", click="8.1.7", rich="15.0.0rc1")
    assert bootstrap.unmet([good]) == []
    assert bootstrap.unmet([str(tmp_path / "missing"), part, good]) == []
    assert bootstrap.unmet([old, good]) == ["click>=8.1.7,<9"], "the first folder that has a package counts"
    assert bootstrap.unmet([part]) == ["psutil>=5.9.8"]
    assert bootstrap.unmet([]) == sorted(bootstrap.REQUIREMENTS)


@pytest.mark.parametrize(("version", "fits"), [("8.1.7", True), ("8.2", True), ("8.1.6", False), ("8.1", False), ("9.0.0", False), ("10", False), ("", False)])
def test_versions_are_compared_as_numbers(version: str, fits: bool, tmp_path: Path) -> None:
    assert (bootstrap.unmet([install(tmp_path, **{**GOOD, "click": version})]) == []) is fits


def test_the_check_takes_no_time_that_anybody_would_notice(tmp_path: Path) -> None:
    folder = install(tmp_path / "site-packages", **{f"package{number}": "1.0" for number in range(300)}, **GOOD)
    begun = time.process_time()
    for _ in range(10):
        bootstrap.unmet([folder])
    assert (time.process_time() - begun) / 10 < 0.02


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_the_cache_is_where_the_system_keeps_caches(system: str, monkeypatch: pytest.MonkeyPatch, apart: Path) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert caches.cache_folder() == str(apart / "cache" / "maestro")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    assert caches.cache_folder() == str(apart / ("Library/Caches" if system == "darwin" else ".cache") / "maestro")


def test_an_old_python_is_told_what_is_needed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 6, 15))
    monkeypatch.setattr(sys, "argv", ["waves.py", "auth", "--json"])
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit) as ended:
        bootstrap.main("waves")
    error = json.loads(capsys.readouterr().out)["error"]
    assert (ended.value.code, error["code"]) == (1, "python-too-old")
    assert error["message"].startswith("maestro needs Python 3.11 or newer, and this is Python 3.6.15 (")
    assert error["hint"] == "Install Python 3.11 or newer and call this with it."


@pytest.mark.skipif(not shutil.which("python3.6") and not shutil.which("python3.8"), reason="no old Python here")
def test_a_real_old_python_gets_as_far_as_saying_so(tmp_path: Path) -> None:
    for name in ("python3.6", "python3.8"):
        if (python := shutil.which(name)) and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0:
            ran = run_door("waves", "--json", cwd=tmp_path, python=python)
            assert (ran.code, ran.error["code"]) == (1, "python-too-old")


def test_doors_start_whatever_the_path_settings(project: Path) -> None:
    for flags in (["-P"], ["-I"]):
        done = subprocess.run([sys.executable, *flags, str(SCRIPTS / "tracks.py"), "--json"], cwd=project, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_a_door_behind_a_link_finds_its_package(tmp_path: Path) -> None:
    for path in (SCRIPTS / "tracks.py", ROOT / "bin" / "maestro"):
        link = tmp_path / "link"
        link.symlink_to(path)
        assert subprocess.run([sys.executable, str(link), "--help"], capture_output=True).returncode == 0
        link.unlink()


class Bare:
    """An interpreter without packages, and a `uv` or pip that a test provides."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.cache = cache / "maestro" / "packages"
        self.work = folder / "project"
        self.work.mkdir(parents=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "bare")], check=True)
        self.python = str(folder / "bare" / "bin" / "python")
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.environment = {"PATH": f"{self.bin}:/usr/bin:/bin"}

    def provide_uv(self, script: str) -> None:
        """A `uv` that does what the script says; `$target` is where the packages belong, `$source` where complete ones lie."""
        source = self.folder / "source"
        install(source, **GOOD)
        if not (source / "click").exists():
            (source / "click").symlink_to(click.__path__[0])
        head = f'#!/bin/sh\nwhile [ "$1" != --target ]; do shift; done\ntarget=$2\nsource={source}\necho called >> {self.folder}/calls\n'
        (self.bin / "uv").write_text(head + script)
        (self.bin / "uv").chmod(0o755)

    def call(self, *arguments: str, **environment: str) -> Ran:
        return run_door("tracks", *arguments, cwd=self.work, python=self.python, environment={**self.environment, **environment})

    def calls(self) -> int:
        path = self.folder / "calls"
        return path.read_text().count("called") if path.exists() else 0

    def leftovers(self) -> list[str]:
        return [path.name for path in self.cache.iterdir() if path.name.endswith(".tmp")] if self.cache.exists() else []


NO_INDEX = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": os.devnull}

COPY = 'mkdir -p "$(dirname "$target")" && cp -R "$source" "$target"\n'


@pytest.fixture
def bare(tmp_path: Path, apart: Path) -> Bare:
    return Bare(tmp_path / "machine", apart / "cache")


def test_missing_packages_are_made_once_and_nothing_touches_the_project(bare: Bare) -> None:
    bare.provide_uv(COPY)
    first = bare.call("--json")
    assert (first.code, first.error["code"]) == (4, "maestro-missing"), "the door ran"
    assert first.err.count("\n") == 2 and "preparing a private copy once" in first.err
    second = bare.call("--json")
    assert (second.out, second.err, bare.calls()) == (first.out, "", 1)
    assert contents(bare.work) == {} and bare.leftovers() == []


def test_offline_says_what_to_run(bare: Bare) -> None:
    bare.provide_uv(COPY)
    ran = bare.call("--json", MAESTRO_OFFLINE="1")
    assert (ran.code, ran.error["code"], bare.calls()) == (1, "packages-missing", 0)
    assert "MAESTRO_OFFLINE" in ran.error["message"] and "-m pip install --target" in ran.error["hint"]
    text = bare.call(MAESTRO_OFFLINE="1")
    assert text.out == "" and text.err.startswith("error: maestro needs click") and "hint: With a network, run: " in text.err


def test_what_cannot_be_fetched_is_told_with_the_tools_own_words(bare: Bare) -> None:
    bare.provide_uv("echo 'error: no route to the index' >&2; exit 2\n")
    ran = bare.call("--json", **NO_INDEX)
    assert (ran.code, ran.error["code"]) == (1, "packages-missing")
    assert "no route to the index" in ran.error["message"]
    assert bare.leftovers() == []


def test_a_tool_that_lies_about_success_is_not_believed(bare: Bare) -> None:
    bare.provide_uv('mkdir -p "$target"\n')
    ran = bare.call("--json", **NO_INDEX)
    assert "did not arrive" in ran.error["message"]


def test_two_doors_at_once_make_it_once(bare: Bare) -> None:
    bare.provide_uv(f"sleep 1\n{COPY}")
    with ThreadPoolExecutor(3) as pool:
        ran = list(pool.map(lambda _: bare.call("--json"), range(3)))
    assert [one.code for one in ran] == [4, 4, 4]
    assert bare.calls() == 1
    assert sum("waiting for it" in one.err for one in ran) == 2


def test_a_kill_in_the_middle_leaves_nothing_that_counts(bare: Bare) -> None:
    bare.provide_uv(f'mkdir -p "$target/click-8.1.8.dist-info"; touch {bare.folder}/begun; sleep 20\n')
    call = [bare.python, str(SCRIPTS / "tracks.py"), "--json"]
    environment = {**os.environ, **bare.environment}
    with started(call, cwd=bare.work, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for((bare.folder / "begun").exists, "the installer")
        os.killpg(process.pid, signal.SIGKILL)
    assert bare.leftovers()
    bare.provide_uv(COPY)
    assert bare.call("--json").code == 4
    assert bare.leftovers() == []


def test_a_folder_that_lost_packages_is_made_again(bare: Bare) -> None:
    bare.provide_uv(COPY)
    bare.call("--json")
    (folder,) = [path for path in bare.cache.iterdir() if path.is_dir()]
    shutil.rmtree(folder / "site-packages" / "rich-13.9.4.dist-info")
    assert bare.call("--json").code == 4
    assert bare.calls() == 2


def test_a_cache_that_cannot_be_written_is_told(bare: Bare) -> None:
    bare.provide_uv(COPY)
    ran = bare.call("--json", XDG_CACHE_HOME="/dev/null/cache")
    assert (ran.code, ran.error["code"]) == (1, "packages-missing")


def test_nothing_is_passed_on_to_child_processes(bare: Bare) -> None:
    """The packages are put into this process's path only."""
    bare.provide_uv(COPY)
    lines = [
        "import os, runpy, sys; os._exit = sys.exit; sys.argv = sys.argv[1:]; before = dict(os.environ)",
        "try: runpy.run_path(sys.argv[0], run_name='__main__')",
        "except SystemExit: print(before == dict(os.environ), file=sys.stderr)",
    ]
    call = [bare.python, "-c", "\n".join(lines), str(SCRIPTS / "tracks.py"), "--json"]
    done = subprocess.run(call, cwd=bare.work, env={**os.environ, **bare.environment}, capture_output=True, text=True)
    assert done.stderr.endswith("True\n")


def test_bytecode_is_kept_where_it_may_not_lie_beside_the_sources(project: Path, tmp_path: Path, apart: Path) -> None:
    """Containers set PYTHONDONTWRITEBYTECODE; a third of every call would go into compiling."""
    package = tmp_path / "plugin"
    shutil.copytree(SCRIPTS, package, ignore=shutil.ignore_patterns("__pycache__"))
    call = [sys.executable, str(package / "tracks.py"), "list"]
    subprocess.run(call, cwd=project, check=True, capture_output=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    assert not list(package.rglob("*.pyc"))
    kept = {path.name.split(".")[0] for path in (apart / "cache" / "maestro" / "bytecode").rglob("*.pyc")}
    assert {"tracks", "registry", "boundary"} <= kept


def test_bytecode_lies_beside_the_sources_where_it_may(project: Path, tmp_path: Path, apart: Path) -> None:
    package = tmp_path / "plugin"
    shutil.copytree(SCRIPTS, package, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run([sys.executable, str(package / "tracks.py"), "list"], cwd=project, check=True, capture_output=True)
    assert list(package.rglob("*.pyc"))
    assert not (apart / "cache" / "maestro" / "bytecode").exists()
