"""What a session can do to a run: each answer and each verb, with a run that has come to where it makes sense."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from crashing import Point, Seam, copy_of, copy_repository, digest, in_order, points_in
from headless import Ended, hurry, in_child
from maestro.errors import MaestroError
from maestro.models.run import Handle, RunState
from maestro.models.schedule import Mode
from maestro.run import driving, workers
from support import ROOT, git, load_beside, write

worlds = load_beside(str(ROOT / "tests" / "run" / "verbs"), "worlds")

World = Any
Step = Callable[[World], object]


@dataclass(frozen=True)
class Verb:
    """`prepare` makes the world, `call` is what is killed and called again."""

    prepare: Callable[[Path], World]
    call: Step


def begun(folder: Path, text: str = worlds.TWO, files: dict[str, str] | None = None, mode: Mode = Mode.PARALLEL, **wish: Any) -> World:
    world = worlds.World(folder, text, files)
    world.start(mode, **wish)
    return world


def asked(folder: Path, text: str = worlds.TWO, **wish: Any) -> World:
    """Up to the first question."""
    world = worlds.World(folder, text)
    world.begin(**wish)
    return world


def at_the_default_branch(folder: Path) -> World:
    world = worlds.World(folder)
    git(folder, "remote", "add", "origin", str(folder.with_name("remote.git")))
    world.begin()
    world.answer("start", "start")
    world.answer("mode", "go-on")
    return world


def past_the_start(world: World) -> World:
    world.answer("start", "start")
    world.answer("mode", "go-on")
    return world


def held(folder: Path) -> World:
    """A worker changed a file of the project's CI."""
    world = begun(folder)
    world.write("auth/1.1/1", {".github/workflows/ci.yml": "on: push\n"})
    world.work_all(["auth/1.1/1"])
    world.merge()
    return world


def clashing(folder: Path) -> World:
    """Two workers changed the same line of a file that no task names."""
    world = begun(folder, files={"src/shared.py": "nothing\n"})
    for handle in ("auth/1.1/1", "auth/1.2/1"):
        world.write(handle, {"src/shared.py": f"by {handle}\n"})
        world.work_all([handle])
    world.merge()
    return world


def failed(folder: Path) -> World:
    world = begun(folder, worlds.CHAIN)
    for attempt in ("auth/1.1/1", "auth/1.1/2", "auth/1.1/3"):
        world.fail(attempt)
        world.next()
    return world


def finished(folder: Path, text: str = worlds.CHAIN, **wish: Any) -> World:
    """Every task of the first phase is merged; it waits for its verification."""
    world = begun(folder, text, **wish)
    for handle in ("auth/1.1/1", "auth/1.2/1"):
        world.work_all([handle])
        world.merge()
    return world


def reviewed(folder: Path) -> World:
    """A review of the first phase is wanted."""
    world = finished(folder, review="phase")
    world.answer("verify-1-1", "verified")
    world.answer("review-phase-1", "yes")
    return world


def verified(folder: Path) -> World:
    world = finished(folder)
    world.answer("verify-1-1", "verified")
    return world


def completed(folder: Path) -> World:
    world = verified(folder)
    world.complete()
    world.edit("### Phase 1 Completion", "### Task 1.3: Make c\n- [ ] Create `src/c.py`\n\n### Phase 1 Completion")
    git(world.root, "commit", "-qam", "One task more")
    return world


def without_a_running_task(folder: Path) -> World:
    """Somebody removed a task from the plan that runs."""
    world = begun(folder)
    world.edit("### Task 1.2: Make b [~]\n- [ ] Create `src/b.py`\n", "")
    world.work_all(["auth/1.1/1"])
    world.merge()
    return world


def low_coverage(folder: Path) -> World:
    world = begun(folder, files={".maestro/context/workflow.md": "# Workflow\n\n- Coverage command: `echo TOTAL 40%`\n- Coverage threshold: 80\n"})
    world.work_all(["auth/1.1/1", "auth/1.2/1"])
    world.merge()
    return world


def single(folder: Path) -> World:
    world = begun(folder, mode=Mode.SINGLE)
    write(world.root, {"src/a.py": "a = 1\n"})
    return world


