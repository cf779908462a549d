#!/usr/bin/env python3
"""Learn the weights of soft dependencies from real task lists, and say how good they are on lists from repositories they have not seen.

usage: fit_weights.py [--truth DIR] [--write FILE] [--no-folds] [--shuffles N]

For each repository the weights are learned without its lists and scored on them; every list thus meets weights that know nothing of its repository. With
--shuffles the repositories are also dealt into five folds, N times anew, for the spread. Then the weights are learned from all lists; --write puts them into
a table (FILE is read first, so its other fields and its comments stay). DIR defaults to MAESTRO_CORPUS.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scripts")]

from learning import Example, Fit, examples, learn, mean_score  # noqa: E402
from task_lists import Score, TaskList, balance, corpus, read_lists, score  # noqa: E402

from maestro.evidence.detect import detect  # noqa: E402
from maestro.evidence.weights import AT_HAND, SHIPPED, VARIABLE, Table, read_table  # noqa: E402

CAUTION = 0.1
"""Taken off the start: an edge claims more than its own pair, namely all that comes with it."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--truth", type=Path, default=corpus())
    parser.add_argument("--write", type=Path, help="the table to put the weights into")
    parser.add_argument("--no-folds", action="store_true", help="only learn from all lists")
    parser.add_argument("--shuffles", type=int, default=0, help="also deal the repositories into five folds so many times")
    options = parser.parse_args()
    if options.truth is None:
        parser.error("name the folder of the lists with --truth or MAESTRO_CORPUS")
    lists = read_lists(options.truth)
    table = read_table(SHIPPED)
    known = {one.name: examples(one, table) for one in lists}
    print(f"{len(lists)} lists of {len({one.repository for one in lists})} repositories, {sum(map(len, known.values()))} pairs")
    if not options.no_folds:
        report("each repository by weights learned without it", cross_validated(lists, known, table))
    if options.shuffles:
        shuffled(lists, known, table, options.shuffles)
    fit = learn(lists, known, table)
    text = filled_in(fit, start_of(fit, lists, known, table), (options.write or SHIPPED).read_text(encoding="utf-8"))
    report("all lists by weights learned from all", scored(lists, text))
    if options.write:
        options.write.write_text(text, encoding="utf-8")
        if options.write.samefile(SHIPPED):
            AT_HAND.write_text(at_hand(text), encoding="utf-8")
    return 0


def cross_validated(lists: Sequence[TaskList], known: dict[str, list[Example]], table: Table) -> dict[str, Score]:
    scores: dict[str, Score] = {}
    for repository in sorted({one.repository for one in lists}):
        began = time.monotonic()
        here = scores_without({repository}, lists, known, table)
        scores |= here
        both = [one for one in here.values() if one.safety is not None and one.freedom is not None]
        figures = "balance {:.3f}  safety {:.3f}  freedom {:.3f}".format(*balance(both)) if both else "nothing to score"
        print(f"  {repository:45} {len(here):3} lists  {figures}  ({time.monotonic() - began:.0f} s)", flush=True)
    return scores


def shuffled(lists: Sequence[TaskList], known: dict[str, list[Example]], table: Table, times: int) -> None:
    """Prints the mean and the standard deviation over shuffles of five folds, repositories kept whole."""
    repositories = sorted({one.repository for one in lists})
    figures = []
    for seed in range(times):
        dealt = random.Random(seed).sample(repositories, len(repositories))
        scores: dict[str, Score] = {}
        for fold in range(5):
            scores |= scores_without(set(dealt[fold::5]), lists, known, table)
        figures.append(balance(scores.values()))
    columns = zip(("balance", "safety", "freedom"), zip(*figures, strict=True), strict=True)
    told = "  ".join(f"{name} {statistics.mean(values):.3f} ± {statistics.pstdev(values):.3f}" for name, values in columns)
    print(f"five folds of repositories, {times} times: {told}")


def scores_without(held_out: set[str], lists: Sequence[TaskList], known: dict[str, list[Example]], table: Table) -> dict[str, Score]:
    """The scores of these repositories' lists by weights learned from all others."""
    others = [one for one in lists if one.repository not in held_out]
    fit = learn(others, known, table)
    text = filled_in(fit, start_of(fit, others, known, table), SHIPPED.read_text(encoding="utf-8"))
    return scored([one for one in lists if one.repository in held_out], text)


def start_of(fit: Fit, lists: Sequence[TaskList], known: dict[str, list[Example]], table: Table) -> float:
    """The start that leaves the mean list where it was before centring."""
    means = [mean_score(fit, known[one.name]) for one in lists if known[one.name]]
    return fit.start + table.centring * sum(means) / len(means) - CAUTION


def filled_in(fit: Fit, start: float, text: str) -> str:
    """The text of a table with these weights instead of its own."""
    text = re.sub(r"(?m)^start = .*$", f"start = {start:.2f}", text)
    for name, weight in fit.weights.items():
        text, times = re.subn(rf'(?m)^(name = "{re.escape(name)}"\n(?:.+\n)*?weight = )(-?)[\d.]+$', rf"\g<1>\g<2>{abs(weight):.2f}", text)
        assert times == 1, name
    return text


def at_hand(text: str) -> str:
    """A table as the doors read it."""
    return json.dumps(tomllib.loads(text), indent=1, ensure_ascii=False) + "\n"


def scored(lists: Sequence[TaskList], text: str) -> dict[str, Score]:
    """How well the whole of detection does on these lists when it weighs by this table."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "weights.toml")
        file.write_text(text, encoding="utf-8")
        before = os.environ.get(VARIABLE)
        os.environ[VARIABLE] = str(file)
        read_table.cache_clear()
        try:
            return {one.name: score(one, [(edge.task, edge.needs) for edge in detect(one.plan).dependencies]) for one in lists}
        finally:
            read_table.cache_clear()
            os.environ.pop(VARIABLE)
            if before is not None:
                os.environ[VARIABLE] = before


def report(title: str, scores: dict[str, Score]) -> None:
    print("{}: balance {:.3f}  safety {:.3f}  freedom {:.3f}".format(title, *balance(scores.values())))
    by_source: dict[str, list[Score]] = {}
    for name, one in scores.items():
        by_source.setdefault(name.partition("__")[0], []).append(one)
    for source, some in sorted(by_source.items()):
        if any(one.safety is not None and one.freedom is not None for one in some):
            print("  {:20} balance {:.3f}  safety {:.3f}  freedom {:.3f}".format(source, *balance(some)))


if __name__ == "__main__":
    sys.exit(main())
