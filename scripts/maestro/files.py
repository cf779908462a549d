"""The one door to the file system for documents: exact reads, atomic replacement, durable appends, locks that die with their holder."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from maestro.errors import InvalidDocument, Locked, NotFound

_HALF = r"\..+\.(\d+)\.\w+\.tmp"
"""The new content of a file before it takes the file's name: `.plan.md.<process>.<random>.tmp`."""

LOCK_TIMEOUT = 60.0
"""Seconds to wait for a lock by default. It is never taken from a holder that is alive, however slow that is."""


def read_text(path: Path, shown: str | None = None) -> str:
    """The decoded content of a UTF-8 file with every character kept, byte order mark and line endings included.

    Raises NotFound `file-missing`, InvalidDocument `not-utf8` or `not-a-file`.
    """
    name = shown or str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound("file-missing", f"{name} does not exist.", hint="Check the path.", where=name) from None
    except (IsADirectoryError, NotADirectoryError):
        raise InvalidDocument("not-a-file", f"{name} is not a file.", hint="Give the path of a file.", where=name) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InvalidDocument("not-utf8", f"{name} is not valid UTF-8 (byte {error.start}).", hint="Save the file as UTF-8.", where=f"{name}:{line}") from None


def replace_text(path: Path, text: str) -> bool:
    """Replace the file's content in one step, keeping its mode and, behind a symbolic link, the link. False when nothing had to change.

    The new content is complete on disk before it takes the file's name, so a crash leaves the old or the new file, never a part.
    """
    return _replace(path, text)


REWRITES = 100
"""Times that a change is worked out anew because somebody else has replaced the file meanwhile."""


class _Edited(Exception):
    """Somebody else wrote the file while its new content was made."""


def rewrite_text(path: Path, change: Callable[[str], str], shown: str | None = None) -> bool:
    """Replace a file's text by what `change` makes of it, so that an edit which somebody makes meanwhile, in an editor or by a program, is not lost.

    The file is looked at once more directly before the replacement; when it is not the one that was read, `change` is called again with what is there now.
    False when nothing had to change. Raises what `read_text` and `change` raise, Locked `file-busy`.
    """
    for _ in range(REWRITES):
        seen = _identity(path)
        text = read_text(path, shown)
        changed = change(text)
        if changed == text:
            return False
        with contextlib.suppress(_Edited):
            return _replace(path, changed, seen)
    name = shown or str(path)
    raise Locked("file-busy", f"{name} is written by another program all the time.", hint="End that program, then repeat the command.", where=name)


def _identity(path: Path) -> tuple[int, int, int] | None:
    """What differs once a file was written or replaced; None where there is none."""
    with contextlib.suppress(FileNotFoundError):
        found = path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size
    return None


def _replace(path: Path, text: str, seen: tuple[int, int, int] | None = None) -> bool:
    """`seen`: the file that is replaced, another one raises _Edited."""
    data = text.encode("utf-8")
    target = path.resolve() if path.is_symlink() else path
    mode: int | None = None
    with contextlib.suppress(FileNotFoundError):
        if target.read_bytes() == data:
            return False
        mode = stat.S_IMODE(target.stat().st_mode)
        if not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    import tempfile

    remove_halves(target.parent)
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.{os.getpid()}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, 0o666 & ~_umask() if mode is None else mode)
        if seen is not None and _identity(target) != seen:
            raise _Edited
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _sync_directory(target.parent)
    return True


def append_line(path: Path, line: str) -> None:
    """Append one line durably: it is on disk when this returns. A torn last line, which a crash left and nobody was told of, is dropped first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    with open(path, "ab+") as stream:
        _drop_torn_line(stream)
        stream.write(line.encode("utf-8") + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    if fresh:
        _sync_directory(path.parent)


@contextlib.contextmanager
def lock(path: Path, *, purpose: str, timeout: float = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold an exclusive lock on a file (made when missing) or an existing directory.

    The kernel frees the lock when its holder ends, however it ends, so there are no stale locks. Raises Locked `lock-held` after `timeout` seconds.
    """
    if path.is_dir():
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + timeout
        pause = 0.005
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise Locked(
                        "lock-held", f"Another maestro process is busy: {purpose}.", hint="Wait for it to end, then repeat the command.", where=str(path)
                    ) from None
                time.sleep(pause)
                pause = min(pause * 1.5, 0.1)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the exclusive lock on this file. Looking makes no file, and any number may look at once."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _drop_torn_line(stream: BinaryIO) -> None:
    end = stream.seek(0, os.SEEK_END)
    position = end
    while position:
        step = min(4096, position)
        position -= step
        stream.seek(position)
        found = stream.read(step).rfind(b"\n")
        if found >= 0:
            position += found + 1
            break
    if position != end:
        stream.truncate(position)
    stream.seek(position)


def remove_halves(folder: Path) -> None:
    """Remove what writers left that were killed before the new content of a file in this folder took its name."""
    for entry in os.listdir(folder) if folder.is_dir() else ():
        found = entry.endswith(".tmp") and re.fullmatch(_HALF, entry)
        if found and not _is_running(int(found[1])):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(folder / entry)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
