#!/usr/bin/env python3
"""Set the marker of a task: `mark.py TASK new|progress|done|skipped|blocked [--sha SHA]`. See `--help`."""

import os
import sys

if sys.path[0] != os.path.dirname(os.path.realpath(__file__)):
    sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from maestro.bootstrap import main

if __name__ == "__main__":
    main("mark")
