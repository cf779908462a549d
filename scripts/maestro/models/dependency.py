"""What depends on what, and how we know."""

from __future__ import annotations

from enum import StrEnum

from maestro.models.notes import Note
from maestro.models.plan import Access
from maestro.records import dataclass


class Kind(StrEnum):
    """The source of a dependency, the strongest first."""

    BEADS = "beads"
    EXPLICIT = "explicit"
    DISCOVERED = "discovered"
    FILES = "files"
    SYMBOLS = "symbols"
    IMPORTS = "imports"
    PROSE = "prose"
    UNKNOWN = "unknown"


class Strength(StrEnum):
    """How sure a dependency is: hard ones always order, soft ones were weighed and may be left out (`--ignore-soft`)."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason among several that were weighed: a readable name, the words that carried it, its share of the weight (log odds)."""

    name: str
    words: str
    weight: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words (`text`) and line from which a dependency was concluded, and the rule that concluded it (`why`, one readable clause)."""

    text: str
    line: int | None
    why: str
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class Dependency:
    """`task` needs `needs`. `weight` is the probability of a weighed edge, 0 to 1."""

    task: str
    needs: str
    kind: Kind
    strength: Strength
    evidence: Evidence
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class ScopeEntry:
    """A path that a task is expected to touch: repository-relative, POSIX, normalised; a directory ends in `/`, a glob keeps its wildcards."""

    path: str
    access: Access
    line: int | None = None


@dataclass(frozen=True, slots=True)
class SharedResource:
    """A file that everybody touches (lockfile, barrel, registry, changelog, migrations): no edges, but of two such tasks the second starts after the first
    is merged.
    """

    path: str
    tasks: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Findings:
    """All that detection knows of a plan. `scopes` has an entry for every task id, possibly empty."""

    dependencies: tuple[Dependency, ...]
    scopes: dict[str, tuple[ScopeEntry, ...]]
    shared: tuple[SharedResource, ...] = ()
    notes: tuple[Note, ...] = ()
