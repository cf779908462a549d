"""The board as a page, seen by a browser: a run that goes on, one that has failed and one that is finished, on phones and wide screens, in light and dark."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from support import load_beside, run_door, write

browser = load_beside(__file__, "chromium")
made = load_beside(str(Path(__file__).parent.parent / "run" / "x.py"), "worlds")

needs_browser = pytest.mark.skipif(browser.PROGRAM is None, reason="chromium is not installed")

EVIL = """</script><script>window.wasRun=true</script><img src="http://example.invalid/x" onerror="window.wasRun=true"> & "quoted" \u202e日本語 `code`"""

WIDTHS = (390, 900, 1600)


def world_of(folder: Path) -> Any:
    tasks = (("1.1", "src/a.py"), ("1.2", "src/b.py", EVIL), ("1.3", "src/c.py", "after Task 1.1"), ("2.1", "src/d.py"), ("2.2", "src/e.py", "after Task 2.1"))
    return made.World(folder, made.plan(*tasks))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The same small plan in three states, as `progress.py --html` writes it."""
    found = {}
    with pytest.MonkeyPatch.context() as patched:
        for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
            patched.setenv(name, "An Author")
        for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
            patched.setenv(name, "author@example.org")
        patched.setenv("MAESTRO_GAUGE", "0.5 0.1")
        for name in ("running", "failed", "finished"):
            world = world_of(tmp_path_factory.mktemp(name) / "project")
            world.start()
            globals()[f"_{name}"](world)
            ran = world.door("progress", "--html", "board.html")
            assert (ran.code, ran.out) == (0, "wrote board.html\n"), ran
            found[name] = (world.root / "board.html").read_text(encoding="utf-8")
    return found


def _running(world: Any) -> None:
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n"})
    world.write("auth/1.2/1", {"src/b.py": "x = 1\n"})
    world.merge()


def _failed(world: Any) -> None:
    for attempt in (1, 2, 3):
        world.fail(f"auth/1.1/{attempt}", f"attempt {attempt}: <b>no table</b>\x1b[2J", "test")
        world.next()
    world.work("auth/1.2/1", {"src/b.py": "x = 1\n"})
    world.merge()


def _finished(world: Any) -> None:
    for phase in (("1.1", "1.2"), ("1.3",), ("2.1",), ("2.2",)):
        world.work_all(f"auth/{task}/1" for task in phase)
        action = world.merge()
        if action.action == "verify-phase":
            action = world.answer(action.question.id, "verified")
    if action.action == "complete":
        world.complete("keep")


