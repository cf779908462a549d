"""Reads a shell command as far as a guard needs it: which simple commands run, with which words, where, and what they write by redirection.

Quotes, comments, here-documents, substitutions, subshells and `sh -c` are understood as the shell understands them; what is quoted is never taken for a
command. Variables are not: a word that holds one is `dynamic`, a directory that depends on one is None. Raises ValueError for what it cannot read.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple


class Word(NamedTuple):
    text: str
    dynamic: bool = False


class Command(NamedTuple):
    """One simple command without its assignments and wrappers (`env`, `timeout` …). `directory`: where it runs, None when that cannot be known."""

    words: tuple[Word, ...]
    directory: str | None
    writes: tuple[Word, ...]


class _Token(NamedTuple):
    """A word, or with `operator` what stands between words. `inner`: scripts substituted into the word, `body`: a here-document."""

    word: Word
    operator: str = ""
    inner: tuple[str, ...] = ()


_OPERATORS = ("&&", "||", ";;", "<<<", "<<-", "<<", ">>", "<>", ">|", ">&", "&>>", "&>", "<&", "|&", ";", "&", "|", "(", ")", "<", ">", "\n")
_ENDS = {"&&", "||", ";;", ";", "&", "|", "|&", "(", ")", "\n"}
_WRITES = {">", ">>", ">|", "&>", "&>>", "<>"}
_KEYWORDS = {"if", "then", "else", "elif", "while", "until", "do", "!", "{", "}"}
_WRAPPERS = {"env", "sudo", "command", "exec", "builtin", "nohup", "nice", "ionice", "setsid", "stdbuf", "time", "timeout", "xargs", "caffeinate"}
_SHELLS = {"sh", "bash", "zsh", "dash", "ksh"}
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")
_OF_A_WRAPPER = re.compile(r"-|[A-Za-z_][A-Za-z0-9_]*=|\d+(\.\d+)?[smhd]?$|\{\}$")
_DEEPEST = 8


def commands(script: str, directory: str | None, depth: int = 0) -> list[Command]:
    """Every simple command of a script that starts in `directory`, in order."""
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    found: list[Command] = []
    tokens, bodies = _tokens(script)
    outer: list[str | None] = []
    simple: list[_Token] = []
    for token in [*tokens, _Token(Word(""), "\n")]:
        if token.operator not in _ENDS:
            simple.append(token)
            continue
        directory = _simple(simple, bodies, directory, depth, found)
        simple = []
        if token.operator == "(":
            outer.append(directory)
        elif token.operator == ")" and outer:
            directory = outer.pop()
    return found


def _simple(tokens: list[_Token], bodies: list[str], directory: str | None, depth: int, found: list[Command]) -> str | None:
    """Add one simple command and all that it starts; the directory in which the next one runs."""
    words: list[Word] = []
    writes: list[Word] = []
    body = ""
    redirection = ""
    for token in tokens:
        for script in token.inner:
            found += commands(script, directory, depth + 1)
        if token.operator:
            redirection = token.operator
            if redirection in ("<<", "<<-"):
                body = bodies.pop(0) if bodies else ""
        elif redirection:
            if redirection in _WRITES or (redirection == ">&" and not token.word.text.rstrip("-").isdigit()):
                writes.append(token.word)
            redirection = ""
        else:
            words.append(token.word)
    if words and words[0].text == "[[":
        writes = []
    where = directory
    while words and (words[0].text in _KEYWORDS or _ASSIGNMENT.match(words[0].text)):
        if words[0].text.startswith(("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR")):
            where = None
        words = words[1:]
    while words and os.path.basename(words[0].text) in _WRAPPERS:
        words = words[1:]
        while words and _OF_A_WRAPPER.match(words[0].text):
            words = words[1:]
    if words or writes:
        found.append(Command(tuple(words), where, tuple(writes)))
    if not words:
        return directory
    name, rest = os.path.basename(words[0].text), words[1:]
    if name == "eval":
        found += commands(" ".join(word.text for word in rest), directory, depth + 1)
    elif name in _SHELLS:
        for script in _scripts(rest, body):
            found += commands(script, directory, depth + 1)
    elif name in ("cd", "pushd"):
        return _joined(directory, next((word for word in rest if not word.text.startswith("-") or word.text == "-"), None))
    return directory


def _scripts(rest: list[Word], body: str) -> list[str]:
    """What a shell is told to run: after `-c`, or on its standard input."""
    for number, word in enumerate(rest):
        if re.match(r"-[a-z]*c[a-z]*$", word.text):
            return [text.text for text in rest[number + 1 : number + 2]]
    return [body] if body else []


def _joined(directory: str | None, target: Word | None) -> str | None:
    if target is None or target.dynamic or target.text in ("-", "") or target.text.startswith("+"):
        return None
    return place(target, directory)


def place(word: Word, directory: str | None) -> str | None:
    """The path that a word means, None when it cannot be known."""
    if word.dynamic:
        return None
    path = os.path.expanduser(word.text)
    if os.path.isabs(path):
        return os.path.normpath(path)
    return None if directory is None else os.path.normpath(os.path.join(directory, path))


def _tokens(script: str) -> tuple[list[_Token], list[str]]:
    """The script as words and operators, and the bodies of its here-documents."""
    tokens: list[_Token] = []
    bodies: list[str] = []
    awaited: list[tuple[str, bool]] = []
    at = 0
    while at < len(script):
        character = script[at]
        if character in " \t\r":
            at += 1
        elif script.startswith("\\\n", at):
            at += 2
        elif character == "#":
            end = script.find("\n", at)
            at = len(script) if end < 0 else end
        elif script.startswith("((", at) and "))" in script[at:]:
            at = script.index("))", at) + 2
            tokens.append(_Token(Word("", True)))
        elif script.startswith(("<(", ">("), at):
            inner, at = _until_parenthesis(script, at + 2)
            tokens.append(_Token(Word("", True), "", (inner,)))
        else:
            operator = next((one for one in _OPERATORS if script.startswith(one, at)), "")
            if not operator:
                token, at = _word(script, at)
                if token.word.text.isdigit() and at < len(script) and script[at] in "<>":
                    continue
                if tokens and tokens[-1].operator in ("<<", "<<-"):
                    awaited.append((token.word.text, tokens[-1].operator == "<<-"))
                tokens.append(token)
                continue
            at += len(operator)
            tokens.append(_Token(Word(""), operator))
            if operator == "\n":
                for delimiter, dented in awaited:
                    body, at = _here(script, at, delimiter, dented)
                    bodies.append(body)
                awaited = []
    return tokens, bodies


def _here(script: str, at: int, delimiter: str, dented: bool) -> tuple[str, int]:
    lines = []
    while at < len(script):
        end = script.find("\n", at)
        end = len(script) if end < 0 else end
        line = script[at:end]
        at = end + 1
        if (line.lstrip("\t") if dented else line) == delimiter:
            break
        lines.append(line)
    return "\n".join(lines), at


def _word(script: str, at: int) -> tuple[_Token, int]:
    text: list[str] = []
    inner: list[str] = []
    dynamic = False
    while at < len(script):
        character = script[at]
        if character == "'":
            end = script.find("'", at + 1)
            if end < 0:
                raise ValueError("a quote is not closed")
            text.append(script[at + 1 : end])
            at = end + 1
        elif character == '"':
            piece, parts, moving, at = _double_quoted(script, at + 1)
            text.append(piece)
            inner += parts
            dynamic = dynamic or moving
        elif character == "\\":
            text.append(script[at + 1 : at + 2].replace("\n", ""))
            at += 2
        elif character in "$`":
            if script.startswith("$'", at):
                at += 1
                continue
            part, at = _substitution(script, at)
            inner += part
            dynamic = True
        elif character in " \t\r\n;&|()<>":
            break
        else:
            dynamic = dynamic or character in "*?["
            text.append(character)
            at += 1
    return _Token(Word("".join(text), dynamic), "", tuple(inner)), at


def _double_quoted(script: str, at: int) -> tuple[str, list[str], bool, int]:
    text: list[str] = []
    inner: list[str] = []
    dynamic = False
    while at < len(script):
        character = script[at]
        if character == '"':
            return "".join(text), inner, dynamic, at + 1
        if character == "\\":
            following = script[at + 1 : at + 2]
            text.append(following if following in '"\\$`' else "" if following == "\n" else "\\" + following)
            at += 2
        elif character == "`" or (character == "$" and re.match(r"\$[\w({@*#?!$-]", script[at:])):
            part, at = _substitution(script, at)
            inner += part
            dynamic = True
        else:
            text.append(character)
            at += 1
    raise ValueError("a quote is not closed")


def _substitution(script: str, at: int) -> tuple[list[str], int]:
    """The scripts in what begins at `$` or a backtick, and where it ends."""
    if script[at] == "`":
        end = script.find("`", at + 1)
        if end < 0:
            raise ValueError("a backtick is not closed")
        return [script[at + 1 : end]], end + 1
    if script.startswith("$(", at):
        inner, at = _until_parenthesis(script, at + 2)
        return [inner], at
    if script.startswith("${", at):
        end = script.find("}", at)
        if end < 0:
            raise ValueError("a brace is not closed")
        return [], end + 1
    name = re.compile(r"\$(\w+|[@*#?!$-])?").match(script, at)
    assert name is not None
    return [], name.end()


def _until_parenthesis(script: str, at: int) -> tuple[str, int]:
    """The text up to the parenthesis that closes the one before `at`, and the place after it."""
    depth, start = 1, at
    while at < len(script):
        character = script[at]
        if character == "'":
            at = script.find("'", at + 1)
            if at < 0:
                break
        elif character == '"':
            at = _double_quoted(script, at + 1)[3] - 1
        elif character == "\\":
            at += 1
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if depth == 0:
                return script[start:at], at + 1
        at += 1
    raise ValueError("a parenthesis is not closed")
