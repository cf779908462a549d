"""The project that the scenarios play in, and an agent that does exactly what the scripts print.

What an obedient agent needs is taken from what it was shown: the session's id from the command's text, every next call from the last answer. So a
scenario passes only when the texts can be followed as they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from obedient import Answers, action_of, after, answer_to, ending_of, folder_of, handle_of, references_of, workers_of
from plans import registry
from support import git, load_beside, make_repository

model = load_beside(__file__, "model")

Script = Generator[Any, list[str], Any]

PLAN = """\
# Plan: Things to build

## Phase 1: Parts

### Task 1.1: Make the first part
- [ ] Create `src/first.py`

### Task 1.2: Make the second part
- [ ] Create `src/second.py`

### Task 1.3: Put the first part into the app, after Task 1.1
- [ ] Modify `src/app.py`

### Phase 1 Completion Verification
- [ ] Look at both parts
"""

MADE = {"1.1": ("src/first.py", "first = 1\n"), "1.2": ("src/second.py", "second = 2\n"), "1.3": ("src/app.py", "from first import first\n")}
"""What each task's worker writes."""

ANSWERS: Answers = {"start": "start", "mode": "go-on", "branch": "here", "verify": "verified", "review": "no", "complete": "keep"}
"""What the user answers, by the beginning of the question's id; a list is answered one by one, words of an answer follow it."""

TURNS = 20
"""More than any scenario needs."""


