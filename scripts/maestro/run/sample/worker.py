"""The demo's worker: takes a brief like an agent would, thinks for a moment, writes code and tests, and runs them.

It is deterministic, with two deliberate lapses: task 1.2 needs a setting in a file that nobody declared, and the first attempt on task 1.3 forgets to write its
index, which its own test does not notice until the tests of the whole project run.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

THINKING = {"1.1": 2.4, "1.2": 0.8, "1.3": 1.6, "1.4": 1.6, "1.5": 1.6, "2.1": 2.0, "2.2": 1.6, "2.3": 1.8, "2.4": 1.2}
"""Seconds each task takes, as if somebody thought about it."""

TEST = "import unittest\n\n{imports}\n\n\nclass {name}(unittest.TestCase):\n    def test_{what}(self):\n{body}\n"


def test(imports: str, name: str, what: str, *body: str) -> str:
    return TEST.format(imports=imports, name=name, what=what, body="\n".join(f"        {line}" for line in body))


WORK: dict[str, dict[str, str]] = {
    "1.1": {
        "pocket/money.py": (
            "from dataclasses import dataclass\n\n\n@dataclass(frozen=True, order=True)\nclass Money:\n    cents: int\n\n"
            "    def __add__(self, other):\n        return Money(self.cents + other.cents)\n\n"
            "    def __str__(self):\n        return f'{self.cents // 100}.{self.cents % 100:02d}'\n"
        ),
        "tests/test_money.py": test("from pocket.money import Money", "Sums", "adds", "self.assertEqual(str(Money(199) + Money(1)), '2.00')"),
    },
    "1.2": {
        "pocket/category.py": "from pocket.config import CATEGORIES\n\n\nclass Category(str):\n    def __new__(cls, name):\n"
        "        if name not in CATEGORIES:\n            raise ValueError(name)\n        return super().__new__(cls, name)\n",
        "pocket/config.py": "CURRENCY = \"EUR\"\n\nCATEGORIES = ('food', 'home', 'fun')\n",
        "tests/test_category.py": test("from pocket.category import Category", "Names", "knows_food", "self.assertEqual(Category('food'), 'food')"),
    },
    "1.3": {
        "pocket/store.py": (
            "import json\n\n\nclass Store:\n    def __init__(self, path):\n        self.path = path\n\n"
            "    def add(self, row):\n        with open(self.path, 'a', encoding='utf-8') as file:\n            file.write(json.dumps(row) + '\\n')\n\n"
            "    def rows(self):\n        try:\n            with open(self.path, encoding='utf-8') as file:\n"
            "                return [json.loads(line) for line in file]\n"
            "        except FileNotFoundError:\n            return []\n"
        ),
        "tests/test_store.py": test(
            "import os\nimport tempfile\n\nfrom pocket.store import Store",
            "Keeps",
            "keeps_rows",
            "with tempfile.TemporaryDirectory() as folder:",
            "    store = Store(os.path.join(folder, 'rows'))",
            "    self.assertEqual(store.rows(), [])",
            "    store.add({'cents': 5})",
            "    self.assertEqual(store.rows(), [{'cents': 5}])",
        ),
    },
    "1.4": {
        "pocket/config.py": "import os\n\nCURRENCY = os.environ.get('POCKET_CURRENCY', 'EUR')\n\nCATEGORIES = ('food', 'home', 'fun')\n",
        "tests/test_config.py": test("from pocket import config", "Currency", "has_one", "self.assertTrue(config.CURRENCY)"),
    },
    "1.5": {
        "pocket/entry.py": "from dataclasses import dataclass\n\nfrom pocket.category import Category\nfrom pocket.money import Money\n\n\n"
        "@dataclass(frozen=True)\nclass Entry:\n    what: str\n    money: Money\n    category: Category\n",
        "tests/test_entry.py": test(
            "from pocket.category import Category\nfrom pocket.entry import Entry\nfrom pocket.money import Money",
            "Entries",
            "holds_money",
            "self.assertEqual(str(Entry('tea', Money(250), Category('food')).money), '2.50')",
        ),
    },
    "2.1": {
        "pocket/report.py": "from pocket.money import Money\n\n\ndef by_category(entries):\n    sums = {}\n    for entry in entries:\n"
        "        sums[entry.category] = sums.get(entry.category, Money(0)) + entry.money\n    return sums\n",
        "tests/test_report.py": test(
            "from pocket.category import Category\nfrom pocket.entry import Entry\nfrom pocket.money import Money\nfrom pocket.report import by_category",
            "Report",
            "sums",
            "tea = Entry('tea', Money(250), Category('food'))",
            "self.assertEqual(by_category([tea, tea]), {'food': Money(500)})",
        ),
    },
    "2.2": {
        "pocket/export.py": "import csv\nimport io\n\n\ndef to_csv(entries):\n    out = io.StringIO()\n    writer = csv.writer(out, lineterminator='\\n')\n"
        "    writer.writerows((entry.what, str(entry.money), entry.category) for entry in entries)\n    return out.getvalue()\n",
        "tests/test_export.py": test(
            "from pocket.category import Category\nfrom pocket.entry import Entry\nfrom pocket.export import to_csv\nfrom pocket.money import Money",
            "Export",
            "writes_rows",
            "self.assertEqual(to_csv([Entry('tea', Money(250), Category('food'))]), 'tea,2.50,food\\n')",
        ),
    },
    "2.3": {
        "pocket/budget.py": "def over(sums, limits):\n    return sorted(name for name, money in sums.items() if name in limits and money > limits[name])\n",
        "tests/test_budget.py": test(
            "from pocket.budget import over\nfrom pocket.money import Money",
            "Budget",
            "warns",
            "self.assertEqual(over({'fun': Money(900)}, {'fun': Money(500)}), ['fun'])",
        ),
    },
    "2.4": {
        "pocket/cli.py": "from pocket import budget, export, report\n\n"
        "COMMANDS = {'report': report.by_category, 'export': export.to_csv, 'over': budget.over}\n\n\n"
        "def main(argv):\n    return 'pocket: ' + ', '.join(sorted(COMMANDS))\n",
        "tests/test_cli.py": test("from pocket import cli", "Cli", "names_commands", "self.assertEqual(cli.main([]), 'pocket: export, over, report')"),
    },
}


def main() -> None:
    task, attempt = os.environ["MAESTRO_TASK"], os.environ["MAESTRO_ATTEMPT"]
    brief = sys.stdin.read()
    assert task in brief, "an agent reads its brief first"
    time.sleep(THINKING[task])
    files = dict(WORK[task])
    if (task, attempt) == ("1.3", "1"):
        files["pocket/store.py"] = files["pocket/store.py"].replace(" + '\\n'", "")
        files["tests/test_store.py"] = (
            files["tests/test_store.py"]
            .replace("    store.add({'cents': 5})", "    [store.add({'cents': 5}) for _ in range(2)]")
            .replace("[{'cents': 5}])", "[{'cents': 5}] * 2)")
        )
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    report = {"handle": os.environ["MAESTRO_HANDLE"], "status": "done", "summary": f"Wrote {', '.join(files)}."}
    Path(os.environ["MAESTRO_RESULT_FILE"]).write_text(json.dumps(report), encoding="utf-8")
    print(report["summary"])


if __name__ == "__main__":
    main()
