"""The scope of a task: which paths its text claims, and how."""

from __future__ import annotations

import pytest

from evidence.sketch import FakeView, plan, task
from maestro.documents.plans import parse_plan
from maestro.evidence.detect import detect
from maestro.evidence.pathforms import Escape, normalise
from maestro.models.plan import Access, Field, Plan, Task

REPOSITORY = FakeView(
    ["src/app.ts", "src/auth/login.ts", "src/auth/session.ts", "tests/test_app.py", "README.md", "docs/guide.md", "lib/a/util.py", "lib/b/util.py"]
)


def scope_of(one: Task, view: FakeView | None = None, dialect: str = "maestro") -> dict[str, Access]:
    found = detect(plan(one, dialect=dialect), view)
    return {entry.path: entry.access for entry in found.scopes[one.id]}


def scope(*lines: str, title: str = "Do the work", view: FakeView | None = None) -> dict[str, Access]:
    return scope_of(task("1.1", title, *lines), view)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("src/a.ts", "src/a.ts"),
        ("./src/a.ts", "src/a.ts"),
        ("src//a.ts", "src/a.ts"),
        ("src/./b/../a.ts", "src/a.ts"),
        ("src\\nested\\a.ts", "src/nested/a.ts"),
        ("src/a.py:10-20", "src/a.py"),
        ("src/a.py:12,40-44", "src/a.py"),
        ("src/a.py:123", "src/a.py"),
        ("src/a.ts#L10-L20", "src/a.ts"),
        ("src/a.ts (new)", "src/a.ts"),
        ("'src/a.ts'", "src/a.ts"),
        ("`src/a.ts`,", "src/a.ts"),
        ("src/a.ts.", "src/a.ts"),
        ("src/", "src/"),
        ("src/**", "src/"),
        ("src/**/*.ts", "src/**/*.ts"),
        ("app/[slug]/page.tsx", "app/[slug]/page.tsx"),
        ("pkg/__init__.py", "pkg/__init__.py"),
    ],
)
def test_one_form_for_each_path(written: str, path: str) -> None:
    assert normalise(written) == path


@pytest.mark.parametrize("written", ["../other/a.ts", "src/../../a.ts", "/etc/hosts", "~/.bashrc", "C:\\temp\\a.txt"])
def test_paths_never_leave_the_repository(written: str) -> None:
    with pytest.raises(Escape):
        normalise(written)


def test_a_path_outside_is_dropped_with_a_note() -> None:
    found = detect(plan(task("1.1", "Do the work", "Update `../other/a.ts` and `/etc/app.conf` and `src/a.ts`.")))
    assert [entry.path for entry in found.scopes["1.1"]] == ["src/a.ts"]
    assert [note.code for note in found.notes if note.code == "path-outside"] == ["path-outside"] * 2


def test_an_absolute_path_of_another_machine_means_the_file_it_ends_with() -> None:
    assert scope("Modify `/home/someone/project/src/auth/login.ts`.", view=REPOSITORY) == {"src/auth/login.ts": Access.MODIFY}


def test_one_such_file_tells_where_the_author_keeps_the_repository() -> None:
    lines = ("Create `/home/someone/project/src/fresh.ts`.", "Modify `/home/someone/project/src/app.ts`.")
    assert scope(*lines, view=REPOSITORY) == {"src/fresh.ts": Access.CREATE, "src/app.ts": Access.MODIFY}


def test_a_list_without_repository_keeps_its_absolute_names() -> None:
    found = detect(plan(task("1", "Update `/srv/app/a.ts`"), task("2", "Update `/srv/app/a.ts`"), dialect="neutral"))
    assert [(edge.task, edge.needs) for edge in found.dependencies] == [("2", "1")]


