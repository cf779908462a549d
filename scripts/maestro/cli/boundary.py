"""The one error boundary: whatever happens inside a command leaves here as a message or an envelope, and as an exit code."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NoReturn

import click

from maestro.cli.output import prepare_streams, write_error, write_reply
from maestro.cli.reply import Reply
from maestro.errors import Failed, MaestroError, Usage

INTERRUPTED = 130

ONE_NAME = "maestro"
"""The command that has every door."""


class Interrupted(MaestroError):
    """Ctrl-C."""

    exit_code = INTERRUPTED


def run(load: Callable[[], click.Command], arguments: Sequence[str], *, name: str) -> NoReturn:
    """Load and run a command as this process's work, and end the process with its exit code. `name` is what usage lines call it."""
    prepare_streams()
    _end(answer(load, arguments, name=name))


def _end(code: int) -> NoReturn:
    """Leave without taking the interpreter apart, which takes longer than many an answer: all is written, and no door leaves anything to be done at exit.

    Where threads still run, or somebody profiles or traces the process, it ends as Python programs do.
    """
    if threading.active_count() > 1 or sys.getprofile() or sys.gettrace():
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def answer(load: Callable[[], click.Command], arguments: Sequence[str], *, name: str) -> int:
    """Load and run a command, write its reply or its error, and return the exit code."""
    words = _before_separator(arguments)
    as_json = "--json" in words or "--format=json" in words or ("--format", "json") in pairwise(words)
    try:
        result = load().main(args=list(arguments), prog_name=name, standalone_mode=False)
        if isinstance(result, Reply):
            write_reply(result, as_json=as_json, full=result.whole or "--full" in words)
            return result.exit_code
        return result if isinstance(result, int) else 0
    except Exception as error:
        problem = _as_maestro(error, arguments, name)
    except KeyboardInterrupt:
        problem = _interrupted()
    if problem.hint and "`…" in problem.hint:
        _repeat(problem, arguments, name)
    if name == ONE_NAME:
        _spell(problem)
    write_error(problem, as_json=as_json)
    return problem.exit_code


def _repeat(problem: MaestroError, arguments: Sequence[str], name: str) -> None:
    """The hint names this very call, with what it lacked. Which call that was is known here and nowhere below."""
    from maestro.run.commands import repeated

    door, *words = arguments if name == ONE_NAME else (name.removesuffix(".py"), *arguments)
    problem.hint = repeated(problem.hint or "", door, words)


def _spell(problem: MaestroError) -> None:
    """Hints name doors by their files; called under the one name, they name its commands."""
    from maestro.run.commands import spell

    for one in (problem, *problem.also):
        one.message, one.hint = spell(one.message), one.hint and spell(one.hint)


def _as_maestro(error: Exception, arguments: Sequence[str], name: str) -> MaestroError:
    if isinstance(error, MaestroError):
        return error
    if isinstance(error, click.Abort):
        return _interrupted()
    if isinstance(error, click.UsageError):
        return _usage(error)
    if isinstance(error, click.ClickException):
        return Usage("usage", error.format_message(), hint="Add --help to see how it is called.")
    if isinstance(error, OSError) and error.filename is not None and error.errno in _FILE_SYSTEM:
        return Failed("file-system", f"{error.strerror}: {os.fsdecode(error.filename)}", hint=_FILE_SYSTEM[error.errno], where=os.fsdecode(error.filename))
    return _internal(error, arguments, name)


_FILE_SYSTEM = {
    errno.EACCES: "Check who owns it and its permissions, then repeat the command.",
    errno.EPERM: "Check who owns it and its permissions, then repeat the command.",
    errno.EROFS: "The file system is read-only.",
    errno.ENOSPC: "Free some space, then repeat the command.",
    errno.EDQUOT: "Free some space, then repeat the command.",
    errno.ENOTDIR: "Check the path, then repeat the command.",
    errno.EISDIR: "Check the path, then repeat the command.",
    errno.ELOOP: "Check the links on the path, then repeat the command.",
    errno.ENAMETOOLONG: "Choose a shorter name, then repeat the command.",
}
"""What a file system may refuse without anything being wrong with maestro, and what helps."""


def _usage(error: click.UsageError) -> MaestroError:
    message = error.format_message()
    hint = f"{error.ctx.command_path} --help shows how it is called." if error.ctx is not None else None
    if isinstance(error, click.MissingParameter) and isinstance(error.param, click.Option) and error.param.help:
        hint = f"{error.param.opts[-1]}: {error.param.help} {hint or ''}".rstrip()
    return Usage("usage", message.strip().splitlines()[0] if isinstance(error, click.exceptions.NoSuchOption) else message, hint=hint)


def _interrupted() -> MaestroError:
    return Interrupted("interrupted", "Interrupted. Nothing is half written; repeat the command to go on.")


def _internal(error: Exception, arguments: Sequence[str], name: str) -> MaestroError:
    from maestro.cli.crash import write_log

    log = write_log(error, [name, *arguments])
    place = f"The details are in {log}." if log else "The details could not be written to the cache folder."
    return Failed("internal-error", f"maestro itself failed: {type(error).__name__}: {error}", hint=f"This is a defect of maestro. {place}", where=log)


def _before_separator(arguments: Sequence[str]) -> Sequence[str]:
    return arguments[: arguments.index("--")] if "--" in arguments else arguments
