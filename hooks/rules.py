"""What a worker may not do, and what it should do instead. Pure: facts in, a sentence or None out."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from shell import Command, Word, commands, place


class Worker(NamedTuple):
    """Whoever carries out one task of a run. `own` is the only folder it may write; None before it has attached."""

    checkout: str
    common: str
    own: str | None = None
    handle: str | None = None
    temporary: tuple[str, ...] = ()

    @property
    def shared(self) -> bool:
        """It works in the user's checkout, beside others."""
        return self.own == self.checkout


FILE_TOOLS = {"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path"}

NO_BRIEF = "maestro: you have no task yet. Run the `attach` command of your prompt first; its output is your brief."
UNREADABLE = "maestro: this command is too tangled to be checked. Run its parts one by one, without those that change git's state: maestro commits."

_REPORT = "Leave your changes as they are and report: `maestro run done {handle}`."
_BACK = "To take back a file, `git restore PATH`; to see another version, `git show REV:PATH`."
_BACK_SHARED = "Others work in this checkout too: take back only your own lines, by editing; `git show REV:PATH` shows another version."

_COMMIT = "do not commit; maestro commits your work when you report it. " + _REPORT
_HISTORY = "leave history and branches alone; maestro brings your work together with the others'. " + _REPORT
_GIT: dict[str, str] = {
    "commit": _COMMIT,
    "stash": "do not stash; all worktrees share one stash. To set something aside: `git diff > FILE` in a temporary folder.",
    "clean": "do not clean; it may delete what is not yours. Remove the files you made by their names.",
    "checkout": "do not check anything out. {back}",
    "switch": "stay on this branch; it was made for your task. {back}",
    "push": "do not push; publishing is the user's. " + _REPORT,
    **dict.fromkeys(("am", "cherry-pick", "commit-tree", "filter-branch", "merge", "pull", "rebase", "replace", "revert", "update-ref"), _HISTORY),
    **dict.fromkeys(("gc", "prune"), "leave the repository's storage alone; other workers use it. " + _REPORT),
}
_HARD = "do not reset the worktree. {back}"
_RESTORE = "do not restore files wholesale. {back}"
_WORKTREE = "maestro makes and removes worktrees and branches. " + _REPORT
_DANGEROUS = re.compile(r"\bgit\b.*\b(commit|stash|clean|reset|checkout|switch|push|merge|rebase|pull|cherry-pick|revert|update-ref)\b", re.S)

_TAKES_VALUE = {"-c", "--exec-path", "--namespace", "--super-prefix", "--config-env", "--attr-source", "--list-cmds"}
_ALL_WRITTEN = {"rm", "rmdir", "mv", "tee", "touch", "mkdir", "truncate", "unlink"}
_LAST_WRITTEN = {"cp", "ln", "install"}


def refusal(tool: str, given: dict[str, Any], cwd: str, worker: Worker, resolve: Callable[[str], str] = os.path.normpath) -> str | None:
    """Why the call is refused, in a sentence that tells the worker what to do instead; None when it may go on."""
    if tool in FILE_TOOLS:
        named = str(given.get(FILE_TOOLS[tool]) or "")
        path = place(Word(named), cwd) if named else None
        return _path(resolve(path), worker, elsewhere=False) if path else None
    if tool != "Bash":
        return None
    script = str(given.get("command") or "")
    try:
        found = commands(script, cwd)
    except ValueError:
        return UNREADABLE if _DANGEROUS.search(script) else None
    return next((reason for command in found for reason in (_git(command, worker, resolve) or _writing(command, worker, resolve),) if reason), None)


def attaching(given: dict[str, Any]) -> str | None:
    """The handle that a Bash call attaches to."""
    try:
        found = commands(str(given.get("command") or ""), None)
    except ValueError:
        return None
    for command in found:
        words = [word.text for word in command.words]
        for number, word in enumerate(words[:-2]):
            if os.path.basename(word) in ("worktree", "worktree.py") and words[number + 1] == "attach":
                return next((argument for argument in words[number + 2 :] if not argument.startswith("-")), None)
    return None


