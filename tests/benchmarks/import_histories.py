#!/usr/bin/env python3
"""What imports add to text: plans made of a repository's history, with the code at hand.

usage: import_histories.py REPOSITORY [--size 8] [--plans 150] [--show 5]

A plan is a run of consecutive commits that change source files: each commit is a task, its message is the task's text, its files are its scope, and the tree
before the first of them is the repository. One commit truly needs an earlier one when a line it changes mentions a public name whose signature the earlier
commit added, changed or removed, in a file that imports that name. Pairs that share a file are left out: there the file alone orders them.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scripts")]

from task_lists import Pair, closure  # noqa: E402

from maestro.evidence.detect import detect  # noqa: E402
from maestro.evidence.imports import Code  # noqa: E402
from maestro.models.dependency import Kind  # noqa: E402
from maestro.models.plan import Access, FileMention, Phase, Plan, Status, Task, TextLine  # noqa: E402

SOURCE = re.compile(r"\.(?:py|tsx?|jsx?|go|rs|java|rb)$")
TESTING = re.compile(r"(?:^|/)(?:tests?|spec|__tests__)/|[._]test\.|\.spec\.|_test\.go$|(?:^|/)test_", re.IGNORECASE)
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
            if 1 <= sum(bool(SOURCE.search(path)) for path, _ in touched) and len(touched) <= 20:
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
        for line in self.repository.git("show", "-U0", "--format=", "--no-renames", self.sha).splitlines():
            if line.startswith(("+++ b/", "--- a/")):
                path = line[6:]
            elif line.startswith(("+", "-")) and SOURCE.search(path):
                words.setdefault(path, set()).update(re.findall(r"[A-Za-z_$][\w$]*", line))
        return {path: frozenset(found) for path, found in words.items()}

    def needs(self, earlier: Commit) -> bool:
        for path, words in self.lines.items():
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


def plans(commits: Sequence[Commit], size: int, most: int) -> Iterator[Sequence[Commit]]:
    """Runs spread evenly over the history, not overlapping."""
    starts = range(0, len(commits) - size + 1, size)
    yield from (commits[start : start + size] for start in starts[:: max(1, len(starts) // most)][:most])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--size", type=int, default=8, help="commits in a plan")
    parser.add_argument("--plans", type=int, default=150)
    parser.add_argument("--show", type=int, default=0, help="print so many right and wrong edges")
    options = parser.parse_args()
    commits = Repository(options.repository).commits()
    pairs = true = by_text = by_both = edges = right = 0
    shown = {True: 0, False: 0}
    count = 0
    for run in plans(commits, options.size, options.plans):
        count += 1
        ids = [f"T{number}" for number in range(1, len(run) + 1)]
        apart = {(ids[b], ids[a]) for a in range(len(run)) for b in range(a + 1, len(run)) if not {p for p, _ in run[a].files} & {p for p, _ in run[b].files}}
        truth: set[Pair] = {(later, earlier) for later, earlier in apart if run[ids.index(later)].needs(run[ids.index(earlier)])}
        found = detect(plan_of(run), Tree(run[0].repository, f"{run[0].sha}~1")).dependencies
        text = closure((edge.task, edge.needs) for edge in found if edge.kind is not Kind.IMPORTS)
        both = closure((edge.task, edge.needs) for edge in found)
        pairs, true = pairs + len(apart), true + len(truth)
        by_text, by_both = by_text + len(truth & text), by_both + len(truth & both)
        for edge in found:
            if edge.kind is Kind.IMPORTS:
                good = (edge.task, edge.needs) in truth
                edges, right = edges + 1, right + good
                if shown[good] < options.show:
                    shown[good] += 1
                    print("right" if good else "wrong", run[ids.index(edge.task)].sha[:8], "needs", run[ids.index(edge.needs)].sha[:8], edge.evidence.why)
    print(f"{count} plans of {options.size} commits, {pairs} pairs without a common file, {true} true dependencies among them ({true / max(1, pairs):.1%})")
    print(f"found without imports {by_text}, with imports {by_both}; {edges} edges by imports, {right} of them true ({right / max(1, edges):.0%})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
