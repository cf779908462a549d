"""What a worker may and may not do, judged from the call alone."""

from __future__ import annotations

import pytest

from rules import NO_BRIEF, UNREADABLE, Worker, attaching, refusal

MAIN = "/home/user/project"
OWN = f"{MAIN}/.maestro/worktrees/r1/1.1-1"
WORKER = Worker(MAIN, f"{MAIN}/.git", OWN, "auth/1.1/1", ("/tmp",))
SHARING = WORKER._replace(own=MAIN)
EARLY = Worker(MAIN, f"{MAIN}/.git")


def bash(command: str, worker: Worker = WORKER, cwd: str = MAIN) -> str | None:
    return refusal("Bash", {"command": command}, cwd, worker)


def write(path: str, worker: Worker = WORKER, tool: str = "Write") -> str | None:
    return refusal(tool, {"file_path": path}, MAIN, worker)


@pytest.mark.parametrize(
    "command",
    [
        "git commit -m x",
        "git -C sub commit",
        f"git -C {OWN} commit -am done",
        f"cd {OWN} && git add -A && git commit -m 'task 1.1'",
        "git -c user.name=a -c user.email=b commit --amend",
        "git --no-pager --git-dir=.git commit",
        "GIT_AUTHOR_NAME=a git commit",
        "env A=b git commit",
        "/usr/bin/git commit",
        "timeout 10 git commit",
        "sudo git commit",
        "time git commit",
        "ls | xargs git commit",
        "(cd src; git commit -m x)",
        "if true; then git commit; fi",
        "for f in *; do git commit $f; done",
        "true || { git commit; }",
        "! git commit",
        "echo $(git commit -m x)",
        'echo "made: $(git commit -m x)"',
        "echo `git commit`",
        "diff <(git commit) x",
        "sh -c 'git commit -m x'",
        'bash -lc "cd src && git commit"',
        "eval git commit",
        "bash <<EOF\ngit commit\nEOF",
        "git add .\ngit commit -m 'x'",
        "git \\\n  commit",
        "ls # look\ngit commit",
        "cat > /tmp/note <<'EOF'\ntext\nEOF\ngit commit",
        "f() { git commit; }; f",
        "git commit 2>&1 | tail -3",
        "cd /tmp && cd - && git commit",
        'cd "$WHERE" && git commit',
        "GIT_DIR=/home/user/project/.git git commit",
    ],
)
def test_a_commit_is_refused_however_it_is_written(command: str) -> None:
    reason = bash(command)
    assert reason and "do not commit" in reason and "`maestro run done auth/1.1/1`" in reason


@pytest.mark.parametrize(
    "command",
    [
        "echo 'git commit'",
        'echo "git commit -m x"',
        "echo git commit",
        "grep -rn 'git stash' .",
        "rg 'git push' docs | head",
        "python3 -c \"print('git commit')\"",
        "cat > hook.sh <<'EOF'\ngit commit -m x\ngit push\nEOF",
        "cat <<-END\n\tgit stash\n\tEND",
        "# git commit",
        "ls # then git commit",
        "git status",
        "git diff HEAD",
        "git log --oneline -5 -- src",
        "git show HEAD:src/a.py",
        "git add -A",
        "git restore src/a.py",
        "git reset",
        "git reset -- src/a.py",
        "git stash list",
        "git clean -n",
        "git clean --dry-run -d",
        "git worktree list",
        "git branch",
        "git branch --show-current",
        "git merge-base HEAD main",
        "git merge-tree a b",
        "git rev-parse HEAD",
        "git --version",
        "git",
        "gitk commit",
        "legit commit",
        "make commit",
        "npm run push",
        "maestro worktree check auth/1.1/1",
        f"cd {OWN} && python3 -m pytest -q 2>&1 | tail -20",
        "mkdir -p /tmp/x && cd /tmp/x && git init && git commit --allow-empty -m x",
        "git -C /tmp/x commit --allow-empty -m x",
        "awk '{ print $1 }' file",
        "echo $((1 + 2)) ${HOME} $'a b'",
        "case x in a) ls;; *) pwd;; esac",
        "",
    ],
)
def test_what_only_looks_like_it_is_let_through(command: str) -> None:
    assert bash(command, cwd=OWN) is None


@pytest.mark.parametrize(
    ("command", "instead"),
    [
        ("git stash", "git diff > FILE"),
        ("git stash pop", "git diff > FILE"),
        ("git clean -fd", "by their names"),
        ("git reset --hard", "git restore PATH"),
        ("git reset --hard HEAD~1", "git restore PATH"),
        ("git checkout main", "git restore PATH"),
        ("git checkout -- src/a.py", "git restore PATH"),
        ("git switch -c other", "stay on this branch"),
        ("git push origin HEAD", "publishing is the user's"),
        ("git merge main", "brings your work together"),
        ("git rebase main", "brings your work together"),
        ("git worktree add ../x", "makes and removes worktrees"),
        ("git branch -D main", "makes and removes worktrees"),
    ],
)
def test_each_refusal_says_what_to_do_instead(command: str, instead: str) -> None:
    reason = bash(command)
    assert reason and instead in reason and reason.startswith("maestro: ") and "{" not in reason


@pytest.mark.parametrize("command", ["git commit -m 'open", "git $WHAT", 'x="$(git push'])
def test_what_cannot_be_read_is_refused_only_when_it_may_be_git(command: str) -> None:
    assert bash(command) == UNREADABLE


@pytest.mark.parametrize("command", ["echo 'open", "cat <<EOF\nno end", "$RUNNER tests"])
def test_what_cannot_be_read_and_is_not_git_goes_on(command: str) -> None:
    assert bash(command) is None


