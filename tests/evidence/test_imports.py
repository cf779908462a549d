"""What imports say: which module takes in which name, and which tasks that puts in order."""

from __future__ import annotations

import pytest

from evidence.sketch import FakeView, plan, task
from maestro.evidence.code import grammars, python
from maestro.evidence.code.resolve import Resolver
from maestro.evidence.detect import detect
from maestro.evidence.imports import Code
from maestro.models.dependency import Dependency, Kind, Strength
from maestro.models.plan import Access, Task

grammar = pytest.mark.skipif(not grammars.available(), reason="ast-grep-py is not installed (maestro[imports])")


def test_python_imports_and_the_names_used_through_a_module() -> None:
    module = python.read("from shop.store import keep as k\nimport shop.mail\nshop.mail.send()\n")
    taken = {one.source: one.names for one in module.imports}
    assert taken["shop.store"] == {"keep"}
    assert taken["shop.mail"] >= {"send"}


def test_python_exports_are_public_names_with_what_callers_see() -> None:
    before = python.read("def keep(order): ...\ndef _hidden(): ...\nclass Store:\n    def put(self, order): ...\n").exports
    after = python.read("def keep(order, twice=False): ...\nclass Store:\n    def put(self, order): return 1\n").exports
    assert set(before) == {"keep", "Store"}
    assert before["keep"] != after["keep"]
    assert before["Store"] == after["Store"], "a body is nobody's business"


def test_what_cannot_be_parsed_says_nothing() -> None:
    assert python.read("def broken(:").imports == ()


@grammar
@pytest.mark.parametrize(
    ("language", "text", "source", "names", "exports"),
    [
        (
            "typescript",
            'import {keep, type Order as O} from "./store"\nexport class Page {}\nexport const size = 1',
            "./store",
            {"keep", "Order"},
            {"Page", "size"},
        ),
        ("typescript", 'import * as store from "./store"\nstore.keep(1)\nexport function show() {}', "./store", {"keep"}, {"show"}),
        ("javascript", 'const store = require("./store")\nstore.keep()\nexport default function main() {}', "./store", {"*", "keep"}, {"default", "main"}),
        (
            "javascript",
            'const { keep, take: t } = require("./store")\nfunction show() {}\nmodule.exports = { show, hide: show }',
            "./store",
            {"keep", "take"},
            {"show", "hide"},
        ),
        ("javascript", 'require("./store")\nclass Page {}\nmodule.exports = Page', "./store", {"*"}, {"Page"}),
        ("javascript", 'require("./store")\nexports.show = () => 1\nmodule.exports.hide = hide', "./store", {"*"}, {"show", "hide"}),
        ("go", 'package p\nimport "shop/store"\nfunc Show() { store.Keep() }\nfunc hidden() {}', "shop/store", {"Keep"}, {"Show"}),
        ("rust", "use crate::store::{keep, Order};\npub fn show() {}\nfn hidden() {}", "crate::store", {"Order"}, {"show"}),
        ("java", "import com.shop.Store;\npublic class Page { public void show() {} }", "com.shop.Store", {"Store"}, {"Page", "show"}),
        ("ruby", 'require_relative "store"\nclass Page\n  def show; Store.keep; end\nend', "./store", {"Store"}, {"Page", "show"}),
    ],
)
def test_other_languages(language: str, text: str, source: str, names: set[str], exports: set[str]) -> None:
    module = grammars.reader(language)(text)
    taken = [one.names for one in module.imports if one.source == source]
    assert taken and names <= frozenset().union(*taken)
    assert set(module.exports) == exports


