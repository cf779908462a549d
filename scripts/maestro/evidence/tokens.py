"""The words of a line that may be paths, with what a command line says about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from maestro.models.plan import Access
from maestro.patterns import pattern
from maestro.records import dataclass

_SPAN = pattern(r"`(?<!``)`{0,2}(?!`)(?P<code>[^`]+)`{1,3}")
BETWEEN = "`\"“”‘’'(),;<>|"
"""What stands between two words, beside space."""
_WORD = pattern(rf"[^\s{BETWEEN}]+")
SIGN = pattern(r"[./\\*]")
"""Every path has one of these, apart from names that are known."""
_SIGNED = pattern(rf"(?<![^\s{BETWEEN}])[^\s{BETWEEN}./\\*]*+[./\\*][^\s{BETWEEN}]*+")
_COMMAND_NAMES = """
npm npx pnpm yarn bun node deno python python3 pytest uv poetry pip tox nox ruff mypy go cargo make just bash sh zsh git grep rg ls cat cd curl docker kubectl
terraform bundle rake rspec mvn gradle ./gradlew dotnet swift php composer phpunit jest vitest eslint tsc prettier test diff wc head tail sed awk find jq chmod
source maestro mv rm cp mkdir touch
"""
_COMMANDS = frozenset(_COMMAND_NAMES.split())
_FILE_COMMAND = pattern(r"\s*\$?\s*(?:git\s+)?(?P<verb>mv|rm|cp|mkdir|touch)\s")


@dataclass(frozen=True, slots=True)
class Token:
    """`start` and `end` place the word in its line. `marked` is true inside code; `access` is known for words of a command."""

    text: str
    start: int
    end: int
    marked: bool = False
    access: Access | None = None


def tokens(text: str, worth: Callable[[str], bool], *, signed: bool) -> Iterator[Token]:
    """The words of a line that are worth a look, from left to right. A code span is one word, unless it holds a command or several words.

    signed: none of its words can be worth it that has no sign of a path
    """
    end = 0
    for span in _SPAN.finditer(text) if "`" in text else ():
        start, after = span.span()
        if end < start:
            yield from _words(text, end, start, worth, signed)
        code = span["code"]
        if code.split(maxsplit=1) == [code]:
            if worth(code):
                yield Token(code, start, after, True)
        elif _is_command(code):
            yield from _command(code, span.start("code"), worth)
        elif " " in code.strip():
            yield from _words(text, *span.span("code"), worth, signed, marked=True)
        elif worth(code):
            yield Token(code, start, after, True)
        end = after
    if end < len(text):
        yield from _words(text, end, len(text), worth, signed)


def _words(text: str, start: int, end: int, worth: Callable[[str], bool], signed: bool, *, marked: bool = False) -> Iterable[Token]:
    if signed and not SIGN.search(text, start, end):
        return ()
    found = (_SIGNED if signed else _WORD).finditer(text, start, end)
    return [Token(word, *match.span(), marked) for match in found if worth(word := match[0])]


def _is_command(code: str) -> bool:
    """Whether a program stands in front, with or without a prompt, and something behind it."""
    words = code.replace("$", " ", 1).split(maxsplit=1) if code.lstrip().startswith("$") else code.split(maxsplit=1)
    return bool(words) and words[0] in _COMMANDS and (len(words) > 1 or code[-1:].isspace())


def _command(code: str, at: int, worth: Callable[[str], bool]) -> Iterator[Token]:
    """A program looks at the paths it is given, apart from those that move, remove or make files."""
    match = _FILE_COMMAND.match(code)
    verb = match["verb"] if match else ""
    words = [word for word in _WORD.finditer(code) if not word[0].startswith("-")]
    for word in words:
        if worth(word[0]):
            last = word is words[-1]
            access = {"mv": Access.CREATE if last else Access.RENAME, "cp": Access.CREATE if last else Access.READ, "rm": Access.DELETE}.get(verb)
            yield Token(word[0], at + word.start(), at + word.end(), True, access or (Access.CREATE if verb else Access.READ))