@pytest.mark.parametrize(
    ("line", "path", "access"),
    [
        ("Create `src/a.ts`.", "src/a.ts", Access.CREATE),
        ("Add src/a.ts with the model", "src/a.ts", Access.CREATE),
        ("Implement the parser in `src/a.ts`.", "src/a.ts", Access.CREATE),
        ("Write tests in tests/test_a.py", "tests/test_a.py", Access.CREATE),
        ("Add a route to `src/a.ts`.", "src/a.ts", Access.MODIFY),
        ("Add a flag in `src/a.ts`.", "src/a.ts", Access.MODIFY),
        ("Modify `src/a.ts`", "src/a.ts", Access.MODIFY),
        ("Update src/a.ts", "src/a.ts", Access.MODIFY),
        ("Refactor `src/a.ts`", "src/a.ts", Access.MODIFY),
        ("Fix the leak in `src/a.ts`.", "src/a.ts", Access.MODIFY),
        ("Remove the flag from `src/a.ts`.", "src/a.ts", Access.MODIFY),
        ("Export it from `src/a.ts`.", "src/a.ts", Access.MODIFY),
        ("Add an import in `src/a.ts`.", "src/a.ts", Access.MODIFY),
        ("Update the references in `src/a.ts`.", "src/a.ts", Access.MODIFY),
        ("- `src/a.ts` (new)", "src/a.ts", Access.CREATE),
        ("- `src/a.ts` - delete", "src/a.ts", Access.DELETE),
        ("Create fixtures in `testdata/`.", "testdata/", Access.CREATE),
        ("Add login to src/auth/", "src/auth/", Access.CREATE),
        ("Delete `src/a.ts`.", "src/a.ts", Access.DELETE),
        ("Remove src/a.ts", "src/a.ts", Access.DELETE),
        ("Read `src/a.ts` first.", "src/a.ts", Access.READ),
        ("See src/a.ts for the style", "src/a.ts", Access.READ),
        ("Use the helper from `src/a.ts`.", "src/a.ts", Access.READ),
        ("Import the type from src/a.ts", "src/a.ts", Access.READ),
        ("Handle errors as in `src/a.ts`.", "src/a.ts", Access.READ),
        ("Run `pytest tests/test_a.py -v`", "tests/test_a.py", Access.READ),
        ("Verify that `src/a.ts` compiles", "src/a.ts", Access.READ),
        ("`src/a.ts`: the auth service", "src/a.ts", Access.MODIFY),
        ("- Create: `src/a.ts`", "src/a.ts", Access.CREATE),
        ("- Modify: `src/a.ts:10-20`", "src/a.ts", Access.MODIFY),
        ("- Test: `tests/test_a.py`", "tests/test_a.py", Access.MODIFY),
        ("**Files:** src/a.ts", "src/a.ts", Access.MODIFY),
        ("Refactor `src/**`", "src/", Access.MODIFY),
        ("Rewrite everything under `src/auth/`.", "src/auth/", Access.MODIFY),
        ("Rework everything in `src/auth/`.", "src/auth/", Access.MODIFY),
        ("Restyle `src/app.css`.", "src/app.css", Access.MODIFY),
        ("Update tests/*.py", "tests/*.py", Access.MODIFY),
        ("Fix lint in `src/{a,b}.ts`", "src/{a,b}.ts", Access.MODIFY),
        ("Update the `.env.example` file", ".env.example", Access.MODIFY),
        ("Update the Makefile", "Makefile", Access.MODIFY),
        ("Update .github/workflows/ci.yml", ".github/workflows/ci.yml", Access.MODIFY),
    ],
)
def test_access_from_the_words_around_a_path(line: str, path: str, access: Access) -> None:
    assert scope(line) == {path: access}


@pytest.mark.parametrize(
    "line",
    [
        "Fetch https://example.com/docs/index.html and http://localhost:3000/a.json",
        "Serve it on api.example.com/v1",
        "Upgrade to v1.2.3, scores are 0.0-1.0",
        "Use a fast format, e.g. a binary one, i.e. none",
        "Runs on Node.js and Vue.js",
        "read and/or write, n/a, input/output, TCP/IP, CI/CD, client/server",
        "Call `src.module.name` and `logger.info`",
        "Return `res.json()` from `process.env`",
        "Mail to someone@example.com",
        "Install `@scope/package` and actions/checkout@v4",
        "Send application/json or image/png",
        "`GET /api/users/:id` answers",
        "Branch feature/login off origin/main",
        "Due 2024/01/02, about 1/2 done",
        "Press Ctrl/Cmd",
        "`const x = import('./b')`",
        "Find `.py` and `.vue` files",
        "Lines end in \\n\\nand go on",
        "In .worktrees/feature or node_modules/a/index.js",
    ],
)
def test_things_that_look_like_paths(line: str) -> None:
    assert scope(line) == {}


