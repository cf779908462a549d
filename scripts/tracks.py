#!/usr/bin/env python3
"""List, select, make and adopt tracks: `tracks.py list`, `select`, `new`, `status`, `adopt`. See `--help`."""

import os
import sys

if sys.path[0] != os.path.dirname(os.path.realpath(__file__)):
    sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from maestro.bootstrap import main

if __name__ == "__main__":
    main("tracks")
