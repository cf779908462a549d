"""What all benchmarks share: a clean place to measure in, calls taken in turns, growth, tables, and what is known of the machine."""

from __future__ import annotations

import contextlib
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
HOOKS = ROOT / "hooks"

IDENTITY = {
    **{f"GIT_{role}_{what}": "bench@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "MAESTRO_GAUGE": "0.5 0.1",
}
"""The machine's own settings and load have no say in how much work is measured."""


@dataclass(frozen=True)
class Place:
    """Where a benchmark works. `environment` is that of its processes, with a cache of its own."""

    folder: Path
    environment: dict[str, str]

    @property
    def cache(self) -> Path:
        return Path(self.environment["XDG_CACHE_HOME"])

    @contextlib.contextmanager
    def forgetting(self) -> Iterator[None]:
        """Let a call be the first one about its plan; afterwards everything is remembered as before."""
        memory, aside = self.cache / "maestro" / "memory", self.cache / "aside"
        if memory.exists():
            memory.rename(aside)
        try:
            yield
        finally:
            shutil.rmtree(memory, ignore_errors=True)
            if aside.exists():
                aside.rename(memory)


@contextlib.contextmanager
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="maestro-bench-") as folder:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
        home = Path(folder) / "home"
        home.mkdir()
        yield Place(Path(folder), {**kept, **IDENTITY, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")})


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds from its start to its end, seconds of the processor with all that it started, and its largest memory in MB."""

    wall: float
    cpu: float
    memory: float


def cost_of(command: Sequence[str], cwd: Path, where: Place, input: str | None = None) -> Cost:
    """Run one process to its end and say what it took. Raises RuntimeError when it fails."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as given:
        given.write((input or "").encode())
        given.seek(0)
        begun = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=where.environment, stdin=given, stdout=out, stderr=out)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            out.seek(0)
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {out.read().decode()[-2000:]}")
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def in_turns(calls: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Each call once per round, so that what else the machine does meets all of them alike."""
    costs: dict[str, list[Cost]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            costs[name].append(call())
    return costs


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of a straight line through the logarithms: 1 where the second value grows as the first does, 2 where it grows as its square."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    return statistics.linear_regression(xs, ys).slope


def door(name: str, *words: str) -> list[str]:
    return [sys.executable, str(SCRIPTS / f"{name}.py"), *words]


def git(cwd: Path, where: Place, *words: str) -> None:
    subprocess.run(["git", *words], cwd=cwd, env=where.environment, check=True, capture_output=True)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Markdown; the first column is words, the others are numbers."""
    lines = [f"| {' | '.join(head)} |", f"|---|{'---:|' * (len(head) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def machine() -> str:
    """What the figures depend on, without saying whose machine it is."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    kernel = f"{platform.system()} {platform.release().split('-')[0]}"
    versions = {"Python": platform.python_version(), "git": _git_version(), "click": _version("click"), "kernel": kernel}
    listed = ", ".join(f"{name} {version}" for name, version in versions.items())
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB of memory; {listed}."


def file_system(folder: Path) -> str:
    """The kind of file system that a folder lies on."""
    import psutil

    mounts = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    return next((mounts[str(place)] for place in (folder.resolve(), *folder.resolve().parents) if str(place) in mounts), "unknown")


def _git_version() -> str:
    return subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout.split()[2]


def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)