@pytest.mark.parametrize("path", ["app/models/user.rb", "app/page.tsx", "dev/setup.sh", "sh/run.sh"])
def test_a_folder_that_is_named_like_the_end_of_a_domain_is_a_folder(path: str) -> None:
    assert scope(f"Create `{path}`, see docs.example.app/guide.html") == {path: Access.CREATE}


def test_code_blocks_are_examples() -> None:
    assert scope_of(task("1.1", "Do the work", code=["```", "open('src/secret.py')", "src/a.ts", "```"])) == {}


def test_titles_boxes_fields_and_declared_files_count() -> None:
    one = task("1.1", "Build `src/title.ts`", boxes=["Create `src/box.ts`"], files=[("src/made.ts", Access.CREATE), "src/plain.ts:10", "src/new.ts (new)"])
    one = Task(one.id, one.title, one.line, one.phase, one.status, None, (), one.boxes, one.files, (Field("files", "src/field.ts", 1),))
    assert set(scope_of(one)) == {"src/title.ts", "src/box.ts", "src/made.ts", "src/plain.ts", "src/new.ts", "src/field.ts"}


def test_the_repository_tells_new_files_from_old_ones() -> None:
    one = task("1.1", "Do the work", "Create `src/app.ts` and `src/fresh.ts`.", files=["docs/guide.md", "docs/fresh.md"])
    assert scope_of(one, REPOSITORY) == {
        "src/app.ts": Access.MODIFY,
        "src/fresh.ts": Access.CREATE,
        "docs/guide.md": Access.MODIFY,
        "docs/fresh.md": Access.CREATE,
    }


@pytest.mark.parametrize("line", ["Rename `src/old.ts` to `src/new.ts`", "Move src/old.ts -> src/new.ts", "Rename: `src/old.ts` → `src/new.ts`"])
def test_a_rename_leaves_one_path_and_makes_another(line: str) -> None:
    assert scope(line) == {"src/old.ts": Access.RENAME, "src/new.ts": Access.CREATE}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("`git mv src/a.ts lib/a.ts`", {"src/a.ts": Access.RENAME, "lib/a.ts": Access.CREATE}),
        ("`rm -rf src/a.ts`", {"src/a.ts": Access.DELETE}),
        ("`cp src/a.ts src/b.ts`", {"src/a.ts": Access.READ, "src/b.ts": Access.CREATE}),
        ("`mkdir -p src/auth/`", {"src/auth/": Access.CREATE}),
        ("Update `src/a.ts` (remove the old tests)", {"src/a.ts": Access.MODIFY}),
        ("Copy `src/a.ts` to `src/b.ts`", {"src/a.ts": Access.READ, "src/b.ts": Access.CREATE}),
        ("Split `src/a.ts` into `src/b.ts` and `src/c.ts`", {"src/a.ts": Access.MODIFY, "src/b.ts": Access.CREATE, "src/c.ts": Access.CREATE}),
        ("Update `src/a.ts`, `src/b.ts` and src/c.ts", dict.fromkeys(["src/a.ts", "src/b.ts", "src/c.ts"], Access.MODIFY)),
        ("Create `src/a.ts` and update `src/b.ts`", {"src/a.ts": Access.CREATE, "src/b.ts": Access.MODIFY}),
        ("Update `src/a.ts` to call `src/b.ts`", {"src/a.ts": Access.MODIFY, "src/b.ts": Access.READ}),
    ],
)
def test_several_paths_in_a_line(line: str, expected: dict[str, Access]) -> None:
    assert scope(line) == expected


