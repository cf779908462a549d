"""The texts for agents and people: every link leads somewhere, every command exists, nothing is said twice, and an agent reads little."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from maestro.cli.doors import DOORS, load
from support import ROOT

TEXTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("commands/*.md"), *ROOT.glob("reference/*.md"), *ROOT.glob("agents/*.md")])
FOR_PEOPLE = ("guarantees",)
"""References that no agent is sent to."""

AGENT_TEXTS = [path for path in TEXTS if (path.parent.name in ("commands", "reference", "agents") and path.stem not in FOR_PEOPLE) or path.name == "SKILL.md"]

CALL = re.compile(rf"(?:\b(?P<script>{'|'.join(DOORS)})\.py|\bmaestro (?P<door>{'|'.join(DOORS)}))(?P<rest>(?: (?:'[^'\n]*'|\"[^\"\n]*\"|[^`|\n'\"])+)?)")


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(text: str) -> Iterator[tuple[str, list[str]]]:
    """Every call of a door in code spans and code blocks, as door and words."""
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^(?: {4}| {7})(\S.*)$", text, re.MULTILINE)
    for line in code:
        for found in CALL.finditer(line):
            rest = re.split(r" -> |(?<=\S) {2,}", found["rest"])[0].replace("…", "x").replace("[", " ").replace("]", " ")
            try:
                yield found["script"] or found["door"], shlex.split(rest, comments=True)
            except ValueError:
                yield found["script"] or found["door"], rest.split()


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_links_lead_to_files_that_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    targets += [f"../{target}" if path.parent != ROOT else target for target in re.findall(r"\$\{CLAUDE_PLUGIN_ROOT\}/([\w./-]+\.md)", text)]
    missing = [target for target in targets if not (path.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_commands_and_options_exist(path: Path) -> None:
    for door, words in calls(path.read_text(encoding="utf-8")):
        command: click.Command = load(door)
        if isinstance(command, click.Group):
            verbs = [word for word in words if word in command.commands]
            default = getattr(command, "default", None)
            assert verbs or default or not words or words[0].startswith("-") or not words[0].islower(), f"{door} {' '.join(words)}"
            command = command.commands[verbs[0]] if verbs else command.commands[default] if default else command
        known = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
        unknown = [word for word in words if word.startswith("--") and word.split("=")[0].split("|")[0].rstrip(".,;)") not in known]
        assert unknown == [], f"{door} {' '.join(words)}"


def test_no_sentence_stands_in_two_agent_texts() -> None:
    """The agents' own texts are alternatives: a worker reads one of them."""

    def sentences(path: Path) -> set[str]:
        words = re.sub(r"[`*|]", "", path.read_text(encoding="utf-8"))
        return {" ".join(sentence.split()) for sentence in re.split(r"[.:;\n]", words) if len(sentence.split()) >= 10}

    pairs = [(a, b) for a, b in itertools.combinations(AGENT_TEXTS, 2) if a.parent != b.parent or a.parent.name != "agents"]
    twice = {(name_of(a), name_of(b), shared) for a, b in pairs for shared in sentences(a) & sentences(b)}
    assert twice == set()


def test_a_reference_is_short() -> None:
    """What a whole run makes an agent read is measured in tests/trials/test_trials.py; tables to look things up in are not read through."""
    long = {name_of(path): len(path.read_text(encoding="utf-8")) for path in AGENT_TEXTS if path.stem not in ("errors", "dependencies")}
    assert {name: size for name, size in long.items() if size > 5000} == {}


def test_the_skill_leads_to_every_reference() -> None:
    """A client reads the skill first, and references one level below it."""
    text = (ROOT / "SKILL.md").read_text(encoding="utf-8")
    assert [path.name for path in AGENT_TEXTS if path.parent.name == "reference" and f"(reference/{path.name})" not in text] == []


def test_what_is_always_listed_is_short() -> None:
    """Descriptions alone; tests/client/ measures what the client makes of them."""
    listed = [path for path in AGENT_TEXTS if path.parent.name == "agents" or path.name == "SKILL.md"]
    said = [re.search(r"^description: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE) for path in listed]
    assert all(said) and sum(len(found[1]) for found in said if found) <= 200


def test_the_skill_is_what_the_specification_allows() -> None:
    head = (ROOT / "SKILL.md").read_text(encoding="utf-8").split("---\n")[1]
    fields = dict(line.split(": ", 1) for line in head.strip().splitlines())
    assert set(fields) <= {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
    assert fields["name"] == "maestro"
    assert "${CLAUDE" not in (ROOT / "SKILL.md").read_text(encoding="utf-8")
