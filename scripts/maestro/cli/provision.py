"""The private folder of packages, for interpreters that lack them."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from maestro.bootstrap import REQUIREMENTS, stop, unmet
from maestro.caches import cache_folder
from maestro.errors import Locked, MaestroError
from maestro.files import lock

WAIT = 900.0
"""Seconds to wait for another door that is making the same folder."""

_PURPOSE = "preparing maestro's packages"

_LEFT_OUT = {
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"),
    *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "PIP_EDITABLE"),
    *("UV_TARGET", "UV_PREFIX", "UV_PYTHON"),
}
"""Settings of the caller's environment that would send packages elsewhere. Those that say where packages come from stay."""


def provide(missing: list[str]) -> str:
    """The folder that holds every requirement for this interpreter; made now when it is not there yet.

    Ends the process with exit 1 and the command that helps where it cannot be made.
    """
    folder = environment_folder()
    packages = str(folder / "site-packages")
    if not unmet([packages]):
        return packages
    if os.environ.get("MAESTRO_OFFLINE"):
        _give_up(missing, packages, "MAESTRO_OFFLINE forbids to fetch them")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.with_name(f"{folder.name}.lock")):
            if unmet([packages]):
                _make(folder, missing)
    except OSError as error:
        _give_up(missing, packages, f"{error.strerror}: {error.filename}")
    except MaestroError as error:
        stop(error.slug, error.message, error.hint or "Repeat the command.")
    return packages


def environment_folder() -> Path:
    """Where the packages of this interpreter belong: named after everything that decides which files they are."""
    import hashlib

    implementation = sys.implementation
    platform = f"{getattr(implementation, '_multiarch', sys.platform)}-{os.uname().machine}"
    interpreter = f"{implementation.cache_tag}{getattr(sys, 'abiflags', '')}-{platform}"
    wanted = hashlib.sha256("\n".join(REQUIREMENTS).encode()).hexdigest()[:12]
    return Path(cache_folder()) / "packages" / f"{interpreter}-{wanted}"


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock; say so when that means waiting."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(lock(path, purpose=_PURPOSE, timeout=0))
        except Locked:
            _say("maestro: another call is preparing the packages; waiting for it")
            held.enter_context(lock(path, purpose=_PURPOSE, timeout=WAIT))
        yield


def _make(folder: Path, missing: list[str]) -> None:
    """Install into a sibling folder and rename it into place, so that `folder` is complete or absent. The caller holds the lock."""
    for leftover in folder.parent.glob(f"{folder.name}.*.tmp"):
        shutil.rmtree(leftover, ignore_errors=True)
    _say(f"maestro: this Python lacks {', '.join(missing)}; preparing a private copy once, in {folder}")
    reasons: list[str] = []
    for tool, commands in _ways():
        work = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".tmp", dir=folder.parent))
        try:
            reason = _install(work, commands)
            if reason is None:
                if folder.exists():
                    folder.rename(work / "old")
                (work / "new").rename(folder)
                _say(f"maestro: ready (made with {tool})")
                return
            reasons.append(f"{tool}: {reason}")
        finally:
            shutil.rmtree(work, ignore_errors=True)
    _give_up(missing, str(folder / "site-packages"), "; ".join(reasons) or "there is neither uv nor pip nor venv")


def _ways() -> Iterator[tuple[str, list[list[str]]]]:
    """Ways to install, the fastest first. `{}` stands for the working folder."""
    target = "{}/new/site-packages"
    pip = ["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--retries", "2", "--target", target, *REQUIREMENTS]
    if uv := shutil.which("uv"):
        yield "uv", [[uv, "pip", "install", "--quiet", "--python", sys.executable, "--compile-bytecode", "--target", target, *REQUIREMENTS]]
    if importlib.util.find_spec("pip"):
        yield "pip", [[sys.executable, *pip]]
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        yield "venv", [[sys.executable, "-m", "venv", "{}/venv"], ["{}/venv/bin/python", *pip]]


def _install(work: Path, commands: list[list[str]]) -> str | None:
    """None when every command succeeded and the packages are there, otherwise the last words of what failed."""
    environment = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    environment |= {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_WARN_SCRIPT_LOCATION": "1"}
    for command in commands:
        words = [word.replace("{}", str(work)) for word in command]
        try:
            done = subprocess.run(words, env=environment, cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        except OSError as error:
            return str(error)
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines()
            return lines[-1] if lines else f"exit {done.returncode}"
    lacking = unmet([str(work / "new" / "site-packages")])
    return f"{', '.join(lacking)} did not arrive" if lacking else None


def _give_up(missing: list[str], packages: str, reason: str) -> None:
    command = shlex.join([sys.executable, "-m", "pip", "install", "--target", packages, *REQUIREMENTS])
    message = f"maestro needs {', '.join(missing)}, which this Python ({sys.executable}) lacks, and could not get them: {reason}."
    stop("packages-missing", message, f"With a network, run: {command}")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
