#!/usr/bin/env python3
"""Look at and change the issue tracker beside a plan: `beads.py probe`, `tasks`, `claim`, `release`, `close`, `sync`, `status`, `from-plan`. See `--help`."""

import os
import sys

if sys.path[0] != os.path.dirname(os.path.realpath(__file__)):
    sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from maestro.bootstrap import main

if __name__ == "__main__":
    main("beads")