@pytest.mark.parametrize("tool", ["Write", "Edit", "MultiEdit"])
def test_files_are_written_in_the_own_worktree_only(tool: str) -> None:
    assert write(f"{OWN}/src/a.py", tool=tool) is None
    assert write(f"{OWN}/.maestro-result-1.1-1.json", tool=tool) is None
    assert write("/tmp/notes.txt", tool=tool) is None
    reason = write(f"{MAIN}/src/a.py", tool=tool)
    assert reason and f"Write {OWN}/src/a.py instead." in reason
    assert "outside your worktree" in (write("src/a.py", tool=tool) or ""), "relative paths mean the folder that the client is in"
    assert "outside your worktree" in (write(f"{MAIN}/.maestro/worktrees/r1/1.2-1/src/b.py", tool=tool) or "")
    assert "outside your worktree" in (write(f"{OWN}/../1.2-1/src/b.py", tool=tool) or "")
    assert "outside your worktree" in (write(f"{OWN}x/a.py", tool=tool) or "")
    assert "outside your worktree" in (write("/home/user/.bashrc", tool=tool) or "")


def test_a_notebook_is_a_file() -> None:
    assert refusal("NotebookEdit", {"notebook_path": f"{MAIN}/a.ipynb"}, MAIN, WORKER)


@pytest.mark.parametrize("path", [".maestro/tracks/auth/plan.md", ".beads/issues.jsonl", ".git/config"])
@pytest.mark.parametrize("root", [OWN, MAIN])
def test_documents_of_maestro_are_nobodys(root: str, path: str) -> None:
    assert write(f"{root}/{path}") and bash(f"echo x > {root}/{path}") and bash(f"rm -f {root}/{path}")
    assert write(f"{root}/{path}", SHARING) is not None if root == MAIN else True


@pytest.mark.parametrize(
    "command",
    [
        f"echo x > {MAIN}/leak.txt",
        "echo x > leak.txt",
        "echo x >> src/a.py",
        "make &> log.txt",
        f"cd {OWN} && cat a > ../../../../b",
        "rm -rf src",
        f"mv {OWN}/a.py src/a.py",
        f"cp {OWN}/a.py {MAIN}/src/",
        "ls | tee listing.txt",
        "touch a",
        "sed -i 's/a/b/' src/a.py",
    ],
)
def test_what_a_command_plainly_writes_is_seen(command: str) -> None:
    reason = bash(command)
    assert reason and "outside your worktree" in reason


@pytest.mark.parametrize(
    "command",
    [
        f"cd {OWN} && echo x > src/a.py",
        f"echo x > {OWN}/src/a.py",
        "make test > /dev/null 2>&1",
        "make test > /tmp/log",
        "echo x > $OUT",
        f"cp {MAIN}/src/a.py {OWN}/src/b.py",
        f"cd {OWN} && rm -rf build && sed -i.bak 's/a/b/' src/a.py",
        "sed -n 1,20p src/a.py",
        "cat < src/a.py",
        "test 1 -gt 0 && (( 2 > 1 ))",
        "[[ b > a ]] && echo yes",
    ],
)
def test_what_it_writes_elsewhere_is_its_own_affair(command: str) -> None:
    assert bash(command) is None


def test_in_a_shared_checkout_the_project_may_be_written_and_other_peoples_work_not_taken_back() -> None:
    assert write(f"{MAIN}/src/a.py", SHARING) is None and bash("echo x > src/a.py", SHARING) is None
    assert "Others work in this checkout" in (bash("git restore .", SHARING) or "")
    assert "Others work in this checkout" in (bash("git checkout -- .", SHARING) or "")
    assert "do not commit" in (bash("git commit -am x", SHARING) or "")


def test_before_it_has_attached_a_worker_has_nothing_to_do() -> None:
    assert write(f"{MAIN}/src/a.py", EARLY) == NO_BRIEF and bash("git commit -m x", EARLY) == NO_BRIEF and bash("echo > a", EARLY) == NO_BRIEF
    assert bash("maestro worktree attach auth/1.1/1", EARLY) is None and bash("git status", EARLY) is None


def test_a_link_out_of_the_worktree_is_followed() -> None:
    reason = refusal("Write", {"file_path": f"{OWN}/link/a.py"}, MAIN, WORKER, lambda path: path.replace(f"{OWN}/link", f"{MAIN}/src"))
    assert reason and "outside your worktree" in reason


def test_other_tools_are_none_of_its_business() -> None:
    assert refusal("Read", {"file_path": f"{MAIN}/src/a.py"}, MAIN, WORKER) is None
    assert refusal("Write", {}, MAIN, WORKER) is None and refusal("Bash", {}, MAIN, WORKER) is None


@pytest.mark.parametrize(
    ("command", "handle"),
    [
        ("maestro worktree attach auth/1.1/1", "auth/1.1/1"),
        ("python3 '/a b/scripts/worktree.py' attach auth/1.1/2", "auth/1.1/2"),
        (f"cd {MAIN} && maestro worktree attach --json auth/1.1/1 2>&1", "auth/1.1/1"),
        ("maestro worktree attach 'auth/a b/1'", "auth/a b/1"),
        ("maestro worktree check auth/1.1/1", None),
        ("echo 'maestro worktree attach auth/1.1/1'", None),
        ("maestro worktree attach", None),
        ("echo 'open", None),
    ],
)
def test_an_attach_tells_which_attempt_an_agent_works_on(command: str, handle: str | None) -> None:
    assert attaching({"command": command}) == handle
