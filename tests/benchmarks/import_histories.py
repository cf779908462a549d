#!/usr/bin/env python3
"""What imports add to text: plans made of a repository's history, with the code at hand.

usage: import_histories.py REPOSITORY [--plans 60] [--show 5]

A plan is eight commits in a row, as far as they change source files: each commit is a task, its message is the task's text, its files are its scope, and the
tree before the first of them is the repository. A commit truly needs an earlier one when a line it changes mentions a public name whose signature the earlier
commit added, changed or removed, in a file that imports that name. Pairs that share a file are left out: there the file alone orders them. Most stretches of
a history hold no such pair, so only plans with at least one are taken, spread evenly over the history.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from unittest import mock

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scripts")]

from task_lists import Pair, closure  # noqa: E402

from maestro.evidence import soft  # noqa: E402
from maestro.evidence.detect import detect  # noqa: E402
from maestro.evidence.imports import Code  # noqa: E402
from maestro.models.dependency import Kind  # noqa: E402
from maestro.models.plan import Access, FileMention, Phase, Plan, Status, Task, TextLine  # noqa: E402

SOURCE = re.compile(r"\.(?:py|tsx?|jsx?|go|rs|java|rb)$")
TESTING = re.compile(r"(?:^|/)(?:tests?|spec|__tests__)/|[._]test\.|\.spec\.|_test\.go$|(?:^|/)test_", re.IGNORECASE)
SIZE = 8
"""Tasks of a plan."""

TRIES = 40
"""Places tried in each part of the history."""

_ACCESS = {"A": Access.CREATE, "D": Access.DELETE, "M": Access.MODIFY, "T": Access.MODIFY}


class Repository:
    """A git directory, read through `git`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), *arguments]
        return subprocess.run(command, capture_output=True, check=True).stdout.decode("utf-8", "replace")

    def commits(self) -> list[Commit]:
        """Commits that change source files, the oldest first, merges left out."""
        text = self.git("log", "--reverse", "--no-merges", "--no-renames", "--name-status", "--format=%x01%H%x02%B%x02")
        found = []
        for record in text.split("\x01")[1:]:
            sha, message, files = record.split("\x02")
            changed = [line.split("\t") for line in files.strip().splitlines() if "\t" in line]
            touched = tuple((path, _ACCESS.get(status[:1], Access.MODIFY)) for status, path in changed)
            if any(SOURCE.search(path) for path, _ in touched) and len(touched) <= 20:
                found.append(Commit(self, sha, message.strip(), touched))
        return found

    @lru_cache(maxsize=64)  # noqa: B019
    def files(self, sha: str) -> frozenset[str]:
        try:
            return frozenset(self.git("ls-tree", "-r", "-z", "--name-only", sha).split("\0")[:-1])
        except subprocess.CalledProcessError:
            return frozenset()

    @lru_cache(maxsize=4096)  # noqa: B019
    def read(self, sha: str, path: str) -> str | None:
        try:
            return self.git("show", f"{sha}:{path}")
        except subprocess.CalledProcessError:
            return None


@dataclass(frozen=True)
class Tree:
    """The repository as one commit left it: a view for detectors."""

    repository: Repository
    sha: str

    def files(self) -> frozenset[str]:
        return self.repository.files(self.sha)

    def read(self, path: str) -> str | None:
        return self.repository.read(self.sha, path)


@dataclass(frozen=True)
class Commit:
    repository: Repository
    sha: str
    message: str
    files: tuple[tuple[str, Access], ...]

    @cached_property
    def paths(self) -> frozenset[str]:
        return frozenset(path for path, _ in self.files)

    @cached_property
    def code(self) -> Code:
        return Code(Tree(self.repository, self.sha))

    @cached_property
    def before(self) -> Code:
        return Code(Tree(self.repository, f"{self.sha}^"))

    @cached_property
    def changed_names(self) -> dict[str, set[str]]:
        """For each source file the public names whose signature this commit adds, changes or removes."""
        names: dict[str, set[str]] = {}
        for path, access in self.files:
            if SOURCE.search(path) and not TESTING.search(path):
                old = dict(self.before.module(path).exports) if access is not Access.CREATE else {}
                new = dict(self.code.module(path).exports)
                names[path] = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
        return names

    @cached_property
    def lines(self) -> dict[str, frozenset[str]]:
        """For each source file the identifiers on the lines this commit adds or removes."""
        words: dict[str, set[str]] = {}
        path = ""
        try:
            text = self.repository.git("show", "-U0", "--format=", "--no-renames", self.sha)
        except subprocess.CalledProcessError:  # a copy may lack its largest files
            return {}
        for line in text.splitlines():
            if line.startswith(("+++ b/", "--- a/")):
                path = line[6:]
            elif line.startswith(("+", "-")) and SOURCE.search(path):
                words.setdefault(path, set()).update(re.findall(r"[A-Za-z_$][\w$]*", line))
        return {path: frozenset(found) for path, found in words.items()}

    def needs(self, earlier: Commit) -> bool:
        news = set().union(*earlier.changed_names.values())
        for path, words in self.lines.items():
            if not news & words:
                continue
            for source, chain in self.code.imported(path).items():
                if earlier.changed_names.get(source, set()) & chain.names & words:
                    return True
        return False