def test_a_bare_name_is_the_one_file_of_that_name() -> None:
    assert scope("Update session.ts.", view=REPOSITORY) == {"src/auth/session.ts": Access.MODIFY}
    assert scope("Update src/auth/token.ts.", "Then test token.ts.") == {"src/auth/token.ts": Access.MODIFY}


def test_case_does_not_make_another_file() -> None:
    assert scope("Update `SRC/App.ts`", view=REPOSITORY) == {"src/app.ts": Access.MODIFY}
    assert len(scope("Update `src/A.ts` and `src/a.ts`")) == 1


def test_a_folder_that_only_says_where_the_files_lie() -> None:
    assert scope("Build auth in `src/auth/`:", "Create `src/auth/login.ts`.") == {"src/auth/login.ts": Access.CREATE}


def test_a_folder_without_slash_is_known_from_the_repository() -> None:
    assert scope("Refactor `src/auth`", view=REPOSITORY) == {"src/auth/": Access.MODIFY}


def test_files_below_a_label() -> None:
    lines = ("**Files to Create:**", "- `src/a.ts`", "- `src/b.ts` (new)", "", "**Files to Modify:**", "- `src/c.ts`", "**Reference:**", "- `src/d.ts`")
    assert scope(*lines) == {"src/a.ts": Access.CREATE, "src/b.ts": Access.CREATE, "src/c.ts": Access.MODIFY, "src/d.ts": Access.READ}


def test_what_a_task_with_a_list_of_files_only_mentions_is_read() -> None:
    assert scope("**Files:** `src/a.ts`", "The style of `src/b.ts` is fine.", "Also update `src/c.ts`.") == {
        "src/a.ts": Access.MODIFY,
        "src/b.ts": Access.READ,
        "src/c.ts": Access.MODIFY,
    }


def test_every_task_has_a_scope_in_order_of_paths() -> None:
    found = detect(plan(task("1.1", "Nothing"), task("1.2", "Update `b/z.ts` and `a/z.ts`")))
    assert found.scopes["1.1"] == ()
    assert [entry.path for entry in found.scopes["1.2"]] == ["a/z.ts", "b/z.ts"]
    assert [entry.line for entry in found.scopes["1.2"]] == [2, 2]


def test_each_file_of_a_list_has_its_own_line_and_access() -> None:
    text = "### Task 1: A\n**Files:**\n- Create: `src/a.py`\n- Modify: `src/b.py:1-9`\n- Test: `tests/test_a.py`\n"
    found = detect(parse_plan(text, "plan.md")).scopes["1"]
    assert [(entry.path, entry.access, entry.line) for entry in found] == [
        ("src/a.py", Access.CREATE, 3),
        ("src/b.py", Access.MODIFY, 4),
        ("tests/test_a.py", Access.MODIFY, 5),
    ]


def test_real_scopes_replace_extracted_ones() -> None:
    from maestro.models.dependency import ScopeEntry

    real = (ScopeEntry("src/real.ts", Access.MODIFY),)
    made: Plan = plan(task("1.1", "Update `src/a.ts`"))
    assert detect(made, real_scopes={"1.1": real, "gone": real}).scopes == {"1.1": real}


@pytest.mark.parametrize(
    "line",
    [
        "Leave `tests/test_contract.py` as it is.",
        "Do not touch `tests/test_contract.py`.",
        "Fix the sum; don't change tests/test_contract.py",
        "Never edit the file `tests/test_contract.py`",
        "Make it pass without changing `tests/test_contract.py`.",
        "Do not change `a/other.py` or `tests/test_contract.py`",
        "Keep `tests/test_contract.py` unchanged",
        "`tests/test_contract.py` stays as it is",
        "`tests/test_contract.py` must not be changed",
    ],
)
def test_a_path_that_is_to_be_left_alone_is_not_written(line: str) -> None:
    assert scope(line)["tests/test_contract.py"] is Access.READ


@pytest.mark.parametrize(
    "line", ["Keep the cache in `src/cache.py` small: rewrite `tests/test_contract.py`", "Leave the old API. Modify `tests/test_contract.py`"]
)
def test_words_about_something_else_spare_no_path(line: str) -> None:
    assert scope(line)["tests/test_contract.py"] is Access.MODIFY
