#!/usr/bin/env python3
"""Execute a track: `run.py start`, `next`, `done`, `status`, `exec`, `demo` and the other verbs of a run. See `--help`."""

import os
import sys

if sys.path[0] != os.path.dirname(os.path.realpath(__file__)):
    sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from maestro.bootstrap import main

if __name__ == "__main__":
    main("run")