@pytest.mark.parametrize(
    ("files", "importer", "source", "target"),
    [
        ({"src/shop/store.py", "src/shop/page.py"}, "src/shop/page.py", "shop.store", "src/shop/store.py"),
        ({"src/shop/store.py", "src/shop/page.py"}, "src/shop/page.py", ".store", "src/shop/store.py"),
        ({"shop/__init__.py", "shop/views/page.py"}, "shop/views/page.py", "..", "shop/__init__.py"),
        ({"web/page.tsx", "web/store.ts"}, "web/page.tsx", "./store.js", "web/store.ts"),
        ({"src/page.ts", "src/store/index.ts"}, "src/page.ts", "@/store", "src/store/index.ts"),
        ({"internal/store/store.go", "cmd/page.go"}, "cmd/page.go", "example.com/shop/internal/store", "internal/store/store.go"),
        ({"src/store.rs", "src/views/page.rs"}, "src/views/page.rs", "crate::store::Order", "src/store.rs"),
        ({"app/src/main/java/com/shop/Store.java"}, "app/src/main/java/com/shop/Page.java", "com.shop.Store", "app/src/main/java/com/shop/Store.java"),
        ({"lib/shop/store.rb", "lib/shop/page.rb"}, "lib/shop/page.rb", "./store", "lib/shop/store.rb"),
    ],
)
def test_an_import_leads_to_a_file(files: set[str], importer: str, source: str, target: str) -> None:
    assert Resolver(frozenset(files)).targets(importer, source) == [target]


def test_an_import_that_could_mean_two_files_or_none_leads_nowhere() -> None:
    resolver = Resolver(frozenset({"one/store.py", "two/store.py"}))
    assert resolver.targets("three/page.py", "store") == []
    assert resolver.targets("three/page.py", "json") == []


SHOP = {
    "shop/__init__.py": "from shop.store import keep\n",
    "shop/store.py": "def keep(order): ...\ndef count(): ...\n",
    "shop/page.py": "from shop.store import keep\nkeep(1)\n",
    "shop/mail.py": "from shop import keep\nkeep(2)\n",
    "shop/chart.py": "from shop.store import count\n",
}


def changes(id: str, path: str, *text: str, access: Access = Access.MODIFY) -> Task:
    return task(id, "Work on it", *text, files=[(path, access)])


def by_imports(*tasks: Task, files: dict[str, str] | None = None) -> dict[tuple[str, str], Dependency]:
    found = detect(plan(*tasks), FakeView(SHOP if files is None else files))
    return {(edge.task, edge.needs): edge for edge in found.dependencies if edge.kind is Kind.IMPORTS}


def test_whoever_changes_a_public_name_comes_before_who_works_in_a_module_that_takes_it_in() -> None:
    edges = by_imports(changes("1", "shop/store.py", "Give `keep()` a second argument."), changes("2", "shop/page.py", "Show more."))
    edge = edges["2", "1"]
    assert (edge.strength, edge.evidence.text) == (Strength.SOFT, "Give `keep()` a second argument.")
    assert edge.evidence.why == "task 1 changes keep of shop/store.py, and shop/page.py imports shop/store.py (line 1)"


def test_the_chain_goes_through_files_that_pass_imports_on() -> None:
    edges = by_imports(changes("1", "shop/store.py", "Give `keep()` a second argument."), changes("2", "shop/mail.py", "Send more."))
    assert "shop/mail.py imports shop/__init__.py imports shop/store.py" in edges["2", "1"].evidence.why


@pytest.mark.parametrize(
    ("said", "path"),
    [("Make it faster.", "shop/page.py"), ("Give `keep()` a second argument.", "shop/chart.py")],
)
def test_an_import_alone_orders_nothing(said: str, path: str) -> None:
    """Without a public name in the text, or when the other module takes in another name."""
    assert not by_imports(changes("1", "shop/store.py", said), changes("2", path, "Show more."))


def test_callers_wait_for_a_rename() -> None:
    assert ("2", "1") in by_imports(changes("1", "shop/store.py", access=Access.RENAME), changes("2", "shop/page.py", "Show more."))


def test_the_order_of_the_plan_is_kept() -> None:
    assert not by_imports(changes("1", "shop/page.py", "Show more."), changes("2", "shop/store.py", "Give `keep()` a second argument."))


def test_without_a_repository_nothing_is_imported() -> None:
    tasks = changes("1", "shop/store.py", "Give `keep()` a second argument."), changes("2", "shop/page.py")
    assert Kind.IMPORTS not in {edge.kind for edge in detect(plan(*tasks)).dependencies}


def test_modules_that_import_each_other_are_followed_once() -> None:
    code = Code(FakeView({"a.py": "from b import x\n", "b.py": "from a import y\nx = 1\n"}))
    assert set(code.imported("a.py")) == {"b.py"}
