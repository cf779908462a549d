"""What is asked about a phase, the plan, or the whole track."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.models.run import Option, PhaseRun, Question
from maestro.run.commands import text_at


def called(phase: PhaseRun) -> str:
    """`Phase 1 (Sign in)`; a plan need not name its phases."""
    return f"Phase {phase.id} ({phase.title})" if phase.title else f"Phase {phase.id}"


def verify_id(phase: PhaseRun) -> str:
    return f"verify-{phase.id}-{phase.fixes + 1}"


def verify(phase: PhaseRun, green: bool, words: str, commit: str, steps: Sequence[str] = ()) -> Question:
    """`steps` are what a person is to try by hand."""
    return Question(
        verify_id(phase),
        "verify-phase",
        f"{called(phase)}: {words} Is the phase verified?",
        (
            Option("verified", "Verified", "the phase gets its checkpoint"),
            Option("issue", "Found an issue", f"a fix task {phase.id}.fix{phase.fixes + 1} runs, then this is asked again"),
            Option("stop", "Stop here", "everything is kept; resume later"),
        ),
        default="verified" if green else None,
        unattended="verified" if green else None,
        phase=phase.id,
        context={"commit": commit, "steps": list(steps)},
    )


def coverage_id(phase: PhaseRun) -> str:
    return f"coverage-{phase.id}-{phase.fixes + 1}"


def coverage_low(phase: PhaseRun, percent: float, threshold: float) -> Question:
    return Question(
        coverage_id(phase),
        "coverage",
        f"Coverage is {percent:g} %, below the threshold of {threshold:g} %.",
        (
            Option("accept", "Accept it", "the phase goes on to its verification"),
            Option("issue", "Add tests", f"a fix task {phase.id}.fix{phase.fixes + 1} adds them"),
            Option("stop", "Stop here", "everything is kept; resume later"),
        ),
        phase=phase.id,
        context={"percent": percent, "threshold": threshold},
    )


def review(subject: str, words: str, commits: str, phase: str, *, each: str, last: bool, task: str | None = None) -> Question:
    """`subject` names what was finished in the question's id, `words` in the text; `commits` is a range or commit for the reviewer, of phase `phase`.

    It is asked after each checkpoint, the last one too: what a review finds there is mended before the track is complete.
    each: what is reviewed, `task`, `wave` or `phase`, for saying when this is asked again; last: no other one follows
    """
    inspected = "a review sub-agent inspects the changes; what it finds is applied before anything else starts"
    ending, before = (", the last of this track", "the track is completed") if last else ("", "going on")
    no, never = Option("no", "No", f"not this {each}; asked again after the next"), Option("never", "Never", "not this one, and not asked again in this run")
    return Question(
        f"review-{subject}",
        "review",
        f"{words} is done{ending}. Run a hygienic code review of it before {before}?",
        (Option("no", "No", "go on"), Option("yes", "Yes", inspected)) if last else (no, Option("yes", "Yes", inspected), never),
        default="no",
        unattended="no",
        task=task,
        context={"commits": commits, "phase": phase, "words": words},
    )


def review_found(asked: Question, fix: str) -> Question:
    """What is asked once a review was wanted: nothing starts until the agent says what it found. `fix` is the task that would apply it."""
    about = asked.context
    return Question(
        f"{asked.id}-found",
        "review-found",
        f"Have a review sub-agent read {about['words']}, `git diff {about['commits']}`, as {text_at('quality-gates')} says. What has to be changed?",
        (
            Option("nothing", "Nothing", "go on"),
            Option("apply", "Changes", f"{fix} applies them before anything else starts"),
        ),
        default="nothing",
        task=asked.task,
        context=dict(about),
        ask="agent",
    )


def plan_changed(lines: Sequence[str]) -> Question:
    return Question(
        "plan-changed",
        "plan-changed",
        "The plan was edited in a way that cannot be followed by itself: " + "; ".join(lines) + ".",
        (
            Option("accept", "Take the plan as it is now", "removed tasks leave the run, new ones join it"),
            Option("stop", "Stop here", "mend the plan, then resume"),
        ),
        context={"changes": list(lines)},
    )


def cleanup(track: str, adopted: str = "") -> Question:
    """`adopted` is the path of a plan that does not lie in the track's folder."""
    return Question(
        "cleanup",
        "cleanup",
        f"Track {track} is complete. What happens to its folder?",
        (
            Option("keep", "Keep the folder", "it stays where it is"),
            Option("review", "Review first", "keeps it and names the review command"),
            Option("archive", "Archive the folder", f"moves it to .maestro/archive/{track}/{f'; the plan {adopted} stays where it is' if adopted else ''}"),
            Option("delete", "Delete the folder", f"asks once more, then removes it; {f'commits and the plan {adopted}' if adopted else 'commits'} stay"),
        ),
        default="keep",
        unattended="keep",
    )


def cleanup_delete(track: str, adopted: str = "") -> Question:
    """`adopted` as in `cleanup`."""
    goes = f"Its metadata goes; the plan {adopted} stays" if adopted else "Its plan, spec and metadata go; git keeps what was committed"
    return Question(
        "cleanup-delete",
        "cleanup-delete",
        f"Really delete .maestro/tracks/{track}/? {goes}.",
        (Option("keep", "Keep it", "nothing is deleted"), Option("delete", "Delete it", "the folder is removed")),
        default="keep",
        unattended="keep",
    )
