"""A session that drives a run by its verbs, with workers of its own, in a child process that a test may kill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from headless import Project
from maestro.models.action import Action
from maestro.models.run import Driver, Handle
from maestro.run import driving, workers
from maestro.run.driving import Caller
from maestro.run.prospects import Wish
from maestro.run.starting import begin
from support import LONG, write

WORK = {
    "1.1": {"src/user.py": "class User: pass\n"},
    "1.2": {"src/hashing.py": "def hash(): pass\n"},
    "1.3": {"src/app.py": "x = 1\ndef login(): pass\n"},
}
"""What the workers make of `headless.PLAN`."""

ANSWERS = {"start": "start", "mode": "go-on"}
"""To all other questions: verified."""

ME = "session-1"


@dataclass(frozen=True)
class Session(Project):
    """A project whose run a session drives. One that was killed is started again with the same call, and finds its workers where they were."""

    def drive(self, orders: Mapping[str, object] | None = None, **wish: object) -> str:
        home = begin(self.root, Wish(**{"track": self.home.track, "mode": self.mode, "resume": True, "driver": Driver(ME), "review": "none", **wish}))  # type: ignore[arg-type]
        caller = Caller(ME, patience=LONG)
        advanced = (orders or {}).get("advanced", lambda state: None)
        action = driving.next_action(home, caller)
        while (next_one := self._follow(action, caller)) is not None:
            action = next_one
            advanced(self.state)  # type: ignore[operator]
        return str(getattr(action, "outcome", action.action))

    def _follow(self, action: Action, caller: Caller) -> Action | None:
        """Do what an action says; the next one, None at the end."""
        home = self.home
        match action.action:
            case "dispatch" | "wait":
                self._work()
            case "decide":
                question = action.question_id  # type: ignore[attr-defined]
                return driving.answer(home, caller, question, ANSWERS[question], "")
            case "verify-phase":
                return driving.answer(home, caller, action.question.id, "verified", "")  # type: ignore[attr-defined]
            case "complete":
                return driving.complete(home, caller, "keep")
            case "finished":
                return None
        return driving.merge(home, caller)

    def _work(self) -> None:
        """Everybody who has a task does it, in the plan's order: those of a session that was killed are still there and have forgotten their briefs."""
        running = self.state.running()
        assert running, "nobody works and nothing is left to do"
        for task, attempt in [(task, task.attempts[-1]) for task in running]:
            handle = Handle(self.home.track, task.id, attempt.number)
            workers.attach(self.root, handle, again=attempt.attached_at is not None)
            write(self.root, WORK[task.id])
            workers.done(self.root, handle, summary=f"did {task.id}")
