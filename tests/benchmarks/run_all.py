#!/usr/bin/env python3
"""Measure maestro and write BENCHMARKS.md.

usage: run_all.py [--only start|scale|schedule|real ...] [--quick] [--write FILE]

Takes under 10 minutes on two cores that do nothing else. The schedule is measured on the plans in the folder that
MAESTRO_CORPUS names, on made ones without it. With --write, sections that were not measured keep what FILE says of them.
--quick measures almost nothing, to see that the benchmarks work.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "run"), str(HERE.parents[1] / "scripts")]

SECTIONS = {
    "start": "Start-up",
    "scale": "Scale",
    "schedule": "The schedule",
    "real": "The real thing",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n\n")[0])
    parser.add_argument("--only", action="append", choices=list(SECTIONS), help="measure this section; may be repeated")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, one round")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the report there instead of to stdout")
    options = parser.parse_args()
    sections = _sections(options.write) if options.write else {}
    for name in options.only or SECTIONS:
        print(f"{name} ...", file=sys.stderr)
        sections[name] = _measured(name, options.quick)
    report = _document(sections)
    if options.write:
        options.write.write_text(report, encoding="utf-8")
    else:
        print(report, end="")
    return 0


def _measured(name: str, quick: bool) -> str:
    from figures import machine

    body = import_module(name).measure(quick)
    stamp = datetime.now(UTC).strftime("%Y-%m-%d")
    return f"## {SECTIONS[name]}\n\n{body}\n\nMeasured {stamp}{' (quick: sizes say nothing)' if quick else ''} on {machine()}"


def _sections(path: Path) -> dict[str, str]:
    """The sections that a report holds already."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = re.split(r"(?m)^(?=## )", text)
    return {name: part.rstrip() for part in parts for name, title in SECTIONS.items() if part.startswith(f"## {title}\n")}


def _document(sections: dict[str, str]) -> str:
    head = "# Benchmarks\n\nWritten by `python tests/benchmarks/run_all.py --write BENCHMARKS.md`. Ratios first: they mean something on other machines too."
    return "\n\n".join([head, *(sections[name] for name in SECTIONS if name in sections)]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
