"""The words of a line that may be paths, with what a command line says about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from maestro.models.plan import Access
from maestro.patterns import pattern
from maestro.records import dataclass

_SPAN = pattern(r"(?<!`)`{1,3}(?!`)(?P<code>[^`]+)`{1,3}")
_WORD = pattern(r"[^\s`\"“”‘’'(),;<>|]+")
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


def tokens(text: str, worth: Callable[[str], bool]) -> Iterator[Token]:
    """The words of a line that are worth a look, from left to right. A code span is one word, unless it holds a command or several words."""
    end = 0
    for span in _SPAN.finditer(text) if "`" in text else ():
        yield from _words(text[end : span.start()], end, worth)
        code = span["code"]
        if _is_command(code):
            yield from _command(code, span.start("code"))
        elif " " in code.strip():
            yield from _words(code, span.start("code"), worth, marked=True)
        else:
            yield Token(code, span.start(), span.end(), marked=True)
        end = span.end()
    yield from _words(text[end:], end, worth)


def _words(text: str, at: int, worth: Callable[[str], bool], *, marked: bool = False) -> Iterator[Token]:
    return (Token(match[0], at + match.start(), at + match.end(), marked) for match in _WORD.finditer(text) if worth(match[0]))


def _is_command(code: str) -> bool:
    """Whether a program stands in front, with or without a prompt, and something behind it."""
    words = code.replace("$", " ", 1).split(maxsplit=1) if code.lstrip().startswith("$") else code.split(maxsplit=1)
    return bool(words) and words[0] in _COMMANDS and (len(words) > 1 or code[-1:].isspace())


def _command(code: str, at: int) -> Iterator[Token]:
    """A program looks at the paths it is given, apart from those that move, remove or make files."""
    match = _FILE_COMMAND.match(code)
    verb = match["verb"] if match else ""
    words = list(_words(code, at, lambda word: not word.startswith("-"), marked=True))
    for word in words:
        last = word is words[-1]
        access = {"mv": Access.CREATE if last else Access.RENAME, "cp": Access.CREATE if last else Access.READ, "rm": Access.DELETE}.get(verb)
        yield Token(word.text, word.start, word.end, True, access or (Access.CREATE if verb else Access.READ))