def shared(folder: Path) -> World:
    """A team whose first worker is done, and beside its file lies one that nobody claims."""
    world = begun(folder, mode=Mode.TEAM)
    write(world.root, {"src/a.py": "a = 1\n", "notes.txt": "whose?\n"})
    world.done("auth/1.1/1")
    world.merge()
    return world


def committed_in_a_team(folder: Path) -> World:
    world = begun(folder, mode=Mode.TEAM)
    write(world.root, {"src/a.py": "a = 1\n"})
    git(world.root, "add", "src/a.py")
    git(world.root, "commit", "--quiet", "--message", "a worker that commits")
    world.done("auth/1.1/1")
    world.merge()
    return world


def given_up(folder: Path) -> World:
    """A team whose first worker is gone."""
    world = begun(folder, worlds.FIVE, mode=Mode.TEAM)
    world.fail("auth/1.1/1", "lost", "lost")
    return world


def stray(folder: Path) -> World:
    """A worker left its worktree on a branch of its own."""
    world = begun(folder)
    git(world.folder("auth/1.1/1"), "switch", "--quiet", "-c", "mine")
    world.work_all(["auth/1.1/1"])
    world.merge()
    return world


def half_done(folder: Path) -> World:
    """A worker could not go on; what it had is kept."""
    world = begun(folder, worlds.CHAIN)
    world.write("auth/1.1/1", {"src/a.py": "nearly\n"})
    world.fail("auth/1.1/1", "which?", "unclear-spec")
    world.next()
    return world


def reset_away(folder: Path) -> World:
    """The newest of two merged tasks was taken off the branch, with the bookkeeping before it."""
    world = finished(folder)
    git(world.root, "reset", "--quiet", "--hard", f"{world.task('1.2').sha}^")
    world.next()
    return world


def about_the_lost_commit(world: World) -> str:
    return next(question.id for question in world.state.questions.values() if question.kind == "gone")


def answering(prepare: Callable[[Path], World], question: str, option: str, text: str = "") -> Verb:
    return Verb(prepare, lambda world: world.answer(question, option, text))


