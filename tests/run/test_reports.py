"""A worker's report is somebody else's words: read strictly, never believed against the diff, never allowed to do harm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from maestro.models.run import Handle
from maestro.run.reports import LARGEST, TEXT, Report, read_report

HANDLE = Handle("auth", "1.1", 2)
RUN = "auth-1a2b3c"


def read(tmp_path: Path, content: object) -> Report:
    path = tmp_path / ".maestro-result-1.1-2.json"
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(data)
    return read_report(path, HANDLE, RUN)


def test_an_honest_report(tmp_path: Path) -> None:
    report = read(
        tmp_path,
        {
            "handle": "auth/1.1/2",
            "run": RUN,
            "status": "failed",
            "class": "dependency",
            "summary": "no `libfoo`",
            "discovered": [{"path": "src/x.py", "access": "create"}, {"needs": "1.2"}, {"path": "./a//b.py"}],
            "tests": "3 passed",
            "tokens": 1200,
        },
    )
    assert (report.status, report.failure, report.summary, report.tests, report.trouble) == ("failed", "dependency", "no `libfoo`", "3 passed", "")
    assert [(found.path, found.access, found.needs) for found in report.discovered] == [
        ("src/x.py", "create", None),
        (None, None, "1.2"),
        ("a/b.py", "modify", None),
    ]
    assert report.usage == {"tokens": 1200.0}


def test_what_a_worker_used_is_counted_only_where_it_is_an_honest_number(tmp_path: Path) -> None:
    assert read(tmp_path, {"tokens": 1200, "cost": 0.25}).usage == {"tokens": 1200.0, "cost": 0.25}
    assert read(tmp_path, {"input_tokens": 10, "output_tokens": 2.5, "cost_usd": 0}).usage == {"input_tokens": 10.0, "output_tokens": 2.5, "cost_usd": 0.0}
    for hostile in (True, -1, "12", None, [1], {"n": 1}, 1e300, float("inf"), float("nan"), 10**400):
        assert read(tmp_path, {"tokens": hostile, "cost": hostile}).usage == {}


def test_nothing_said_means_done(tmp_path: Path) -> None:
    assert read(tmp_path, {}) == Report()


TROUBLE: dict[str, Any] = {
    "not json": b"I am done!",
    "not UTF-8": b'{"status": "\xff"}',
    "a list": [],
    "a number": 7,
    "null": None,
    "deep nesting": b"[" * 100_000,
    "deep nesting inside": b'{"summary": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "huge": b'{"summary": "' + b"x" * LARGEST + b'"}',
    "another attempt's": {"handle": "auth/1.1/1"},
    "another task's": {"handle": "auth/1.2/2"},
    "another run's": {"handle": "auth/1.1/2", "run": "auth-000000"},
    "a handle that is no text": {"handle": ["auth/1.1/2"]},
    "an unknown status": {"status": "great"},
    "a status that is no text": {"status": {"done": True}},
    "a status that is null": {"status": None},
}


@pytest.mark.parametrize("content", TROUBLE.values(), ids=TROUBLE)
def test_a_report_that_cannot_be_used_says_so_and_the_diff_decides(tmp_path: Path, content: object) -> None:
    report = read(tmp_path, content)
    assert report.trouble and report == Report(trouble=report.trouble)
    assert len(report.trouble) < 200


def test_an_unknown_word_on_how_it_went_takes_nothing_else_with_it(tmp_path: Path) -> None:
    report = read(tmp_path, {"status": "success", "summary": "added the door", "tokens": 12, "cost": 0.5})
    assert report.trouble == "its report says 'success', which is none of done, failed, blocked, no-change"
    assert (report.status, report.summary, report.usage) == ("done", "added the door", {"tokens": 12.0, "cost": 0.5})


def test_no_report(tmp_path: Path) -> None:
    assert read_report(tmp_path / "nowhere.json", HANDLE, RUN).trouble == "no report"
    assert read_report(tmp_path, HANDLE, RUN).trouble == "no report", "a folder is none"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.json"
    secret.write_text('{"status": "failed", "summary": "password"}')
    link = tmp_path / "link.json"
    link.symlink_to(secret)
    assert read_report(link, HANDLE, RUN).trouble == "no report"


def test_a_pipe_does_not_hang_it(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")
    assert read_report(tmp_path / "pipe", HANDLE, RUN).trouble == "no report"


@pytest.mark.parametrize("path", ["/etc/passwd", "~/x", "../x", "a/../../x", "", ".", "./", "a\0b", "a\nb", "..\\x", 7, None, ["a"], {"a": 1}])
def test_a_discovered_path_never_leads_out_of_the_repository(tmp_path: Path, path: object) -> None:
    assert read(tmp_path, {"discovered": [{"path": path}]}).discovered == ()


def test_odd_fields_are_cleaned_or_left_out(tmp_path: Path) -> None:
    report = read(
        tmp_path,
        {
            "class": "sabotage",
            "summary": "red\x1b[31m\u202eline\nnext" + "x" * 10_000,
            "tests": {"passed": 3},
            "discovered": ["x", {"path": "a", "access": "own"}, {"needs": 7}, *({"path": f"f{number}"} for number in range(200))],
            "tokens": "many",
            "unknown": "kept out",
        },
    )
    assert report.failure is None and "\x1b" not in report.summary and "\u202e" not in report.summary and len(report.summary) == TEXT
    assert report.tests == '{"passed": 3}' and report.usage == {}
    assert report.discovered[0].path == "a" and report.discovered[0].access == "modify" and len(report.discovered) <= 50
    assert read(tmp_path, {"discovered": "src/x.py"}).discovered == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["handle", "status", "class", "summary", "discovered", "path", "tokens"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
@example({"tokens": float("inf")})
@example({"tokens": float("nan"), "cost_usd": True})
@example({"input_tokens": 10**400})
@example({"handle": "\ud800", "status": "\ud800"})
@example({"summary": "\ud800", "discovered": [{"path": "\ud800", "needs": "1.2"}, {"needs": "\udfff"}]})
def test_whatever_it_holds_a_report_comes_back(tmp_path_factory: pytest.TempPathFactory, content: object) -> None:
    report = read(tmp_path_factory.mktemp("report"), content)
    written = json.dumps(report.data(), ensure_ascii=False)
    json.loads(written.encode(), parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
