#!/usr/bin/env python3
"""Show waves, dependencies with their evidence, and the advised mode: `waves.py [TRACK]`, `why`, `graph`. Changes nothing. See `--help`."""

import os
import sys

if sys.path[0] != os.path.dirname(os.path.realpath(__file__)):
    sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from maestro.bootstrap import main

if __name__ == "__main__":
    main("waves")
