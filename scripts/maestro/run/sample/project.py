"""What the sample repository starts with: a little Python package with tests, a workflow, and a track of nine tasks in two phases."""

from __future__ import annotations

FILES: dict[str, str] = {
    ".gitignore": "__pycache__/\n",
    "README.md": "# pocket\n\nA tiny expense tracker, made to be finished by `maestro run demo`.\n",
    "pocket/__init__.py": '"""pocket: what did the money go to?"""\n',
    "pocket/config.py": 'CURRENCY = "EUR"\n',
    "pocket/cli.py": "def main(argv):\n    return 'pocket: nothing to show yet'\n",
    "tests/__init__.py": "",
    "tests/test_cli.py": (
        "import unittest\n\nfrom pocket import cli\n\n\nclass Cli(unittest.TestCase):\n"
        "    def test_speaks(self):\n        self.assertIn('pocket', cli.main([]))\n"
    ),
}

PLAN = """\
# Plan: an expense tracker that reports

## Phase 1: Building blocks

### Task 1.1: Add the money type
Amounts in cents, never floats.
- [ ] Create `pocket/money.py` with `Money`
- [ ] Create `tests/test_money.py`

### Task 1.2: Add categories
- [ ] Create `pocket/category.py` with `Category`
- [ ] Create `tests/test_category.py`

### Task 1.3: Add the storage
One JSON line for each entry.
- [ ] Create `pocket/store.py` with `Store`
- [ ] Create `tests/test_store.py`

### Task 1.4: Make the currency configurable
- [ ] Modify `pocket/config.py` to read `POCKET_CURRENCY`
- [ ] Create `tests/test_config.py`

### Task 1.5: Add the entry
Depends on Task 1.1 and Task 1.2.
- [ ] Create `pocket/entry.py` with `Entry`
- [ ] Create `tests/test_entry.py`

### Phase 1 Completion Verification
- [ ] User Manual Verification 'Building blocks'

## Phase 2: Reports

### Task 2.1: Sum up by category
- [ ] Create `pocket/report.py`
- [ ] Create `tests/test_report.py`

### Task 2.2: Export to CSV
- [ ] Create `pocket/export.py`
- [ ] Create `tests/test_export.py`

### Task 2.3: Warn about budgets
- [ ] Create `pocket/budget.py`
- [ ] Create `tests/test_budget.py`

### Task 2.4: Wire the command line
Depends on Task 2.1, Task 2.2 and Task 2.3.
- [ ] Modify `pocket/cli.py`
- [ ] Modify `tests/test_cli.py`

### Phase 2 Completion Verification
- [ ] User Manual Verification 'Reports'
"""

TRACK = "expenses"
DESCRIPTION = "An expense tracker that reports"
