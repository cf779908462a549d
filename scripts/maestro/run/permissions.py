"""Claude Code's permission rules for workers in the background: which they need, whether they are there, adding them when the
user said so, and taking them back when the run is over.

Foreground workers share what the user's command was allowed in its turn. In the background they outlive that turn, and only rules of settings files hold.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from maestro.files import replace_text
from maestro.git.checkout import Checkout, exclude_locally
from maestro.models.schedule import Mode

LOCAL = ".claude/settings.local.json"
"""The project's settings of this one user; git does not see them."""

SHARED = ".claude/settings.json"

REPORTS = ".maestro-result-*.json"
"""Workers' reports, at the root of where they work."""


def needed(mode: Mode, scopes: Iterable[Collection[str]] = ()) -> tuple[str, ...]:
    """Rules that workers of this mode need: our commands, and writing where they work. Nothing else of git or the shell.

    scopes: of each task the paths that it is expected to write. A team works in the checkout itself: its rules are for the top folders of these paths and for
    its reports. Where a task names none, only the whole checkout is wide enough.
    """
    if mode is not Mode.TEAM:
        return ("Bash(maestro *)", "Edit(/.maestro/worktrees/**)")
    paths = [tuple(scope) for scope in scopes]
    if not all(paths):
        return ("Bash(maestro *)", "Edit(/**)")
    tops = sorted({_top(path) for scope in paths for path in scope})
    return ("Bash(maestro *)", f"Edit(/{REPORTS})", *(f"Edit(/{top})" for top in tops))


def _top(path: str) -> str:
    """The pattern of the whole top folder that a path lies in; a file at the root stands for itself."""
    top, slash, _ = path.partition("/")
    return f"{top}/**" if slash else top


def missing(root: Path, rules: Iterable[str]) -> tuple[str, ...]:
    """Of these rules those that none of the settings files has which the client reads in this project, nor one for all of their kind."""
    users = Path(os.environ.get("CLAUDE_CONFIG_DIR") or Path.home() / ".claude") / "settings.json"
    present = {rule for path in (root / LOCAL, root / SHARED, users) for rule in _allowed(path)}
    return tuple(rule for rule in rules if present.isdisjoint((rule, rule.partition("(")[0], f"{rule.partition('(')[0]}(/**)")))


def can_allow(root: Path) -> bool:
    """Whether the project's local settings are not there yet, or JSON of the form that can be extended."""
    return _with_list(root / LOCAL) is not None


def allow(checkout: Checkout, rules: Iterable[str]) -> None:
    """Add the rules to the project's local settings, leaving everything else there as it is; nothing where `can_allow` says no."""
    path = checkout.root / LOCAL
    found = _with_list(path)
    if found is None:
        return
    settings, allowed = found
    allowed += [rule for rule in rules if rule not in allowed]
    exclude_locally(checkout, [f"/{LOCAL}"])
    path.parent.mkdir(exist_ok=True)
    _write(path, settings)


def withdraw(root: Path, rules: Iterable[str]) -> bool:
    """Take rules out of the project's local settings again, with the lists that are empty then. False where they are there and cannot be taken out."""
    path = root / LOCAL
    found = _with_list(path)
    if found is None:
        return False
    settings, allowed = found
    kept = [rule for rule in allowed if rule not in rules]
    if len(kept) == len(allowed):
        return True
    permissions = settings["permissions"]
    permissions["allow"] = kept
    if not kept:
        del permissions["allow"]
    if not permissions:
        del settings["permissions"]
    _write(path, settings)
    return True


def _with_list(path: Path) -> tuple[dict[str, Any], list[Any]] | None:
    """The settings and their list of allowed rules, made where there is none; None for what is no JSON of that form."""
    settings = _read(path) if path.exists() else {}
    if settings is None:
        return None
    permissions = settings.setdefault("permissions", {})
    allowed = permissions.setdefault("allow", []) if isinstance(permissions, dict) else None
    return (settings, allowed) if isinstance(allowed, list) else None


def _write(path: Path, settings: dict[str, Any]) -> None:
    replace_text(path, json.dumps(settings, indent=2, ensure_ascii=False) + "\n")


def _allowed(path: Path) -> list[str]:
    permissions = (_read(path) or {}).get("permissions")
    rules = permissions.get("allow") if isinstance(permissions, dict) else None
    return [rule for rule in rules if isinstance(rule, str)] if isinstance(rules, list) else []


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
