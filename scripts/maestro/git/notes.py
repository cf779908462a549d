"""Notes on commits (`git notes`), beside whatever others have written there."""

from __future__ import annotations

from maestro.git.runner import Git, failure


def note_of(git: Git, commit: str) -> str:
    """The note on a commit, empty where there is none."""
    result = git.run("notes", "show", commit, check=False)
    return result.text if result.code == 0 else ""


def add_to_note(git: Git, commit: str, text: str) -> None:
    """Let the note on a commit say this too, once: a note that is there already is kept in front. Raises Failed `git-failed`."""
    before = note_of(git, commit)
    text = text.strip()
    if not text or f"\n\n{text}\n\n" in f"\n\n{before}\n\n":
        return
    whole = f"{before}\n\n{text}\n" if before else f"{text}\n"
    result = git.run("notes", "add", "--force", "--file=-", commit, input=whole.encode("utf-8", "replace"), check=False)
    if result.code != 0:
        raise failure(result, git.cwd)
