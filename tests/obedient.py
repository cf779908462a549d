"""An agent that knows nothing but what it is shown: it reads the texts that it is told to read, runs the commands that are printed, and does the tasks.

What it read and called is counted. It passes only where texts and scripts can be followed as they stand.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support import ROOT, Ran, call_maestro, write

INSTALLED = "/home/user/.claude/plugins/cache/maestro/maestro/0.1.0"
SESSION = "9d0c3d6e-6a3b-4a0e-8c8e-0f8f3a4f4b11"

TURNS = 60
"""More than any run in the tests needs."""

_ACTION = re.compile(r"^(DECIDE|VERIFY-PHASE|IMPLEMENT|DISPATCH|WAIT|MERGE|COMPLETE|FINISHED|STOPPED): ", re.MULTILINE)
_ANSWER = re.compile(r"^answer: (.*(?:answer ([\w.-]+)|--cleanup) )<([\w|-]+)>([^(\n]*)", re.MULTILINE)
_WORKER = re.compile(r"^- (\S+) \[(\S+)\] (.+)$", re.MULTILINE)

Answers = Mapping[str, str | list[str]]
"""What the user answers, by the beginning of the question's id; words of an answer follow it; of a list one after the other is taken."""


# --- reading what is shown


def action_of(shown: str) -> str:
    """The action that was printed last."""
    found = _ACTION.findall(shown)
    assert found, shown
    return str(found[-1])


def after(shown: str, word: str) -> str:
    """What stands after `word: ` in the last line that begins so."""
    return str(re.findall(rf"^{word}: (.+)$", shown, re.MULTILINE)[-1])


def workers_of(shown: str) -> list[tuple[str, str, str]]:
    """Handle, kind and description of the workers of a dispatch."""
    return _WORKER.findall(shown)


def handle_of(shown: str) -> str:
    """The handle of the task that the session does itself."""
    return after(shown, "then").partition(" done ")[2].split()[0]


def references_of(command: str) -> list[str]:
    """Paths of the texts that the rendered command names."""
    folder = re.search(r"`(/\S+/reference)/`", command)
    assert folder is not None
    return [f"{folder[1]}/{name}" for name in dict.fromkeys(re.findall(r"`([\w-]+\.md)`", command)) if (ROOT / "reference" / name).exists()]


def folder_of(brief: str) -> str:
    """The worktree that a brief names."""
    found = re.search(r"^Work in (.+?) and nowhere else", brief, re.MULTILINE)
    assert found is not None, brief
    return found[1]


def ending_of(brief: str) -> tuple[str, str, str]:
    """How a worker checks, where it reports, and its last command."""
    check = re.search(r"^Check: `(.+?)`", brief, re.MULTILINE)
    file = re.search(r"^At the end write (\S+),", brief, re.MULTILINE)
    done = re.search(r"^Then run `(.+?)`", brief, re.MULTILINE)
    assert check and file and done, brief
    return check[1], file[1], done[1]


def answer_to(shown: str, answers: Answers) -> str:
    """The command that gives the user's answer to the question shown last."""
    before, question, options, rest = _ANSWER.findall(shown)[-1]
    answer = next((answer for start, answer in answers.items() if (question or "complete").startswith(start)), None)
    assert answer is not None, f"nobody can answer {question or 'complete'}: {shown}"
    chosen, _, words = (answer.pop(0) if isinstance(answer, list) else answer).partition(" ")
    assert chosen in options.split("|"), shown
    return f"{before}{chosen}{rest.rstrip()}{f' --text {shlex.quote(words)}' if words else ''}"


# --- playing


@dataclass
class Reader:
    """What one conversation read, by what it was, and the scripts that it called."""

    root: Path
    read: dict[str, int] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def open(self, name: str) -> str:
        """Read a text of the package, once, as a client renders it."""
        text = (ROOT / name).read_text(encoding="utf-8").split("\n---\n")[-1]
        text = text.replace("${CLAUDE_PLUGIN_ROOT}", INSTALLED).replace("${CLAUDE_SESSION_ID}", SESSION)
        self.read[name] = len(text)
        return text

    def run(self, command: str) -> Ran:
        """Run a printed command; both streams are read."""
        program, *words = shlex.split(command)
        assert program == "maestro", command
        self.calls.append(" ".join(words[:2]))
        ran = call_maestro(*words, cwd=self.root)
        self.shown.append(ran.out + ran.err)
        return ran

    @property
    def texts(self) -> int:
        return sum(self.read.values())

    @property
    def printed(self) -> int:
        """Characters of what scripts said; what a red test of the project said to it is the project's."""
        return sum(len(re.sub(r"(?s)\A.*\n(?=RED)", "", shown)) for shown in self.shown)


