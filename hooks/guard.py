"""Called by the client before a tool call and when a sub-agent ends: keeps the workers of a running track to their own task.

Only standard library, no site packages, and as little work as possible: this runs before every shell command of every session in which the plugin is
enabled. The main session and sessions without an active run get no answer at all, whatever goes wrong here. For a worker of a run, a call that cannot be
judged is refused.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from rules import Worker

HERE = os.path.dirname(os.path.realpath(__file__))
RUN_POINTER = "maestro-run.json"
WORKTREE_POINTER = "maestro-worktree.json"
"""As in `maestro.pointers`, and a test holds them equal: importing from there would make every shell command of every session wait for the package."""

WORKERS = ("kraken", "spark")


def main() -> None:
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    project = os.environ.get("CLAUDE_PROJECT_DIR") or ""
    if '"agent_id"' not in text and not _is_linked(project):
        return
    sys.path.insert(0, HERE)
    import json

    event: Any = None
    try:
        event = json.loads(text)
        found = _find_worker(event, project)
    except Exception as error:
        if isinstance(event, dict) and _is_of_our_kind(event) and event.get("hook_event_name") != "SubagentStop":
            _deny(f"maestro: the guard could not find out which task you work on ({type(error).__name__}). Stop, and return this sentence.")
        return
    if found is None:
        return
    if event.get("hook_event_name") == "SubagentStop":
        _ended(event, found)
        return
    reason = _judged(event, found)
    if reason:
        _deny(reason)


def _deny(reason: str) -> None:
    import json

    denied = {"hookEventName": "PreToolUse", "permissionDecision": "deny", "permissionDecisionReason": reason}
    print(json.dumps({"hookSpecificOutput": denied}))


def _judged(event: dict[str, Any], worker: Worker) -> str | None:
    try:
        from rules import refusal

        return refusal(event["tool_name"], event.get("tool_input") or {}, os.path.realpath(event["cwd"]), worker, os.path.realpath)
    except Exception as error:
        return f"maestro: the guard could not judge this call ({type(error).__name__}). Do it in a simpler way, inside your worktree."


# --- who is calling


def _find_worker(event: dict[str, Any], project: str) -> Worker | None:
    """The worker that the event is about; None for everybody else, and when no run is active."""
    agent = str(event.get("agent_id") or "")
    place = _repository(event["cwd"] if agent else project) or _repository(project)
    if place is None:
        return None
    root, own, common = place
    pointed = _read(os.path.join(own, WORKTREE_POINTER))
    checkout = os.path.realpath(pointed.get("checkout") or (root if _exists(own, RUN_POINTER) else os.path.dirname(common)))
    run = _repository(checkout)
    track = _read(os.path.join(run[1], RUN_POINTER)).get("track") if run else None
    if not track:
        return None
    from rules import Worker, attaching

    temporary = _temporary()
    if pointed.get("handle"):
        return Worker(checkout, common, root, pointed["handle"], temporary)
    if not agent.isalnum():
        return None
    note = os.path.join(common, "maestro", track, "agents", agent)
    given = event.get("tool_input")
    handle = attaching(given) if event.get("tool_name") == "Bash" and isinstance(given, dict) else None
    if handle and handle.startswith(f"{track}/"):
        _note(note, {"handle": handle, "worktree": _worktree_of(common, handle)})
    known = _read(note)
    if known:
        worktree = _worktree_of(common, known["handle"]) or known["worktree"] or checkout
        return Worker(checkout, common, worktree, known["handle"], temporary)
    return Worker(checkout, common, None, None, temporary) if _is_of_our_kind(event) else None


def _is_of_our_kind(event: dict[str, Any]) -> bool:
    """A sub-agent of one of the kinds that this plugin brings."""
    return event.get("agent_type") in [f"maestro:{kind}" for kind in WORKERS]


def _is_linked(folder: str) -> bool:
    """The session itself was started in a worker's worktree, by a driver without a session."""
    place = _repository(folder) if folder else None
    return place is not None and _exists(place[1], WORKTREE_POINTER)


def _repository(folder: str) -> tuple[str, str, str] | None:
    """Root, own git folder and common git folder of the checkout around a folder, read without git."""
    folder = os.path.realpath(folder)
    while True:
        git = os.path.join(folder, ".git")
        if os.path.isdir(git):
            return folder, git, git
        try:
            with open(git, encoding="utf-8") as stream:
                kind, _, path = stream.read().partition(":")
        except OSError:
            kind = path = ""
        if kind == "gitdir":
            own = os.path.realpath(os.path.join(folder, path.strip()))
            try:
                with open(os.path.join(own, "commondir"), encoding="utf-8") as stream:
                    return folder, own, os.path.realpath(os.path.join(own, stream.read().strip()))
            except OSError:
                return folder, own, own
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above


def _worktree_of(common: str, handle: str) -> str:
    """Where the attempt works, by the pointers that maestro left; empty when it has no worktree of its own."""
    folder = os.path.join(common, "worktrees")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        if _read(os.path.join(folder, name, WORKTREE_POINTER)).get("handle") == handle:
            with open(os.path.join(folder, name, "gitdir"), encoding="utf-8") as stream:
                return os.path.realpath(os.path.dirname(stream.read().strip()))
    return ""


def _temporary() -> tuple[str, ...]:
    return tuple(os.path.realpath(folder) for folder in (os.environ.get("TMPDIR"), "/tmp", "/var/tmp") if folder)


def _exists(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name))


def _read(path: str) -> dict[str, Any]:
    import json

    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _note(path: str, content: dict[str, str]) -> None:
    """Remember which attempt a sub-agent works on: only its `attach` tells."""
    import json

    os.makedirs(os.path.dirname(path), exist_ok=True)
    half = f"{path}.{os.getpid()}"
    with open(half, "w", encoding="utf-8") as stream:
        json.dump(content, stream)
    os.replace(half, path)


# --- the end of a worker


def _ended(event: dict[str, Any], worker: Worker) -> None:
    """Journal that a worker's agent ended. One that forgot to report is sent back once."""
    import json

    if worker.handle is None:
        return
    reminded = bool(event.get("stop_hook_active"))
    try:
        sys.path.insert(0, os.path.join(os.path.dirname(HERE), "scripts"))
        from pathlib import Path

        from maestro.models.run import Handle
        from maestro.run.workers import agent_ended

        if agent_ended(Path(worker.checkout), Handle.parse(worker.handle), reminded=reminded):
            print(json.dumps({"decision": "block", "reason": REMINDER.replace("{handle}", worker.handle)}))
    except Exception:
        return


REMINDER = (
    "You end without a report. If the task is finished, run `maestro run done {handle}`; if you cannot finish it, "
    "`maestro run fail {handle} --class CLASS --reason TEXT`. Then stop."
)

if __name__ == "__main__":
    main()
