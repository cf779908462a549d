"""How replies and errors reach stdout and stderr."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import TextIO

import click

from maestro.cli.reply import Reply, envelope, error_envelope
from maestro.cli.screen import columns
from maestro.errors import MaestroError
from maestro.models.notes import Note

TEXT_LIMIT = 10_000
"""Characters of text that fit what agents' tools pass on (design, manners). JSON is always complete."""

WARNING_LIMIT = 20
"""Warnings shown to a person at once."""

ALSO_LIMIT = 9
"""Further errors shown to a person at once."""


def prepare_streams() -> None:
    """UTF-8 whatever the locale says. What UTF-8 cannot carry (file names of other encodings) is escaped, which inside JSON strings is correct JSON."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")


def colour_wanted(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """NO_COLOR forbids, FORCE_COLOR demands, otherwise a terminal that is not dumb."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return environment.get("TERM") != "dumb" and stream.isatty()


def write_reply(reply: Reply, *, as_json: bool, full: bool) -> None:
    """Data on stdout, warnings on stderr."""
    if as_json:
        _put(sys.stdout, dump(envelope(reply)))
        return
    _put(sys.stdout, fit(reply.text(), None if full else TEXT_LIMIT))
    _put(sys.stderr, _warnings(reply.warnings, full=full))


def write_error(error: MaestroError, *, as_json: bool) -> None:
    """The envelope on stdout, or the message on stderr."""
    if as_json:
        _put(sys.stdout, dump(error_envelope(error)))
    else:
        _put(sys.stderr, describe(error))


def dump(document: Mapping[str, object]) -> str:
    """One line, sorted keys, readable in every language: the same data is always the same bytes."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False)


def describe(error: MaestroError) -> str:
    """An error in words: what happened, where, what to do next, and the answers to choose from."""
    label = "decision needed" if error.question is not None else "error"
    lines = [f"{click.style(f'{label}:', fg='red', bold=True)} {_shown(error.message)} {click.style(f'[{error.slug}]', dim=True)}"]
    if error.where:
        lines.append(f"  at {_shown(error.where)}")
    for option in (error.question or {}).get("options", ()):
        says = ": ".join(part for part in (option.get("label"), option.get("effect")) if part)
        lines.append(_shown(f"  {option['id']}" + (f"  {says}" if says else "")))
        if option.get("command"):
            lines.append(_shown(f"      {option['command']}"))
    if error.hint:
        lines.append(f"{click.style('hint:', fg='cyan')} {_shown(error.hint)}")
    lines += map(describe, error.also[:ALSO_LIMIT])
    if len(error.also) > ALSO_LIMIT:
        lines.append(f"... {len(error.also) - ALSO_LIMIT} more errors: correct these first.")
    return "\n".join(lines)


def fit(text: str, limit: int | None) -> str:
    """The text cut at a line's end to at most `limit` visible characters, its last line then saying what is missing and how to see it."""
    text = text.rstrip("\n")
    if limit is None or len(text) <= limit or len(click.unstyle(text)) <= limit:
        return text
    lines = text.split("\n")
    room = limit - 100
    kept = 0
    for line in lines:
        room -= len(click.unstyle(line)) + 1
        if room < 0:
            break
        kept += 1
    return "\n".join([*lines[:kept], f"... {len(lines) - kept} more lines left out of {len(lines)}: add --full to see everything."])


def _warnings(notes: Sequence[Note], *, full: bool) -> str:
    shown = notes if full else notes[:WARNING_LIMIT]
    lines = [_warning(note) for note in shown]
    if len(shown) < len(notes):
        lines.append(f"... {len(notes) - len(shown)} more warnings: add --full to see everything.")
    return "\n".join(lines)


def _warning(note: Note) -> str:
    """One line for programs that look for it, lines of whole words for a person at a terminal."""
    text = _shown(note.message) + (f" ({_shown(note.where)})" if note.where else "")
    if sys.stderr.isatty():
        from maestro.views.cells import wrap

        head = "warning: "
        wrapped = [line for part in f"{head}{text}".split("\n") for line in wrap(part, columns(sys.stderr), indent="  ", first="")]
        text = "\n".join(wrapped).removeprefix(head)
    return f"{click.style('warning:', fg='yellow')} {text}"


def _shown(text: str) -> str:
    """Messages quote plans, and a title is data: its control characters are shown, not sent."""
    from maestro.views.cells import printable  # not for data

    return printable(text, keep="\n")


def _put(stream: TextIO, text: str) -> None:
    """Write and flush. A reader who has gone away (`| head`) is no error: the work is done, there is just nobody left to tell."""
    if not text:
        return
    try:
        stream.write((text if colour_wanted(stream) else click.unstyle(text)) + "\n")
        stream.flush()
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
