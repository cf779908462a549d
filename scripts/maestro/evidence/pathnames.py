"""Which tokens of a text are paths.

Texts are full of things with slashes and dots. A token counts as a path when it has a form that nothing else has (a known extension, a trailing slash, a
wildcard, a well-known top folder) or when the repository tracks it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

from maestro.evidence.pathforms import (
    ALTERNATIVES,
    ATTRIBUTES,
    DOCUMENTS,
    DOMAINS,
    EXTENSIONS,
    MIME,
    NOT_ORDINARY,
    NOT_SOURCE,
    OBJECTS,
    ORDINARY,
    PLAIN_NAMES,
    PRODUCTS,
    ROOTS,
    SEGMENTS,
    VERSION,
    WINDOWS,
    Escape,
    compare_key,
    extension_of,
    is_glob,
    normalise,
)
from maestro.evidence.tokens import BETWEEN, SIGN
from maestro.patterns import holds, pattern

_NO_PATH = pattern(r"[\s|<>=$^%\"']|\(\)|::|\{\{|@[\w.-]+\.\w+$|@v?\d")
_DRIVE = pattern(r"[A-Za-z]:\\")
_ABSOLUTE = pattern(r"/(?<![\w./~-]/)(?:[\w.@+-]+/)+[\w.@+-]+")
_APART = str.maketrans({**dict.fromkeys(BETWEEN, " "), "*": None})


class PathNames:
    """Decides over tokens of a text, with the help of the repository where there is one."""

    def __init__(self, text: str, files: frozenset[str] | None, root: str | None = None) -> None:
        self.text = text
        self.files = files
        self._homes: dict[str, None] = {root.rstrip("/") + "/": None} if root else {}
        self._find_homes()

    @cached_property
    def _keys(self) -> dict[str, str]:
        """Of files whose names differ only in case the last in order counts, in every run the same."""
        return {compare_key(file): file for file in sorted(self.files or ())}

    @cached_property
    def _folders(self) -> frozenset[str]:
        folders = set()
        for file in self._keys:
            folder = file.rpartition("/")[0]
            while folder and folder not in folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        return frozenset(folders)

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = defaultdict(list)
        for file in sorted(self.files or ()):
            names[compare_key(file.rpartition("/")[2])].append(file)
        return names

    @cached_property
    def _plain_names(self) -> frozenset[str]:
        """Names without folder and extension that may be files."""
        return PLAIN_NAMES | {name for name in self._by_name if "." not in name}

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """Of these names those that the text may hold: most texts hold none, so that only words with signs have to be looked at."""
        words = set(self.text.replace("__", "").casefold().split())
        words = set(" ".join(words).translate(_APART).split())
        return tuple(name for name in self._plain_names if name in words or name.translate(_APART) != name or "__" in name)

    def has(self, path: str) -> bool | None:
        """Whether the repository tracks the file or folder; None without a repository."""
        if self.files is None:
            return None
        key = compare_key(path.rstrip("/"))
        return key in self._keys or key in self._folders

    def declared(self, token: str) -> str | None:
        """A path from a field that is meant for paths: any form will do. Raises Escape."""
        path = normalise(token)
        return self._resolve(path) if path and not VERSION.match(path) and path.casefold() not in ("none", "n/a", "tbd", "various") else None

    def speaks_plainly(self, line: str) -> bool:
        """Whether a line of the text may hold a path without any sign of one."""
        return bool(self.spoken) and holds(line.casefold(), self.spoken)

    def may_be_path(self, token: str) -> bool:
        """False for most words of a text: they have nothing that paths have, are just numbers or signs, or have just the full stop of their sentence."""
        if not SIGN.search(token):
            return token.casefold() in self._plain_names
        word = token.strip("./").replace(".", "")
        return not (not word or word.isdigit() or (word.isalpha() and token.rstrip(".") == word and compare_key(word) not in self._plain_names))

    def recognise(self, token: str, marked: bool) -> str | None:
        """The path that a token of running text is, or None, for tokens that may be one. Raises Escape.

        marked: it is code, which makes a name without folder more likely a file
        """
        if (form := ORDINARY.fullmatch(token)) and form["extension"].casefold() in EXTENSIONS:
            if form["first"] is None:
                return self._file_name(token, marked)
            if _is_in_folder(form["first"], token):
                return self._tracked(token, compare_key(token)) or token
        bare = token.strip("`'\"“”‘’(),;:!<>")
        if not bare or "://" in bare or bare.startswith(("@", "#", "--", "$", "www.")) or _NO_PATH.search(bare):
            return None
        if bare.startswith(("/", "~")) or _DRIVE.match(bare):
            if extension_of(bare) in EXTENSIONS and "/" in bare[1:]:
                raise Escape(bare)
            return None
        if VERSION.match(bare.rstrip(".")) or MIME.match(bare) or not any(letter.isalpha() or letter == "*" for letter in bare):
            return None
        if "\\" in bare and not (WINDOWS.match(bare) and extension_of(bare.replace("\\", "/")) in EXTENSIONS):
            return None
        path = normalise(bare)
        if not path or path.startswith(NOT_SOURCE) or not SEGMENTS.fullmatch(path.rstrip("/")):
            return None
        if "/" in path.rstrip("/"):
            return self._resolve(path) if self._has_folder_form(path) else None
        if path.endswith("/"):
            return path if (marked or self.has(path) or path.rstrip("/").casefold() in ROOTS or path.islower()) and len(path) > 2 else None
        return self._file_name(path, marked)

    def _tracked(self, path: str, key: str) -> str | None:
        """The repository's own spelling of a tracked file; a folder that is tracked gets its trailing slash."""
        if key in self._keys:
            return self._keys[key]
        return path + "/" if key in self._folders and not path.endswith("/") else None

    def _has_folder_form(self, path: str) -> bool:
        if self.has(path):
            return True
        first = path.split("/")[0]
        if DOMAINS.search(first) and not first.startswith("."):
            return False
        if path.endswith("/") or is_glob(path) or extension_of(path) in EXTENSIONS or path.rpartition("/")[2].casefold() in PLAIN_NAMES:
            return _ends_like_a_path(path)
        depth = path.count("/") + 1
        if first.startswith(".") and len(first) > 2:
            return True
        return first in ROOTS and (
            depth > 2 or not ALTERNATIVES.match(path) or first in ("src", "lib", "tests", "docs", "packages", "internal", "cmd", "crates", "pkg", "apps")
        )

    def _file_name(self, name: str, marked: bool) -> str | None:
        """A name without folder: a file that the repository has exactly once, or a name that only files have."""
        key = compare_key(name)
        if key in self._keys:
            return self._keys[key]
        stem, extension = name.rpartition(".")[0], extension_of(name)
        known = self._by_name.get(key, [])
        if len(known) == 1 and (extension or marked or key in PLAIN_NAMES):
            return known[0]
        if not extension and key in PLAIN_NAMES and (name.isupper() or name[0].isupper() or marked):
            alike = [file for file in self._keys.values() if "/" not in file and file.casefold().startswith(key + ".")]
            return (alike[0] if len(alike) == 1 else f"{name}.md") if key in DOCUMENTS and key != "license" else name
        if is_glob(name):
            return name if marked and extension in EXTENSIONS else None
        if name.startswith("."):
            return (
                name
                if marked
                and re.match(r"^\.[a-z][\w.-]+$", name)
                and (name.count(".") > 1 or name == ".env" or name.endswith(("rc", "ignore", "attributes", "config")))
                else None
            )
        if extension not in EXTENSIONS or not stem or stem.endswith("."):
            return None
        root = stem.casefold()
        if root in PRODUCTS and extension in ("js", "ts", "io", "net"):
            return None
        if extension in ATTRIBUTES and (root in OBJECTS or ("." in root and not marked)):
            return None
        return None if root in ("e", "i", "a", "p") and len(extension) == 1 else name

    def _resolve(self, path: str) -> str:
        """The path as the repository spells it, or else with the slash of a folder where it looks like one."""
        key = compare_key(path)
        if (tracked := self._tracked(path, key)) is not None:
            return tracked
        if not path.endswith("/") and not is_glob(path) and not extension_of(path) and path.rpartition("/")[2].casefold() not in PLAIN_NAMES and "/" in path:
            last = path.rpartition("/")[2]
            return path if last.startswith(".") else path + "/"
        if "/" not in path and not is_glob(path) and len(self._by_name.get(key, [])) == 1:
            return self._by_name[key][0]
        return path

    def _find_homes(self) -> None:
        """Find out by which folder of some machine the plan's author means this repository: the start of absolute paths whose end is a tracked file."""
        for match in _ABSOLUTE.finditer(self.text) if self.files and "/" in self.text else ():
            if (known := self._tracked_end(match[0])) is not None:
                self._homes[match[0][: len(match[0]) - len(known)]] = None

    def inside(self, absolute: str) -> str | None:
        """The path in this repository that an absolute path, perhaps of another machine, means; None when it lies outside."""
        path = absolute.replace("\\", "/")
        for home in self._homes:
            if path.startswith(home) and len(path) > len(home):
                return normalise(path[len(home) :])
        return self._tracked_end(path)

    def _tracked_end(self, path: str) -> str | None:
        """The tracked file, in a folder, that the path ends with."""
        parts = path.strip("/").split("/")
        for start in range(len(parts) - 1):
            if (key := compare_key("/".join(parts[start:]))) in self._keys:
                return self._keys[key]
        return None


def _is_in_folder(first: str, token: str) -> bool:
    """Whether nothing speaks against a path of ordinary form that begins with this folder."""
    return first.rpartition(".")[2].casefold() not in NOT_ORDINARY and not (first[0] == "." and token.startswith(NOT_SOURCE))


def _ends_like_a_path(path: str) -> bool:
    """`docs/guide.md` and `src/` end like paths; `and/or/`, or a sentence's slash, do not."""
    words = path.rstrip("/").split("/")
    return not (path.endswith("/") and len(words) > 1 and all(len(word) <= 1 for word in words))
