#!/usr/bin/env python3
"""Show a plan as maestro reads it, and check it: `plan.py show`, `lint`. See `--help`."""

import os
import sys

if sys.path[0] != os.path.dirname(os.path.realpath(__file__)):
    sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from maestro.bootstrap import main

if __name__ == "__main__":
    main("plan")
