"""What the words of one line say beside their meaning: markers, recorded commits, checkpoints, emphasis, comments.

Everything here works on one line of a document and returns offsets into the whole text, so that edits can be exact.
"""

from __future__ import annotations

import re

from maestro.models.plan import Span, Status
from maestro.patterns import pattern
from maestro.records import dataclass

_READ = {
    "": Status.NEW,
    "x": Status.DONE,
    "X": Status.DONE,
    "✓": Status.DONE,
    "✔": Status.DONE,
    "✅": Status.DONE,
    "~": Status.PROGRESS,
    "/": Status.PROGRESS,
    "-": Status.SKIPPED,
    "!": Status.BLOCKED,
}
_MARK = pattern(r"\[([ \t]{0,4}|[^\[\]\s])\](?![(\[:])")
_SHORTEST_SHA = 7
_SHA = rf"[0-9a-f]{{{_SHORTEST_SHA},40}}"
_SHAS = pattern(rf"(?:(?:commit|sha)s?\s*[:=]?\s*)?({_SHA}(?:\s*(?:,|;|&|\+|and)\s*{_SHA})*)", re.I)
_BARE_SHA = pattern(rf"{_SHA}(?:,?\s*{_SHA})*")
_INNER_SHA = pattern(rf"`({_SHA})`|\[({_SHA})\]|\(({_SHA})\)")
_CHECKPOINT = pattern(r"checkpoint\b\s*:?\s*(.*)", re.I | re.S)
_PENDING = pattern(r"(?:commit\s+)?(?:pending|tbd|todo)(?:\s+(?:commit|sha))?|sha", re.I)
_COMMENT_ID = pattern(r"(?:^|[\s,])id\s*[:=]\s*\"?([\w.-]+)", re.I)
EMPHASIS = "*_~`"


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker as written. `status` is None when the character between the brackets is none that we know."""

    status: Status | None
    span: Span


@dataclass(slots=True)
class Tail:
    """What stands behind a title, read from the end of the line.

    `end` is where the title ends. `sha_span` covers the recorded commits with their delimiters or a placeholder for them.
    """

    end: int
    mark: Mark | None = None
    sha: str | None = None
    sha_span: Span | None = None
    checkpoint: str | None = None
    checkpoint_span: Span | None = None
    comment_id: str | None = None


def read_mark(text: str, start: int, end: int) -> Mark | None:
    """The marker at `start`, behind opening emphasis at most. `[x](link)`, `[R] Revise` and `[P]` are none."""
    at = start
    while at < end and text[at] in EMPHASIS and at - start < 4:
        at += 1
    found = _MARK.match(text, at, end) if text.startswith("[", at, end) else None
    if found is None:
        return None
    inside = found[1].strip()
    if inside not in _READ and (inside.isupper() or inside.isdigit()):
        return None
    return Mark(_READ.get(inside), Span(at, found.end()))


def read_tail(text: str, start: int, end: int, *, done: bool, heading: bool) -> Tail:
    """Read a title's line from its end: comments, checkpoint, commits, and in a heading the marker.

    Only what is marked done has recorded a commit, so the same characters behind an open task belong to its title.
    """
    tail = Tail(_trim(text, start, end))
    waiting: list[tuple[int, str, Span]] = []
    while tail.end > start:
        at = _token(text, start, tail.end)
        raw = text[at : tail.end]
        if raw[0] not in "<[(`" and (len(raw) < _SHORTEST_SHA or not _BARE_SHA.fullmatch(raw)):
            break  # most titles: their last word is a word
        span = Span(at, tail.end)
        if raw.startswith("<!--"):
            _take_comment(tail, text, span, waiting)
        elif raw[0] == "[" and (checkpoint := _CHECKPOINT.fullmatch(raw[1:-1].strip())):
            tail.checkpoint, tail.checkpoint_span = checkpoint[1].strip() or None, span
        elif heading and tail.mark is None and (mark := _mark_token(text, span)):
            tail.mark = mark
            done = mark.status is Status.DONE
        elif not waiting and _is_sha(raw, done):
            waiting.append((tail.end, raw, span))
        else:
            break
        tail.end = _trim(text, start, at)
    if waiting:
        before, raw, span = waiting[0]
        if done:
            sha = _SHAS.search(raw)
            tail.sha, tail.sha_span = (sha[1] if sha else None), span
        else:
            tail.end = max(tail.end, before)
    elif done and (inner := _last_inner_sha(text, start, tail.end)):
        tail.sha, tail.sha_span = text[inner.start + 1 : inner.end - 1], inner
    return tail


def clean(text: str) -> str:
    """A title without emphasis and strike-through; what stands in code spans is kept, backticks included."""
    plain = (without_comments(text) if "<!--" in text else text).strip(" \t")
    if "`" in plain and plain.count("`") % 2:
        plain = plain.removesuffix("`").strip(" \t")
    if "**" in plain or "~~" in plain:
        parts = plain.split("`") if plain.count("`") % 2 == 0 else [plain]
        parts[::2] = [part.replace("**", "").replace("~~", "") for part in parts[::2]]
        plain = "`".join(parts).strip(" \t")
    if plain.startswith(("*", "_")):
        for mark in ("__", "*", "_"):
            if len(plain) > 2 * len(mark) and plain.startswith(mark) and plain.endswith(mark) and mark[0] not in plain[len(mark) : -len(mark)]:
                plain = plain[len(mark) : -len(mark)].strip(" \t")
    return plain


def without_comments(text: str) -> str:
    """The text without HTML comments, except in code spans."""
    if "<!--" not in text:
        return text
    kept: list[str] = []
    at = 0
    while (opening := text.find("<!--", at)) >= 0:
        if text.count("`", at, opening) % 2 and (tick := text.find("`", opening)) >= 0:
            kept.append(text[at : tick + 1])
            at = tick + 1
            continue
        closing = text.find("-->", opening + 4)
        if closing < 0:
            break
        kept.append(text[at:opening])
        at = closing + 3
    kept.append(text[at:])
    return "".join(kept)


def _trim(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1] in " \t":
        end -= 1
    return end


def _token(text: str, start: int, end: int) -> int:
    """Where the last word, bracketed group, code span or comment before `end` begins."""
    last = text[end - 1]
    opening = -1
    if text.startswith("-->", end - 3) and end - 3 >= start:
        opening = text.rfind("<!--", start, end)
    elif last in "])":
        opening = text.rfind("[" if last == "]" else "(", start, end)
    elif last == "`":
        opening = text.rfind("`", start, end - 1)
        return opening if opening >= 0 else end - 1
    if opening >= 0:
        return opening
    at = _word(text, start, end)
    if end - at >= _SHORTEST_SHA and _BARE_SHA.fullmatch(text, at, end):
        return _further_shas(text, start, at)
    return at


def _word(text: str, start: int, end: int) -> int:
    """Where the last word before `end` begins. No more than 42 of its characters are looked at."""
    lowest = max(start, end - 42)
    return max(lowest, text.rfind(" ", lowest, end) + 1, text.rfind("\t", lowest, end) + 1)


def _further_shas(text: str, start: int, at: int) -> int:
    """Several commits stand in one list, `f98aff5, d184603`: where the first begins."""
    while True:
        before = _trim(text, start, at)
        if before <= start or text[before - 1] != ",":
            return at
        begin = _word(text, start, before)
        if not re.fullmatch(_SHA, text[begin : before - 1]):
            return at
        at = begin


def _mark_token(text: str, span: Span) -> Mark | None:
    start, end = span.start, span.end
    if text[start] == "`" and end - start > 2:
        start, end = start + 1, end - 1
    mark = read_mark(text, start, end) if text[start] == "[" else None
    return mark if mark is not None and mark.span.end == end else None


def _is_sha(raw: str, done: bool) -> bool:
    if raw[0] in "[(`" and len(raw) > 2:
        inner = raw[1:-1].strip().strip("`")
        return bool(_SHAS.fullmatch(inner)) or (done and bool(_PENDING.fullmatch(inner)))
    return bool(_BARE_SHA.fullmatch(raw))


def _take_comment(tail: Tail, text: str, span: Span, waiting: list[tuple[int, str, Span]]) -> None:
    inner = text[span.start + 4 : span.end - 3].strip()
    if identity := _COMMENT_ID.search(inner):
        tail.comment_id = identity[1]
    elif not waiting and _SHAS.fullmatch(inner):
        waiting.append((span.end, inner, span))


def _last_inner_sha(text: str, start: int, end: int) -> Span | None:
    last = None
    for found in _INNER_SHA.finditer(text, start, end):
        last = found
    return Span(last.start(), last.end()) if last else None
