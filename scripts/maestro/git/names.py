"""Names and texts on their way to git: plans, titles and reports are data and must not become options, ranges or patterns."""

from __future__ import annotations

import re

from maestro.errors import Usage

_FULL_ID = r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z"
_FORBIDDEN = r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|\Z)"

BRANCHES = "refs/heads/"
OURS = "refs/maestro/"


def is_full_id(value: str) -> bool:
    return re.match(_FULL_ID, value) is not None


def full_id(value: str) -> str:
    """`value`, which must be the full id of an object. Raises Usage `revision-invalid`: a name could mean another commit a moment later."""
    if not is_full_id(value):
        raise Usage("revision-invalid", f"{value!r} is not the full id of a commit.", hint="Give it as `git rev-parse` prints it.")
    return value


def branch_ref(branch: str) -> str:
    """The ref of a branch. Raises Usage `branch-invalid` for what `git check-ref-format` refuses."""
    return _ref(BRANCHES + branch, branch, "branch-invalid")


def private_ref(ref: str) -> str:
    """`ref`, which must lie below refs/maestro/. Raises Usage `ref-invalid`."""
    if not ref.startswith(OURS):
        raise Usage("ref-invalid", f"{ref!r} does not lie below {OURS}.", hint=f"`git for-each-ref {OURS}` lists those there are.")
    return _ref(ref, ref[len(OURS) :], "ref-invalid")


def literal(path: str) -> str:
    """The pathspec that means this path from the top of the checkout and nothing else, whatever characters it holds."""
    return f":(top,literal){path}"


def message_text(message: str) -> str:
    """A commit message as git takes it: git refuses NUL, which a plan's title may hold."""
    return message.replace("\0", "")


def _ref(ref: str, name: str, slug: str) -> str:
    odd = not name or name.startswith(("-", "/", ".")) or name.endswith(("/", ".")) or name in ("@", "HEAD")
    if odd or re.search(_FORBIDDEN, name) or not name.isprintable():
        raise Usage(slug, f"{name!r} cannot be the name of a branch.", hint="Use letters, digits, `-`, `_`, `.` and `/`.")
    return ref