class Document(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


STATES = ("running", "failed", "finished")


@pytest.mark.parametrize("name", STATES)
def test_it_needs_no_network_and_no_title_becomes_markup(pages: dict[str, str], name: str) -> None:
    document = Document(pages[name])
    assert not document.all("script", "img", "iframe", "object", "form", "input", "link")
    assert {str(link["href"])[0] for link in document.all("a")} == {"#"}
    assert [attributes for _, attributes in document.tags if any(key.startswith("on") for key in attributes)] == []
    policy = next(meta["content"] for meta in document.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None and policy.startswith("default-src 'none'") and "script-src" not in policy
    assert "url(" not in pages[name].replace("url(#arrow)", "") and "@import" not in pages[name]
    assert "\u202e" not in pages[name] and "\x1b" not in pages[name]


@pytest.mark.parametrize("name", STATES)
def test_it_has_landmarks_headings_names_and_tables_that_can_be_read_aloud(pages: dict[str, str], name: str) -> None:
    document = Document(pages[name])
    assert len(document.all("main")) == len(document.all("h1")) == len(document.all("nav")) == 1
    levels = [int(tag[1]) for tag, _ in document.tags if re.fullmatch(r"h\d", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels)), "no level is left out"
    ids = [attributes["id"] for _, attributes in document.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(link["href"])[1:] for link in document.all("a")} <= set(ids), "every link leads somewhere"
    assert {attributes.get("aria-labelledby") for attributes in document.all("section")} - {None} <= set(ids)
    assert [cell for cell in document.all("th") if cell.get("scope") not in ("col", "row", "rowgroup")] == []
    assert [bar for bar in document.all("progress") if not bar.get("aria-label")] == []
    scrolling = [attributes for tag, attributes in document.tags if attributes.get("class") in ("wide", "log")]
    assert scrolling and all(part.get("tabindex") == "0" and part.get("aria-label") and part.get("role") == "region" for part in scrolling)
    assert len(document.all("details")) == len(document.all("summary")) == 5


def test_each_state_says_what_it_is(pages: dict[str, str]) -> None:
    assert "<h1>auth: running, 1 of 5 tasks</h1>" in pages["running"]
    assert "<code>src/b.py</code>" in pages["running"]
    assert "Question failed-1.1" in pages["failed"] and "attempt 3: &lt;b&gt;no table&lt;/b&gt;" in pages["failed"]
    assert ", failed 3×" in pages["failed"]
    assert "<h1>auth: completed, 5 of 5 tasks</h1>" in pages["finished"]
    assert 'needs <a href="#task-1.1">1.1</a>' in pages["finished"]


def test_the_chart_is_told_wave_by_wave(pages: dict[str, str]) -> None:
    assert re.findall(r'scope="rowgroup"[^>]*>(.*?)<', pages["finished"]) == [
        "Phase 1: Part 1, wave 1",
        "Phase 1, wave 2",
        "Phase 2: Part 2",
    ], "where no wave has several tasks, waves are just an order"


def test_a_question_is_told_once_and_with_the_call_of_each_answer(pages: dict[str, str]) -> None:
    box = pages["failed"].partition("Question failed-1.1")[2].partition("</div>")[0]
    assert all(f"run.py answer failed-1.1 {option}" in box for option in ("retry", "skip", "stop"))
    assert 'href="#task-1.1">1.1</a> <span class="state failed">' not in pages["failed"]


@needs_browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", STATES)
def test_everybody_can_read_and_reach_everything(pages: dict[str, str], name: str, dark: bool) -> None:
    for width, found in zip(WIDTHS, browser.examine(pages[name], WIDTHS, dark=dark), strict=True):
        assert found["background"] == ("rgb(13, 17, 23)" if dark else "rgb(255, 255, 255)")
        assert found["overflow"] <= 0, f"the page itself never scrolls sideways, {width} wide: {found['wider']}"
        assert found["pale"] == [], "text has a contrast of 4.5 at least"
        assert found["small"] == []
        assert found["unnamed"] == [], "what can have the focus shows it and has a name"
        assert found["focusable"][:2] == ["Skip to the run", "At work"] and "Evidence of 1.1" in found["focusable"]
        assert not found["ran"]


@needs_browser
def test_a_live_page_puts_in_what_is_new_and_says_when_its_server_is_gone(pages: dict[str, str]) -> None:
    from maestro.views.page import page, read

    def live(words: str) -> str:
        return page(words, f'<p id="connection" role="status"></p><section data-part="summary"><p>{words}</p></section>', script=read("live.js"))

    with browser.served({"/": [live("one of two"), live("two of two"), ""]}) as address:
        text = browser.dump(f"{address}/", milliseconds=6000)
    assert "<p>two of two</p>" in text and "<p>one of two</p>" not in text and "<h1>two of two</h1>" in text
    assert "The server has ended" in text


def test_a_folder_that_is_not_there_and_two_ways_at_once_are_refused(tmp_path: Path) -> None:
    world = world_of(tmp_path / "project")
    world.start()
    ran = run_door("progress", "--html", "nowhere/board.html", "--json", cwd=world.root)
    assert (ran.code, ran.error["code"]) == (4, "directory-missing")
    assert run_door("progress", "--html", "board.html", "--follow", cwd=world.root).code == 2
    write(world.root, {"board.html": "mine\n"})
    assert world.door("progress", "--port", "80").code == 2
    assert (world.root / "board.html").read_text() == "mine\n"