@dataclass
class Stage:
    """A project, the client and the model; `play` runs one session."""

    client: Any
    root: Path
    answers: dict[str, str | list[str]] = field(default_factory=lambda: {**ANSWERS})
    made: dict[str, tuple[str, str]] = field(default_factory=lambda: dict(MADE))
    isolation: str | None = None
    """How the agent has its workers isolated by the client, beyond what the action says."""
    prompt: str = ""

    def __post_init__(self) -> None:
        self.client.home.mkdir()
        make_repository(
            self.root,
            {
                "src/app.py": "app = 0\n",
                ".maestro/tracks.md": registry((" ", "things", "Things to build")),
                ".maestro/context/workflow.md": "# Workflow\n\n- Test command: `test ! -e broken`\n",
                ".maestro/tracks/things/plan.md": PLAN,
                ".maestro/tracks/things/metadata.json": '{\n  "track_id": "things",\n  "type": "feature",\n  "status": "new"\n}\n',
            },
        )
        self._session: Callable[[Any], Script] = self.agent
        self._worker: Callable[[str, str], Script] = self.worker
        self._played = 0
        self.summaries = 0
        self.model = model.Model(self._cast)

    def play(self, prompt: str, session: Callable[[Any], Script] | None = None, worker: Callable[[str, str], Script] | None = None, *arguments: str) -> Any:
        """One session of the client: what it printed. `session` and `worker` are the scripts of the main loop and of each sub-agent."""
        self._session, self._worker = session or self.agent, worker or self.worker
        self._played += 1
        done = self.client.run(self.root, self.model.url, prompt, *arguments)
        assert self.model.errors == [], self.model.errors[0]
        return done

    def _cast(self, request: Any) -> tuple[str, Callable[[], Script]] | None:
        if not request.tools:
            return None
        if "<summary>" in request.latest and "TEXT ONLY" in request.latest:
            self.summaries += 1
            return f"summary {self.summaries}", summary
        attach = re.search(r"Run `(.+? attach (\S+))`", request.opening)
        if attach and "<command-name>" not in request.opening:
            return f"{self._played}:{attach[2]}", lambda: self._worker(attach[1], attach[2])
        return f"{self._played}:session", lambda: self._session(request)

    # --- an obedient agent

    def agent(self, request: Any) -> Script:
        """The session as commands/implement.md wants it."""
        arguments = re.search(r"^Arguments: (.*)$", request.opening, re.MULTILINE)
        assert arguments is not None
        yield [("Read", {"file_path": path}) for path in references_of(request.opening)]
        shown = yield from self.shell(f"maestro run start {arguments[1]} --driver {self.driver(request)} --runtime claude")
        yield from self.obey(shown)
        yield "Done as the scripts said."

    def driver(self, request: Any) -> str:
        """The session's id as the command's text gives it."""
        found = re.search(r"--driver (\S+?)`", request.text)
        assert found is not None
        return found[1]

    def shell(self, command: str) -> Script:
        (shown,) = yield [model.bash(command)]
        return shown

    def obey(self, shown: str, until: str = "FINISHED") -> Script:
        """Do what the printed action says, again and again; what was printed last."""
        for _ in range(TURNS):
            action = action_of(shown)
            if action in ("FINISHED", "STOPPED", until):
                return shown
            if action in ("DECIDE", "VERIFY-PHASE", "COMPLETE"):
                shown = yield from self.shell(answer_to(shown, self.answers))
                continue
            if action == "DISPATCH":
                yield self.spawn_all(shown)
                if "in the background" in shown:
                    yield "They work; I wait to be told."
            elif action == "IMPLEMENT":
                yield from self.implement(shown)
            elif lost := re.search(r"ended without a report: `(.+?)`", shown):
                yield from self.shell(lost[1])
            elif self.answers["start"] == "background":
                yield "Somebody still works; I wait to be told."
            shown = yield from self.shell(after(shown, "then"))
        raise AssertionError(f"no end after {TURNS} turns: {shown}")

    def spawn_all(self, shown: str) -> list[Any]:
        """All workers of a dispatch, in one message."""
        if "\nprompt: " in shown:  # a driver is told it once
            self.prompt = after(shown, "prompt")
        isolation = {"isolation": self.isolation} if self.isolation else {}
        background = "in the background" in shown
        listed = [(handle, {"subagent_type": kind, "description": words}) for handle, kind, words in workers_of(shown)]
        common = {"run_in_background": background, **isolation}
        return [("Agent", {"prompt": self.prompt.replace("HANDLE", handle), **common, **about}) for handle, about in listed]

    def implement(self, shown: str) -> Script:
        path, text = self.made[handle_of(shown).split("/")[1]]
        yield [("Read", {"file_path": str(self.root / path)})]
        yield [model.write(self.root / path, text)]

    def worker(self, attach: str, handle: str) -> Script:
        """A worker as its brief wants it."""
        brief = yield from self.shell(attach)
        folder = folder_of(brief)
        path, text = self.made[handle.split("/")[1]]
        yield [("Read", {"file_path": f"{folder}/{path}"})]
        yield [model.write(f"{folder}/{path}", text)]
        yield from self.report(brief, handle)
        return f"{handle} is done."

    def report(self, brief: str, handle: str) -> Script:
        """The end that every brief asks for: check, result file, `done`."""
        check, file, done = ending_of(brief)
        shown = yield from self.shell(check)
        assert "GREEN" in shown, shown
        yield [model.write(file, json.dumps({"handle": handle, "status": "done", "summary": f"Made by {handle}."}))]
        yield from self.shell(done)

    # --- looking

    def heard(self, who: str = "session", session: int | None = None) -> list[str]:
        """What the tools answered to the main loop or, by its handle, to a worker."""
        return [text for results in self.model.heard[f"{session or self._played}:{who}"] for text in results]

    def commits(self) -> dict[str, str]:
        """Subjects and sha of the commits of tasks, by task, in the order of the branch."""
        log = git(self.root, "log", "--reverse", "--format=%h %s%x09%(trailers:key=Maestro-Task,valueonly,separator=%x20)")
        found = (line.partition("\t") for line in log.splitlines())
        return {task: commit for commit, _, task in found if task}

    @property
    def plan(self) -> str:
        return (self.root / ".maestro/tracks/things/plan.md").read_text()

    @property
    def journal(self) -> list[Mapping[str, Any]]:
        return [json.loads(line) for line in (self.root / ".git/maestro/things/journal.jsonl").read_text().splitlines()]


def summary() -> Script:
    """What the model says when the client compacts its conversation: as little as a careless model would."""
    yield "<analysis>It goes on.</analysis>\n<summary>\nA track is being implemented.\n</summary>"
