"""Plans that tests of several rooms use."""

from __future__ import annotations

from pathlib import Path

from support import make_repository, write

LOGIN = """\
# Plan: User login

## Phase 1: Backend

### Task 1.1: Create the user table
- [ ] Write a failing test for `User`
- [ ] Create `src/models/user.py`

### Task 1.2: Password hashing
- [ ] Create `src/security/hashing.py` with `hash_password`

### Task 1.3: Login endpoint, after Task 1.1
- [ ] Create `src/api/login.py`
- [ ] Modify `src/app.py`

### Task 1.4: Rate limiting（登录限流）
- [ ] Create `src/api/limits.py`
- [ ] Modify `src/app.py`

### Phase 1 Completion Verification
- [ ] Run the test suite

## Phase 2: Frontend

### Task 2.1: Login form
- [ ] Create `web/login.tsx`

### Task 2.2: Session store
- [ ] Create `web/session.ts`

### Task 2.3: Connect form and session, after Task 2.1
- [ ] Modify `web/login.tsx` and `web/session.ts`
"""

SPEC_KIT = """\
# Tasks: Export

## Phase 1: Setup

- [ ] T001 Create the exporter in src/export.py
- [ ] T002 [P] Write tests/test_export.py (depends on T001)
"""

NEUTRAL = """\
{"tasks": [{"id": "a", "title": "Write the parser", "files": ["parser.py"]}, {"id": "b", "title": "Write the printer", "files": ["printer.py"]}]}
"""

CYCLE = """\
# Plan: Round

## Phase 1: One

### Task 1.1: First, after Task 1.2
- [ ] Create `a.py`

### Task 1.2: Second, after Task 1.1
- [ ] Create `b.py`
"""


def registry(*tracks: tuple[str, str, str]) -> str:
    """A registry of tracks given as marker, id, description."""
    entries = "\n".join(f"- [{marker}] **Track: {description}**\n*Type: feature | ID: [{id}](./tracks/{id}/)*\n" for marker, id, description in tracks)
    return f"# Tracks\n\n{entries}"


def make_project(folder: Path, plan: str = LOGIN, track: str = "auth", description: str = "User login") -> Path:
    """A repository with one track, as `tracks.py new` would have made it."""
    metadata = f'{{\n  "track_id": "{track}",\n  "type": "feature",\n  "status": "new",\n  "description": "{description}"\n}}\n'
    make_repository(folder, {"src/app.py": "x = 1\n"})
    write(
        folder,
        {
            ".maestro/tracks.md": registry((" ", track, description)),
            f".maestro/tracks/{track}/plan.md": plan,
            f".maestro/tracks/{track}/metadata.json": metadata,
        },
    )
    return folder


def many_tasks(count: int, per_phase: int = 20) -> str:
    """A plan of so many tasks, each with files of its own, every third needing the one before."""
    lines = ["# Plan: Many tasks", ""]
    for number in range(count):
        phase, place = number // per_phase + 1, number % per_phase + 1
        if place == 1:
            lines += [f"## Phase {phase}: Part {phase}", ""]
        after = f", after Task {phase}.{place - 1}" if place % 3 == 0 else ""
        lines += [f"### Task {phase}.{place}: Build module {number}{after}", f"- [ ] Create `src/module_{number}.py`"]
        lines += [f"- [ ] Write `tests/test_module_{number}.py`", ""]
    return "\n".join(lines)
