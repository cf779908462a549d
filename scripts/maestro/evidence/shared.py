"""Files that everybody touches. To serialise a plan on them would leave nothing to run at the same time, so they give no edges; instead, of two such
tasks the second starts after the first is merged.

Decided by name, and for names that are only sometimes shared by how many tasks write them. A task that creates such a file still comes first: nobody can
add to what is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from maestro.evidence.meetings import Place
from maestro.evidence.pathforms import compare_key
from maestro.models.dependency import ScopeEntry, SharedResource
from maestro.models.plan import Access
from maestro.patterns import pattern

MANY = 3
"""So many writing tasks make a file shared whose name only suggests it."""

_ALWAYS = (
    (
        pattern(
            r"package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|.+\.lock|go\.sum|packages\.lock\.json|package\.resolved|gradle\.lockfile"
        ),
        "a lockfile: every new dependency changes it",
    ),
    (pattern(r"change(?:log|s)(?:\.\w+)?|history\.\w+|news(?:\.\w+)?|release[-_]?notes(?:\.\w+)?"), "a changelog: every task may add its line"),
    (pattern(r"index\.(?:[cm]?[jt]sx?|d\.ts)|__init__\.pyi?|mod\.rs"), "a barrel: every new module is listed in it"),
    (
        pattern(
            r"package\.json|pyproject\.toml|cargo\.toml|go\.mod|gemfile|composer\.json|requirements[\w-]*\.txt|pom\.xml|build\.gradle(?:\.kts)?|pubspec\.yaml|mix\.exs|setup\.(?:py|cfg)|"
            r"pipfile|deno\.jsonc?|directory\.packages\.props|package\.swift"
        ),
        "a dependency manifest: tasks add lines to it independently",
    ),
)
_OFTEN = pattern(
    r"(?:.*[-_.])?(?:rout(?:es?|er|ing)|urls|registry|registrations?|registers?|settings|constants|container|providers?|manifest|commands|menu|sidebar|navigation|nav|i18n|translations|messages|"
    r"lib|main|app|schema|types|exports|readme|claude|agents|skill|mkdocs|features|config|makefile|dockerfile|docker-compose|ci|hooks)(?:\.[\w.]+)?|\.env[\w.]*|[a-z]{2}(?:-[a-z]{2})?\.(?:json|ya?ml|po)"
)
_NUMBERED = pattern(r"(?P<folder>(?:.*/)?(?:migrations?|migrate|versions|adr|adrs|decisions|rfcs?)/)(?:v?\d{1,14}|x{2,4}|n{2,4})[-_.].*")


def shared_reason(place: Place) -> str | None:
    """Why a place is a shared resource; None when it is an ordinary one."""
    name = compare_key(place.path).rpartition("/")[2]
    for names, why in _ALWAYS:
        if names.fullmatch(name):
            return why
    writers = sum(touch.entry.access.writes for touch in place.touches.values() if touch.whole)
    if writers >= MANY and _OFTEN.fullmatch(name):
        return f"{writers} tasks register their own part in it"
    return None


def numbered_folders(scopes: Mapping[str, tuple[ScopeEntry, ...]]) -> Iterable[SharedResource]:
    """Folders in which two or more tasks create files that take the next free number."""
    tasks: dict[str, dict[str, None]] = {}
    spelled: dict[str, str] = {}
    for task, entries in scopes.items():
        for entry in entries:
            if entry.access is Access.CREATE and (match := _NUMBERED.fullmatch(compare_key(entry.path))):
                folder = match["folder"]
                spelled.setdefault(folder, entry.path[: len(folder)])
                tasks.setdefault(folder, {})[task] = None
    why = "new files in it take the next free number"
    return [SharedResource(spelled[folder], tuple(members), why) for folder, members in sorted(tasks.items()) if len(members) > 1]
