"""Patterns: a call pays only for those that it searches with, and a mistake in one is found before a user finds it."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import maestro.evidence
from maestro.patterns import pattern


def test_a_pattern_is_not_compiled_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_now = re.compile
    monkeypatch.setattr(re, "compile", lambda source, flags=0: compiled.append(source) or compile_now(source, flags))
    word = pattern(r"w(o)rd", re.IGNORECASE)
    assert compiled == []
    assert [word.search("a WORD") is not None, word.fullmatch("a word"), word.sub(r"\1", "word"), word.findall("word")] == [True, None, "o", ["o"]]
    assert set(compiled) == {"w(o)rd"}


def test_all_patterns_of_detection_can_be_compiled() -> None:
    modules = [importlib.import_module(info.name) for info in pkgutil.walk_packages(maestro.evidence.__path__, "maestro.evidence.")]
    found = [value for module in modules for value in vars(module).values() if isinstance(value, type(pattern("")))]
    assert len(found) > 100
    assert all(one.groups >= 0 for one in found)