VERBS: dict[str, Verb] = {
    "cancelling": answering(asked, "start", "cancel"),
    "allowing the background": answering(lambda folder: asked(folder, text=worlds.FIVE, runtime="claude"), "start", "background"),
    "falling back to single": answering(lambda folder: answered(asked(folder), "start", "start"), "mode", "single"),
    "naming the tests": answering(lambda folder: past_the_start(asked(folder, test=None)), "test-command", "command", worlds.TEST),
    "stopping at a red base": answering(lambda folder: begun(folder, test="false"), "base-red", "stop"),
    "going on without tests": answering(lambda folder: begun(folder, test="false"), "base-red", "no-test"),
    "a branch of its own": answering(at_the_default_branch, "branch", "new"),
    "merging what was held": answering(held, "held-1.1-1", "merge"),
    "leaving out what was held": answering(held, "held-1.1-1", "leave-out"),
    "trying again without what was held": answering(held, "held-1.1-1", "retry", "not the CI"),
    "taking a switched worktree as it is": answering(stray, "strayed-1.1-1", "merge"),
    "trying again after a switch": answering(stray, "strayed-1.1-1", "retry"),
    "telling whose changes these are": answering(shared, "unclaimed-1.1-1", "task"),
    "leaving what nobody claims": answering(shared, "unclaimed-1.1-1", "leave"),
    "adopting a commit": answering(committed_in_a_team, "foreign-1.1-1", "adopt"),
    "claiming": Verb(given_up, lambda world: driving.claim(world.home, "kraken-1")),
    "fixing in place": answering(half_done, "failed-1.1", "fix"),
    "doing again what was reset away": Verb(reset_away, lambda world: world.answer(about_the_lost_commit(world), "again")),
    "leaving what was reset away": Verb(reset_away, lambda world: world.answer(about_the_lost_commit(world), "keep")),
    "retrying a conflict": answering(clashing, "conflict-1.2-1", "retry"),
    "resolving a conflict": answering(clashing, "conflict-1.2-1", "resolve"),
    "skipping a conflict": answering(clashing, "conflict-1.2-1", "skip"),
    "explaining a failure": answering(failed, "failed-1.1", "explain", "like this"),
    "skipping a failure": answering(failed, "failed-1.1", "skip"),
    "stopping at a failure": answering(failed, "failed-1.1", "stop"),
    "verifying a phase": answering(finished, "verify-1-1", "verified"),
    "finding an issue": answering(finished, "verify-1-1", "issue", "the colour is wrong"),
    "wanting a review": answering(lambda folder: answered(finished(folder, review="phase"), "verify-1-1", "verified"), "review-phase-1", "yes"),
    "applying what a review found": answering(reviewed, "review-phase-1-found", "apply", "name it better"),
    "stopping at a verification": answering(finished, "verify-1-1", "stop"),
    "asking for tests": answering(low_coverage, "coverage-1-1", "issue"),
    "stopping at low coverage": answering(low_coverage, "coverage-1-1", "stop"),
    "taking an edited plan": answering(without_a_running_task, "plan-changed", "accept"),
    "stopping at an edited plan": answering(without_a_running_task, "plan-changed", "stop"),
    "attaching": Verb(begun, lambda world: workers.attach(world.folder("auth/1.1/1"), Handle.parse("auth/1.1/1"))),
    "reporting": Verb(begun, lambda world: world.work("auth/1.1/1", {"src/a.py": "a = 1\n"})),
    "failing": Verb(begun, lambda world: (world.write("auth/1.1/1", {"src/a.py": "half\n"}), world.fail("auth/1.1/1"))),
    "reporting in the checkout": Verb(single, lambda world: (world.done("auth/1.1/1"), world.next())),
    "retrying": Verb(begun, lambda world: world.retry("auth/1.1/1")),
    "skipping": Verb(begun, lambda world: world.skip("1.2")),
    "pausing": Verb(begun, lambda world: world.pause()),
    "aborting": Verb(begun, lambda world: world.abort()),
    "taking work back": Verb(finished, lambda world: driving.undo(world.home, world.caller, ("1.2",))),
    "completing": Verb(verified, lambda world: world.complete()),
    "archiving": Verb(verified, lambda world: world.complete("archive")),
    "deleting": Verb(verified, lambda world: world.complete("delete", confirmed=True)),
    "starting again": Verb(completed, lambda world: world.begin()),
}


def answered(world: World, question: str, option: str) -> World:
    world.answer(question, option)
    return world


@dataclass(frozen=True)
class Seen:
    """What somebody sees of a run: its state, the questions, the branch, the documents, and what lies about."""

    states: dict[str, str]
    attempts: dict[str, list[str]]
    end: tuple[str | None, bool, str]
    settings: str
    asked: list[str]
    commits: list[str]
    documents: dict[str, str]
    files: list[str]
    around: list[str]


def see(world: World) -> Seen:
    state, root = world.state, world.root
    commits = git(root, "log", "--reverse", "--format=%s").splitlines()
    shas = git(root, "log", "--format=%h %s", "--abbrev=7").splitlines()
    documents = {str(path.relative_to(root)): path.read_text() for path in sorted(root.glob(".maestro/**/*.md"))}
    for sha, _, subject in (line.partition(" ") for line in shas):
        documents = {name: text.replace(sha, f"<{subject}>") for name, text in documents.items()}
    return Seen(
        states=world.states(),
        attempts={task.id: [f"{attempt.outcome} {attempt.failure}".strip() for attempt in task.attempts] for task in state.tasks.values()},
        end=(state.outcome, state.paused is not None, git(root, "branch", "--show-current")),
        settings=f"{state.settings.mode} {state.settings.test} {state.settings.branch} {state.settings.review}",
        asked=sorted(question.id for question in state.open_questions),
        commits=commits,
        documents={name: text for name, text in documents.items() if "/worktrees/" not in name},
        files=git(root, "ls-files").splitlines(),
        around=sorted(entry for entry in around(root) if not any(entry.partition("-before")[0].endswith(slug) for slug in cleaned_later(state))),
    )


