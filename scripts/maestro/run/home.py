"""Where the files of a run are: under the common git folder, out of reach of `git clean`, `git stash` and stray commits."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from maestro.documents.layout import Layout
from maestro.errors import Locked, NotFound
from maestro.files import is_locked, lock, replace_text
from maestro.git.checkout import Checkout, find_checkout
from maestro.models.run import Handle
from maestro.pointers import RUN_POINTER, WORKTREE_POINTER, read_pointer, run_folder
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Home:
    """The files of one track's run in one repository."""

    checkout: Checkout
    track: str

    @property
    def layout(self) -> Layout:
        return Layout(self.checkout.root)

    @property
    def folder(self) -> Path:
        return run_folder(self.checkout.common_dir, self.track)

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def journal_size(self) -> int:
        """Bytes; it grows with each event. 0 where there is none (any more)."""
        try:
            return self.journal.stat().st_size
        except OSError:
            return 0

    def jobs(self, run: str) -> Path:
        return self.folder / "jobs" / run

    def worktrees(self, run: str) -> Path:
        return self.layout.worktrees / run

    @contextlib.contextmanager
    def locked(self, purpose: str, timeout: float = 60.0) -> Iterator[None]:
        """Hold the run's lock for one call."""
        with lock(self.folder / "lock", purpose=purpose, timeout=timeout):
            yield


BESIDE = (
    "Watch it with `progress.py --follow`. `run.py answer`, `skip` and `retry` work beside it; "
    "`run.py pause` lets it end when who works now is done, `run.py abort` at once."
)
"""What somebody can do while a process drives the run."""

LOOKING = 0.5
"""Seconds in which everybody who only looks at a driver's lock has let go of it again."""


@contextlib.contextmanager
def driver_alive(home: Home, driver: str) -> Iterator[None]:
    """Hold the lock that proves this driver's life. Raises Locked `driver-alive` when another process drives the run."""
    try:
        with lock(home.folder / "driver.lock", purpose="another driver", timeout=LOOKING):
            (home.folder / "driver.json").write_text(json.dumps({"driver": driver, "pid": os.getpid()}), encoding="utf-8")
            yield
    except Locked as error:
        if error.slug != "lock-held":
            raise
        raise Locked(
            "driver-alive",
            f"A process is driving {home.track} right now.",
            hint=BESIDE,
            where=str(home.folder),
        ) from None


def driver_is_dead(home: Home) -> bool:
    """Proven: nobody holds the driver's lock."""
    return not is_locked(home.folder / "driver.lock")


def active_track(checkout: Checkout) -> str | None:
    """The track whose run is active in this checkout."""
    return read_pointer(checkout.git_dir, RUN_POINTER).get("track")


def set_active(checkout: Checkout, track: str | None) -> None:
    pointer = checkout.git_dir / RUN_POINTER
    if track is None:
        pointer.unlink(missing_ok=True)
    else:
        replace_text(pointer, json.dumps({"track": track}) + "\n")


def point_to_checkout(worktree: Checkout, checkout: Checkout, handle: Handle | None) -> None:
    """Tell doors that are called inside a worktree which checkout they belong to."""
    document = {"checkout": str(checkout.root), "handle": str(handle) if handle else None}
    replace_text(worktree.git_dir / WORKTREE_POINTER, json.dumps(document) + "\n")


def find_run_checkout(start: Path) -> Checkout:
    """The checkout that a call from this folder is about: the run's, also inside a worker's worktree."""
    return run_checkout_of(find_checkout(start))


def run_checkout_of(checkout: Checkout) -> Checkout:
    """The checkout of the run that a call from this checkout is about."""
    if checkout.linked:
        pointed = read_pointer(checkout.git_dir, WORKTREE_POINTER).get("checkout")
        if pointed:
            return find_checkout(Path(pointed))
    return checkout


def recent_track(checkout: Checkout) -> str | None:
    """The track that runs in this checkout, else the one whose run here was written last: what a call without TRACK is about."""
    active = active_track(checkout)
    if active is not None:
        return active
    journals = sorted((checkout.common_dir / "maestro").glob("*/journal.jsonl"), key=lambda path: path.stat().st_mtime, reverse=True)
    for journal in journals:
        with contextlib.suppress(OSError, ValueError), open(journal, encoding="utf-8") as stream:
            if json.loads(stream.readline()).get("checkout") == str(checkout.root):
                return journal.parent.name
    return None


def find_home(start: Path, track: str | None = None) -> Home:
    """The run of `track`, or the active one. Raises NotFound `no-run`."""
    checkout = find_run_checkout(start)
    chosen = track or recent_track(checkout)
    if chosen is None:
        raise no_run_here()
    return Home(checkout, chosen)


def no_run_here() -> NotFound:
    """The error for a call that names no track, where no run is."""
    return NotFound("no-run", "No run is in this checkout.", hint="Start one: `run.py start TRACK`; `tracks.py list` shows the tracks.")


def no_run(home: Home) -> NotFound:
    """The error for a track whose journal tells of no run, or that has none."""
    return NotFound("no-run", f"Track {home.track} has no run in this checkout.", hint=f"Start one: `run.py start {home.track}`.")
