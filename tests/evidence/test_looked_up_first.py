"""Words that are looked up before a pattern is searched: they must never hide what the pattern would find."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.evidence import access, cues, fields, groups, pathnames, products, profiles, roles, sentences, terms, tokens
from maestro.evidence.lines import words
from maestro.evidence.pathforms import Escape
from maestro.evidence.pathnames import PathNames
from maestro.evidence.verbs import verbs
from maestro.models.plan import Access, Task, TextLine
from maestro.patterns import holds

WORDS = """
leave keeping without changing do not touch don't never cannot no changes to in the from see as per using against e.g. existing file stays remains is left must
(new) – deleted | modified unblocks prerequisite for required by needed used later ready consumption before starting ahead of precedes should be merged once
after when following depends on nor regardless instead unlike independent insert a section heading rows paragraph position phase nothing requires waits this
task it also blocked Depends Blocked-by prereqs Needs: Dependencies: **Runs after** predecessors must finish everything whole all tasks complete flow todo
e2e fix create a new UserStore order_limit users table src/a.py (`user-id`) /api/users --dry-run code review: leverages once based on existing
T001 - 2.1: PRM-001-003 Task 7 [US1] 12 pytest $ ./gradlew npm `a.py` , ; . ( ) * x
"""
TEXTS = st.lists(st.sampled_from(WORDS.split()), max_size=8).flatmap(lambda words: st.sampled_from([" ".join(words), "  ".join(words).upper(), "".join(words)]))


def lines(text: str) -> list[TextLine]:
    return [TextLine(1, text)]


LOOKED_UP: dict[str, tuple[Any, Any]] = {
    "sparing": (lambda text: holds(text.lower(), access._SPARING), access._SPARED.search),
    "needing": (lambda text: holds(text.lower(), cues._NEEDING), cues.NEEDED_BY.search),
    "denying": (cues.denies, cues._DENIED.search),
    "inserting": (cues.inserts, cues._INSERTED.search),
    "stating": (lambda text: holds(text.lower(), sentences._STATING), sentences._STATEMENT.match),
    "declaring": (lambda text: bool(fields.labelling(text.lower(), set(words(text.lower())))), fields._LABEL.match),
    "making": (lambda text: holds(text.lower(), terms._MAKING), terms._MADE.search),
    "relying": (lambda text: any(map(profiles._may_rely, text.split())), profiles._RELIANCE.search),
    "named files": (profiles._named, profiles._PATH.search),
    "reviewing": (roles.is_review, roles._REVIEW.match),
    "names of code": (lambda text: any(map(products._may_tell, text.split())), products._CODE.search),
    "things": (lambda text: any(map(products._may_tell, text.split())), lambda text: products._FORMS.keys() & products._TOKEN.findall(text.lower())),
    "everything": (lambda text: roles.of_everything(text) != "", roles._EVERYTHING.search),
    "labelled": (lambda text: profiles.Profile(Task("1", text, 1, "1", status=None), 0).label != "", lambda text: profiles._LABEL.match(text.strip())),  # type: ignore[arg-type]
    "command": (
        tokens._is_command,
        re.compile(rf"\s*\$?\s*(?:{'|'.join(re.escape(name) for name in sorted(tokens._COMMANDS, key=len, reverse=True))})\s").match,
    ),
}


@pytest.mark.parametrize("name", LOOKED_UP)
@given(text=TEXTS)
def test_what_a_pattern_finds_is_never_hidden(name: str, text: str) -> None:
    may, find = LOOKED_UP[name]
    assert may(text) or not find(text)


PARTS = """
src app dev text image node_modules a_b c-d docs x 1 v2 Makefile LICENSE My__File it's notes(1) App.py app.py module.test.ts guide.md e.g. res.json 1.2 .env ..
. * ** ** __ / / / / \\ : , ( ) ; ! " @ # .py .PY .md .html .foo :12 . . ' '
"""
FOLDERS = """
src app dev text node_modules Src src/x/../y v2 1 -x _x a.b src// ./src /src docs x/x text/x
.git .claude .claude/worktrees .dev a..b Pomo.Core x.io www.a ../x .. a/.b ..
"""
NAMES = """
app.py APP.PY a.test.ts guide.md a.html a.5 a.foo Makefile app.py. app.py:12 .env x x/app.py .py a-.py *.py
a.ts a..ts www.md e.c vue.js res.json a.b.json README.md x.1 v1.x _.py -a.py .a.py App.py
"""
TOKENS = st.lists(st.sampled_from(PARTS.split()), min_size=1, max_size=6).map("".join)
FILES = frozenset(("src/app.py", "app/App.py", "Makefile", "My__File", "it's", "notes(1)", "docs/guide.md", "text/x/app.py", "x"))


def found_in(names: PathNames, token: str, marked: bool) -> str | None:
    """The path that a token is, be it one that leads out of the repository."""
    try:
        return names.recognise(token, marked)
    except Escape as escape:
        return f"outside: {escape}"


@pytest.mark.parametrize("files", [FILES, None])
@pytest.mark.parametrize("folder", ["", *(f"{folder}/" for folder in FOLDERS.split())])
def test_a_path_that_looks_ordinary_is_what_all_rules_make_of_it(folder: str, files: frozenset[str] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = [folder + name for name in NAMES.split()]
    at_first_sight = [found_in(PathNames(token, files), token, marked) for token in tokens for marked in (False, True)]
    monkeypatch.setattr(pathnames, "ORDINARY", re.compile("(?!)"))
    assert at_first_sight == [found_in(PathNames(token, files), token, marked) for token in tokens for marked in (False, True)]


@given(token=TOKENS, marked=st.booleans())
def test_no_path_with_a_sign_is_taken_for_a_mere_word(token: str, marked: bool) -> None:
    names = PathNames(token, FILES)
    assert not tokens.SIGN.search(token) or names.may_be_path(token) or found_in(names, token, marked) is None


@given(words=st.lists(TOKENS | st.sampled_from(["`", "(", "**"]), max_size=5))
def test_no_line_with_a_path_is_passed_over(words: list[str]) -> None:
    line = " ".join(words)
    names = PathNames(line, FILES)
    plainly = names.speaks_plainly(line)
    every = list(tokens.tokens(line, names.may_be_path, signed=False))
    assert every == (list(tokens.tokens(line, names.may_be_path, signed=not plainly)) if plainly or tokens.SIGN.search(line) else [])


CUES = """
depends on, dependent upon, depending on, depend only on, dependency on, deps:, dependencies:, relies on, rely on, relying on, blocked by, gated on
contingent on, builds on, building upon, build  on, built upon, on top of, waits for, waiting until, requires, requiring, requir, needs, prerequisite is
prerequisites:, once, as soon as, only after, when, post, following, después de, tras, requiere, depende de, após, depois do, requer, nach, sobald
hängt davon von, baut auf, benötigt, après, dépend de, nécessite, must not start until, cannot be merged before, never run unless, unblocks, blocks
prerequisites for, required by, needed for, used by, consumed later by, ready for consumption by, before starting, ahead of, precedes
should be merged well before, done before, before
"""
OUTPUTS = """
from, created in, built by, written during, shipped with, made as part of, set up earlier in, results of, per, using, uses, use, reuses, reuse, reusing, extend
extends, extending, consumes, consuming, integrates with, continues, continue, aligned with, via, against
"""


def split(phrases: str) -> list[str]:
    return [phrase.strip() for line in phrases.strip().splitlines() for phrase in line.split(", ")]


@pytest.mark.parametrize("cue", split(CUES))
def test_no_cue_is_missed_that_puts_tasks_in_order(cue: str) -> None:
    found = any(one.search(f"{cue} ") for one in (cues.ORDER, cues.NEEDED_BY, cues.BEFORE))
    assert found == bool(cues.ordering(frozenset(words(cue)))) == (cue != "requir")


@pytest.mark.parametrize("cue", split("depends on, requires, blocked by, once, after, as soon as, when, waits for, follows, builds on, not start until"))
def test_no_cue_is_missed_that_speaks_of_a_group(cue: str) -> None:
    assert groups._PREVIOUS.search(f"{cue} the previous task")
    assert cues.ordering(frozenset(words(cue)))


@pytest.mark.parametrize("cue", split(OUTPUTS))
@pytest.mark.parametrize("task", ["Task 1.1", "1.1 and Task 1.2", "(the `T1`", "the work package 3", "#7", "both *WP-02*"])
def test_no_use_of_a_task_s_output_is_missed(cue: str, task: str) -> None:
    assert cues.OUTPUT.search(f"the schema {cue} ")
    assert cues.HANDED_ON.search(f"the schema {cue} {task}".lower())


@given(text=TEXTS)
def test_word_by_word_the_same_is_spelled_like_code(text: str) -> None:
    assert list(terms.spelled_names(text)) == [*terms._SPAN.findall(text), *terms._CODE.findall(text)]


@given(left=TEXTS)
def test_words_that_lead_in_to_a_path_are_never_hidden(left: str) -> None:
    found = any(one.search(left) for one in (access._PLACE, access._FROM, access._SOURCE, access._INTO))
    assert not found or left.rstrip("`*\"'([").rstrip().lower().endswith(access._LEADING_IN)


@pytest.mark.parametrize("right", [" (new)", "` (deleted)", "** – updated", " | read", " stays as it is", "` must not be changed", " is left alone"])
def test_a_remark_behind_a_path_is_heard(right: str) -> None:
    assert access.access_after(right) is not None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Set  up and clean up", [(Access.CREATE, "set up"), (Access.MODIFY, "clean up")]),
        ("looking at, based on", [(Access.READ, "looking at"), (Access.READ, "based on")]),
        ("add-on, src/create, created, Cleanup", [(Access.MODIFY, "cleanup")]),
        ("RENAME it, then delete", [(Access.RENAME, "rename"), (Access.DELETE, "delete")]),
    ],
)
def test_words_of_work_are_whole_words(text: str, found: list[tuple[Access, str]]) -> None:
    assert verbs(text) == found


@given(word=st.sampled_from(sorted({start + end for start in roles._starts() for end in ("", "s", "ing", "ed", "x", "ies", "y")})))
def test_the_beginnings_of_roles_hide_no_role(word: str) -> None:
    expected = None if roles._several().fullmatch(word) else frozenset(role for role in roles.Role if roles._pattern(role).fullmatch(word))
    assert any(letter > "\u3000" for letter in word) or roles._roles_of_word(word) == expected