def _git(command: Command, worker: Worker, resolve: Callable[[str], str]) -> str | None:
    if not command.words or os.path.basename(command.words[0].text) != "git":
        return None
    directory, rest = command.directory, list(command.words[1:])
    while rest and rest[0].text.startswith("-"):
        option = rest.pop(0).text
        if option == "-C" and rest:
            directory = place(rest.pop(0), directory)
        elif option in ("--git-dir", "--work-tree"):
            directory = None
            rest = rest[1:]
        elif option.startswith(("--git-dir=", "--work-tree=")):
            directory = None
        elif option in _TAKES_VALUE:
            rest = rest[1:]
    if directory is not None and _is_elsewhere(resolve(directory), worker):
        return None
    if not rest:
        return None
    verb, arguments = rest[0].text, [word.text for word in rest[1:]]
    sentence = UNREADABLE if rest[0].dynamic else _verb(verb, arguments, worker)
    if sentence is None:
        return None
    if worker.own is None:
        return NO_BRIEF
    return _said(sentence, worker)


def _verb(verb: str, arguments: list[str], worker: Worker) -> str | None:
    """The sentence for a verb of git that a worker may not use."""
    options = [argument for argument in arguments if argument.startswith("-")]
    names = [argument for argument in arguments if not argument.startswith("-")]
    if verb == "stash" and names[:1] in (["list"], ["show"]):
        return None
    if verb == "clean" and any(option == "--dry-run" or re.match(r"-[a-z]*n", option) for option in options):
        return None
    if verb == "reset":
        return _HARD if {"--hard", "--merge", "--keep"} & set(options) else None
    if verb == "restore":
        return _RESTORE if worker.shared else None
    if verb == "worktree":
        return None if names[:1] in (["list"], []) else _WORKTREE
    if verb == "branch":
        changes = names if not {"--list", "-l", "--contains", "--merged", "--no-merged", "--points-at", "--show-current"} & set(options) else []
        return _WORKTREE if changes else None
    return _GIT.get(verb)


def _writing(command: Command, worker: Worker, resolve: Callable[[str], str]) -> str | None:
    """Paths that the command writes, as far as its words show it."""
    targets = list(command.writes)
    if command.words:
        name = os.path.basename(command.words[0].text)
        named = [word for word in command.words[1:] if not word.text.startswith("-")]
        if name in _ALL_WRITTEN:
            targets += named
        elif name in _LAST_WRITTEN:
            targets += named[-1:]
        elif name == "sed" and any(re.match(r"-[a-zA-Z]*i|--in-place", word.text) for word in command.words[1:]):
            targets += named[1:]
    for target in targets:
        path = place(target, command.directory)
        reason = _path(resolve(path), worker, elsewhere=True) if path else None
        if reason:
            return reason
    return None


def _path(path: str, worker: Worker, *, elsewhere: bool) -> str | None:
    """Why a path may not be written. `elsewhere`: places that have nothing to do with the project are free."""
    if worker.own is None:
        return NO_BRIEF if not _is_elsewhere(path, worker) else None
    if _inside(path, worker.own):
        first = os.path.relpath(path, worker.own).split(os.sep)[0]
        if first in (".maestro", ".beads"):
            return _said(f"{first}/ is maestro's, in your worktree too; markers and documents are kept by it. Change only what your task is about.", worker)
        if first == ".git":
            return _said("leave .git alone. " + _REPORT, worker)
        return None
    if not _is_elsewhere(path, worker):
        return _said(f"{path} is outside your worktree. {_instead(path, worker)}", worker)
    if elsewhere or any(_inside(path, folder) for folder in worker.temporary):
        return None
    return _said(f"{path} is outside your worktree. Write below {worker.own}, or in a temporary folder what nobody needs later.", worker)


def _instead(path: str, worker: Worker) -> str:
    """The same path in the worker's own worktree, where there is one."""
    relative = os.path.relpath(path, worker.checkout)
    if relative.startswith((os.pardir, ".maestro", ".beads", ".git", ".claude")):
        return f"Write below {worker.own} only."
    return f"Write {os.path.join(worker.own or '', relative)} instead."


def _is_elsewhere(path: str, worker: Worker) -> bool:
    """Neither in the run's checkout nor in its repository nor in a worktree of it."""
    return not any(_inside(path, folder) for folder in (worker.checkout, worker.common, worker.own) if folder)


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _said(sentence: str, worker: Worker) -> str:
    back = _BACK_SHARED if worker.shared else _BACK
    filled = sentence.replace("{back}", back).replace("{handle}", worker.handle or "HANDLE")
    return filled if filled.startswith("maestro:") else f"maestro: {filled}"
