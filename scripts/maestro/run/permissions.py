"""Claude Code's permission rules for workers in the background: which they need, whether they are there, and adding them when the user said so.

Foreground workers share what the user's command was allowed in its turn. In the background they outlive that turn, and only rules of settings files hold.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from maestro.files import replace_text
from maestro.git.checkout import Checkout, exclude_locally
from maestro.models.schedule import Mode

LOCAL = ".claude/settings.local.json"
"""The project's settings of this one user; git does not see them."""

SHARED = ".claude/settings.json"


def needed(mode: Mode) -> tuple[str, ...]:
    """Rules that workers of this mode need: our commands, and writing where they work. Nothing else of git or the shell."""
    where = "/**" if mode is Mode.TEAM else "/.maestro/worktrees/**"
    return ("Bash(maestro *)", f"Edit({where})")


def missing(root: Path, mode: Mode) -> tuple[str, ...]:
    """Rules that none of the settings files has which the client reads in this project."""
    users = Path(os.environ.get("CLAUDE_CONFIG_DIR") or Path.home() / ".claude") / "settings.json"
    present = {rule for path in (root / LOCAL, root / SHARED, users) for rule in _allowed(path)}
    return tuple(rule for rule in needed(mode) if rule not in present and rule.partition("(")[0] not in present)


def allow(checkout: Checkout, mode: Mode) -> tuple[str, ...] | None:
    """Add the missing rules to the project's local settings, leaving everything else there as it is.

    Returns what was added; None when the settings are no JSON of the form that could be extended, and nothing was written.
    """
    rules = missing(checkout.root, mode)
    path = checkout.root / LOCAL
    settings = _read(path) if path.exists() else {}
    if not rules or settings is None:
        return () if not rules else None
    permissions = settings.setdefault("permissions", {})
    allowed = permissions.setdefault("allow", []) if isinstance(permissions, dict) else None
    if not isinstance(allowed, list):
        return None
    allowed += rules
    exclude_locally(checkout, [f"/{LOCAL}"])
    path.parent.mkdir(exist_ok=True)
    replace_text(path, json.dumps(settings, indent=2, ensure_ascii=False) + "\n")
    return rules


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