@dataclass
class Session(Reader):
    """The main loop. `work` holds the files of each task, `worker` what a sub-agent does instead of its work."""

    work: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    answers: Answers = field(default_factory=dict)
    workers: dict[str, Reader] = field(default_factory=dict)
    worker: Callable[[Session, str, Reader], None] | None = None
    rounds: int = 0
    said: str = ""
    prompt: str = ""

    def implement(self, says: str) -> str:
        """`/maestro:implement …` from the command's text to the last word; what was printed last."""
        self.said = says
        arguments = says.removeprefix("/maestro:implement").strip()
        text = self.open("commands/implement.md")
        call = re.search(r"^ {4}(maestro run start .*)$", text, re.MULTILINE)
        assert call is not None and "$ARGUMENTS" in text
        return self.obey(self.run(re.sub(r"TRACK \[.*\]", arguments, call[1])))

    def obey(self, ran: Ran) -> str:
        """Do what is printed, again and again."""
        for _ in range(TURNS):
            assert ran.code == 0, f"{ran.out}{ran.err}"
            shown = ran.out
            match action_of(shown):
                case "FINISHED" | "STOPPED":
                    return shown
                case "DECIDE":
                    ran = self.run(answer_to(shown, self.answers))
                    continue
                case "VERIFY-PHASE":
                    self.open("reference/phase-completion.md")
                    ran = self.run(answer_to(shown, self.answers))
                    continue
                case "COMPLETE":
                    self.open("reference/track-completion.md")
                    ran = self.run(answer_to(shown, self.answers))
                    continue
                case "IMPLEMENT":
                    self.open("reference/single-agent-execution.md")
                    self.open(f"reference/{'tdd-workflow' if 'method: tdd' in shown else 'ship-fast'}.md")
                    self.work_test_first(after(shown, r"method: \S+; check"), handle_of(shown).split("/")[1])
                case "DISPATCH":
                    self.rounds += 1
                    self.open(f"reference/{'team' if '--team' in self.said else 'parallel'}-mode.md")
                    self.prompt = after(shown, "prompt") if self.rounds == 1 else self.prompt
                    for handle, _, _ in workers_of(shown):
                        self.spawn(self.prompt.replace("HANDLE", handle), handle)
                case "WAIT":
                    lost = re.search(r"ended without a report: `(.+?)`", shown)
                    if lost:
                        self.run(lost[1])
            ran = self.run(after(shown, "then").replace("TEXT", "'Made it, with tests.'"))
        raise AssertionError(f"no end after {TURNS} turns: {ran.out}")

    def work_test_first(self, check: str, task: str) -> None:
        """A task in the session itself: red, then green."""
        for files, code in (
            ({name: text for name, text in self.work[task].items() if name.startswith("tests/")}, 1),
            (self.work[task], 0),
        ):
            write(self.root, files)
            checked = self.run(check)
            assert checked.code == code, checked

    def spawn(self, prompt: str, handle: str) -> None:
        """A worker, from its prompt to its report."""
        worker = self.workers[handle] = Reader(self.root)
        attach = re.search(r"Run `(.+?)`", prompt)
        assert attach is not None and len(prompt) <= 400, prompt
        brief = worker.run(attach[1])
        assert brief.code == 0, brief.err
        if self.worker is not None:
            self.worker(self, handle, worker)
            return
        self.work_as(handle, worker)

    def work_as(self, handle: str, worker: Reader) -> None:
        """What a worker does that follows its brief."""
        brief = worker.shown[0]
        check, report, done = ending_of(brief)
        write(Path(folder_of(brief)), self.work[handle.split("/")[1]])
        checked = worker.run(check)
        assert checked.code == 0, checked.out
        Path(report).write_text(f'{{"handle": "{handle}", "status": "done", "summary": "Made it, with tests."}}', encoding="utf-8")
        assert worker.run(done).code == 0