def plan_of(commits: Sequence[Commit]) -> Plan:
    tasks = []
    for number, commit in enumerate(commits, 1):
        title, _, body = commit.message.partition("\n")
        lines = tuple(TextLine(number * 100 + at, text) for at, text in enumerate(body.splitlines()) if not re.match(r"(?i)[\w-]+-by:", text))
        files = tuple(FileMention(path, number * 100, access) for path, access in commit.files)
        tasks.append(Task(f"T{number}", re.sub(r"\(?#\d+\)?", "", title), number * 100, "1", Status.NEW, body=lines, files=files))
    return Plan("plan.md", "maestro", "History", (Phase("1", "History", 1, tuple(tasks)),), "")


def plans(commits: Sequence[Commit], most: int) -> Iterator[Sequence[Commit]]:
    """Runs in which some commit truly needs an earlier one that shares no file with it, spread over the history and not overlapping."""
    parts = most * 2
    for part in range(parts):
        first, end = part * len(commits) // parts, (part + 1) * len(commits) // parts
        for start in range(first, min(end, first + TRIES) - SIZE + 1):
            run = commits[start : start + SIZE]
            if any(later.needs(run[0]) for later in run[1:] if not later.paths & run[0].paths):
                yield run
                break


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--plans", type=int, default=60, help="at most twice so many plans")
    parser.add_argument("--show", type=int, default=0, help="print so many right and wrong edges")
    options = parser.parse_args()
    commits = Repository(options.repository).commits()
    counts: Counter[str] = Counter()
    for run in plans(commits, options.plans):
        counts += measured(run, options.show)
    print(f"{counts['plans']} plans, {counts['pairs']} pairs without a common file, {counts['true']} true dependencies among them")
    print(f"edges by imports: {counts['edges']}, of them true: {counts['right']}; by symbols and prose: {counts['soft']}, of them true: {counts['soft right']}")
    print(f"true dependencies in order without imports: {counts['by text']}, with imports: {counts['by both']}")
    print(f"pairs in order without need, without imports: {counts['idle by text']}, with imports: {counts['idle by both']}")
    return 0


def measured(run: Sequence[Commit], show: int) -> Counter[str]:
    ids = [f"T{number}" for number in range(1, len(run) + 1)]
    by_id = dict(zip(ids, run, strict=True))
    apart = {(later, earlier) for place, later in enumerate(ids) for earlier in ids[:place] if not by_id[later].paths & by_id[earlier].paths}
    truth: set[Pair] = {(later, earlier) for later, earlier in apart if by_id[later].needs(by_id[earlier])}
    tree = Tree(run[0].repository, f"{run[0].sha}~1")
    found = detect(plan_of(run), tree).dependencies
    with mock.patch("maestro.evidence.detect.WEIGHED", (soft.find,)):
        text = closure((edge.task, edge.needs) for edge in detect(plan_of(run), tree).dependencies)
    both = closure((edge.task, edge.needs) for edge in found)
    imported = {(edge.task, edge.needs): edge for edge in found if edge.kind is Kind.IMPORTS}
    weighed = {(edge.task, edge.needs) for edge in found if edge.kind in (Kind.SYMBOLS, Kind.PROSE)} & apart
    for (later, earlier), edge in list(imported.items())[:show]:
        verdict = "right" if (later, earlier) in truth else "wrong"
        print(verdict, by_id[later].sha[:8], "needs", by_id[earlier].sha[:8], edge.evidence.why)
    return Counter(
        {
            "plans": 1,
            "pairs": len(apart),
            "true": len(truth),
            "edges": len(imported),
            "right": len(imported.keys() & truth),
            "soft": len(weighed),
            "soft right": len(weighed & truth),
            "by text": len(truth & text),
            "by both": len(truth & both),
            "idle by text": len(apart & text - truth),
            "idle by both": len(apart & both - truth),
        }
    )


if __name__ == "__main__":
    sys.exit(main())