def cleaned_later(state: RunState) -> list[str]:
    """Worktrees, branches and refs of merged work that a killed call did not remove any more go with the track's completion."""
    return [f"{task.id}-{attempt.number}" for task in state.tasks.values() for attempt in task.attempts if attempt.outcome == "merged"]


def around(root: Path) -> Iterator[str]:
    yield from git(root, "status", "--porcelain").splitlines()
    yield from (line.rpartition("/")[2] for line in git(root, "worktree", "list", "--porcelain").splitlines() if line.startswith("worktree "))
    yield from (line for line in git(root, "for-each-ref", "--format=%(refname)").splitlines())
    yield from (str(path) for path in (root / ".maestro").rglob("*.tmp"))


def repeat(world: World, verb: Verb) -> None:
    """What a person does after a crash: the same again. That it is done already may be said as an error."""
    with contextlib.suppress(MaestroError):
        verb.call(world)
    go_on(world)


def go_on(world: World) -> None:
    """What a session does, whatever happened."""
    if not world.state.over:
        world.merge()


def in_world(world: World, verb: Verb, end_at: int | None, copy_at: Container[int] = ()) -> Ended:
    def work() -> None:
        hurry()
        in_order()
        Seam(world.root, world.root.with_name("points"), end_at, copy_at)
        verb.call(world)

    return in_child(work, world.root.with_name("log"))


def points_of(world: World) -> list[Point]:
    return points_in(world.root.with_name("points"))


def differences(wanted: Seen, found: Seen) -> Iterator[str]:
    for entry in fields(Seen):
        if getattr(wanted, entry.name) != getattr(found, entry.name):
            yield f"  {entry.name}\n    wanted {getattr(wanted, entry.name)}\n    found  {getattr(found, entry.name)}"


class Bench:
    """One verb in a world that is put back to its beginning before each try."""

    def __init__(self, name: str, folder: Path) -> None:
        self.verb = VERBS[name]
        self.world = self.verb.prepare(folder / "project")
        self.saved = folder / "saved"
        shutil.copytree(self.world.root, self.saved, symlinks=True)
        ended = in_world(self.world, self.verb, None)
        assert ended.code == 0, ended.said
        self.points = points_of(self.world)
        go_on(self.world)
        self.wanted = see(self.world)

    def put_back(self) -> None:
        shutil.rmtree(self.world.root)
        shutil.copytree(self.saved, self.world.root, symlinks=True)

    def trouble(self, end_at: int, again: bool) -> str:
        """`again`: the verb is repeated; otherwise the run just goes on."""
        self.put_back()
        ended = in_world(self.world, self.verb, end_at)
        assert ended.killed, ended.said
        return self._afterwards(end_at, again)

    def sweep(self, repeated: Iterable[int], gone_on: Iterable[int]) -> Iterator[str]:
        """The same for many points, from the copies that one call made at each; see `killing.sweep`."""
        repeated, gone_on = set(repeated), set(gone_on)
        self.put_back()
        ended = in_world(self.world, self.verb, None, repeated | gone_on)
        assert ended.code == 0, ended.said
        tried = set()
        for number in sorted(repeated | gone_on):
            copy = copy_of(self.world.root, number)
            disk = digest(copy)
            for again in [again for again, numbers in ((True, repeated), (False, gone_on)) if number in numbers and (disk, again) not in tried]:
                tried.add((disk, again))
                shutil.rmtree(self.world.root)
                copy_repository(copy, self.world.root)
                yield self._afterwards(number, again)
            shutil.rmtree(copy)

    def _afterwards(self, end_at: int, again: bool) -> str:
        try:
            if again:
                repeat(self.world, self.verb)
            else:
                go_on(self.world)
        except Exception as error:
            return f"killed at {self.points[end_at - 1]}, {'repeated' if again else 'gone on'}: {error!r}"
        found = list(differences(self.wanted, see(self.world)))
        return f"killed at {self.points[end_at - 1]}, {'repeated' if again else 'gone on'}\n" + "\n".join(found) if found else ""

    def after_the_answer(self) -> int | None:
        """The number of the first point at which a recorded answer has not been carried out."""
        return next((number + 1 for number, point in enumerate(self.points, 1) if point.about == "question-answered" and point.moment == "torn"), None)
