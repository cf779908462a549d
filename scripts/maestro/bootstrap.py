"""From any Python to a running door.

This file and `maestro/__init__.py` are read by whatever interpreter the caller has, so they keep to what Python 3.6 understands. Needed are Python 3.11
and three packages. Where the interpreter at hand has them, they are used; otherwise one private folder of packages in the user's cache, shared by
all doors and made on first use, goes in front of this process's `sys.path`. Nothing is passed on to child processes, and nothing is written in a project.
"""

import gc
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

NEEDED_PYTHON = (3, 11)

REQUIREMENTS = (
    "click>=8.1.7,<9",
    "psutil>=5.9.8",
    "rich>=13.7",
)
"""What pyproject.toml declares, repeated because it must be known where nothing is installed."""

GARBAGE = 500_000
"""Objects made between two looks for garbage. Python's 700 let a door that imports a hundred modules look through them dozens of times and find nothing, and
so would any number that a plan of ten thousand tasks exceeds while it is read.
"""


def main(door: str) -> "NoReturn":
    """Run a door with the arguments of this process, and end the process."""
    _run(door, os.path.basename(sys.argv[0]))


def console() -> "NoReturn":
    """Run the command `maestro`, which has every door under its own name."""
    _run(None, "maestro")


def _run(door: "str | None", name: str) -> "NoReturn":
    _require_python()
    _keep_bytecode()
    gc.set_threshold(GARBAGE, 10, 10)
    try:
        missing = unmet(sys.path)
        if missing:
            from maestro.cli.provision import provide

            sys.path[1:1] = [provide(missing)]
        from maestro.cli.boundary import run
        from maestro.cli.doors import all_doors, load
    except KeyboardInterrupt:
        stop("interrupted", "Interrupted before anything began.", "Repeat the command.", 130)
    run(lambda: load(door) if door else all_doors(), sys.argv[1:], name=name)


def unmet(path: "list[str]") -> "list[str]":
    """The requirements that no folder of `path` fulfils, judged by the metadata that installers leave beside packages.

    As for an import, the first folder that has a package counts.
    """
    open_ones = {requirement: parse(requirement) for requirement in REQUIREMENTS}
    unmet_ones = []
    for folder in path:
        if not open_ones:
            break
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if not name.endswith((".dist-info", ".egg-info")):
                continue
            package, _, version = name.rsplit(".", 1)[0].partition("-")
            package = package.lower()
            for requirement, (wanted, lowest, below) in list(open_ones.items()):
                if package == wanted:
                    del open_ones[requirement]
                    found = release(version.partition("-")[0])
                    if not (lowest <= found and (below is None or found < below)):
                        unmet_ones.append(requirement)
    return sorted(unmet_ones + list(open_ones))


def parse(requirement: str) -> "tuple[str, tuple[int, ...], tuple[int, ...] | None]":
    """`("click", (8, 1, 7), (9,))` for `click>=8.1.7,<9`, the only form that is used here."""
    name, _, bounds = requirement.partition(">=")
    lowest, _, below = bounds.partition(",<")
    return name, release(lowest), release(below) if below else None


def release(version: str) -> "tuple[int, ...]":
    """The numbers at the beginning of a version: `(8, 1, 7)`. A pre-release counts as its release."""
    numbers = []
    for part in version.split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
        if digits != part:
            break
    return tuple(numbers)


def _keep_bytecode() -> None:
    """Compile each module once, also where its bytecode may not lie beside it.

    Containers often set PYTHONDONTWRITEBYTECODE to keep sources clean, and a plugin's folder may be read-only. Compiling everything anew would then be
    a third of every call's time. The bytecode goes to the user's cache folder instead, for this process alone; nothing is written beside the sources.
    """
    beside = __spec__.cached if __spec__ else None
    if beside and os.path.exists(beside) and not sys.dont_write_bytecode:
        return
    from maestro.caches import cache_folder

    folder = os.path.join(cache_folder(), "bytecode")
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError:
        return
    sys.pycache_prefix = folder
    sys.dont_write_bytecode = False


def stop(slug: str, message: str, hint: str, code: int = 1) -> "NoReturn":
    """End the process with an error as all doors write it, before any of them could be loaded."""
    if "--json" in sys.argv[1:]:
        import json

        error = {"code": slug, "hint": hint, "message": message, "where": None}
        print(json.dumps({"error": error, "ok": False, "schema": "maestro.error/1"}, sort_keys=True))
    else:
        sys.stderr.write("error: {} [{}]\nhint: {}\n".format(message, slug, hint))
    sys.exit(code)


def _require_python() -> None:
    if sys.version_info >= NEEDED_PYTHON:
        return
    wanted = ".".join(map(str, NEEDED_PYTHON))
    here = ".".join(map(str, sys.version_info[:3]))
    newer = _newer_python()
    hint = "Call it as: {} {}".format(newer, " ".join(sys.argv)) if newer else "Install Python {} or newer and call this with it.".format(wanted)
    stop("python-too-old", "maestro needs Python {} or newer, and this is Python {} ({}).".format(wanted, here, sys.executable), hint)


def _newer_python() -> "str | None":
    from shutil import which

    for minor in range(20, NEEDED_PYTHON[1] - 1, -1):
        name = "python3.{}".format(minor)
        if which(name):
            return name
    return None
