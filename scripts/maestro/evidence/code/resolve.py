"""Which file of the repository an import leads to.

Nothing is executed and no configuration is read: a module name is matched against the ends of the tracked paths, and only a match that cannot mean anything
else counts.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from functools import cached_property

_SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".d.ts")


class Resolver:
    """Knows all tracked files by the ends of their paths."""

    def __init__(self, files: frozenset[str]) -> None:
        self.files = files

    def targets(self, importer: str, source: str) -> list[str]:
        """The files that `source`, as the file `importer` writes it, leads to; empty for what lies outside the repository."""
        extension = posixpath.splitext(importer)[1]
        if extension in (".py", ".pyi"):
            return self._python(importer, source)
        if extension in _SCRIPTS or importer.endswith(".vue"):
            return self._script(importer, source)
        if extension == ".go":
            return self._go(source)
        if extension == ".rs":
            return self._rust(importer, source)
        if extension == ".java":
            return self._one(f"{source.replace('.', '/')}.java") or self._one(f"{source.rpartition('.')[0].replace('.', '/')}.java")
        if extension == ".rb":
            base = posixpath.normpath(posixpath.join(posixpath.dirname(importer), source)) if source.startswith(".") else source
            return [f"{base}.rb"] if f"{base}.rb" in self.files else self._one(f"{base}.rb")
        return []

    def _python(self, importer: str, source: str) -> list[str]:
        name = source.lstrip(".")
        dots = len(source) - len(name)
        path = name.replace(".", "/")
        if not dots:
            return self._one(f"{path}.py") or self._one(f"{path}/__init__.py")
        folder = posixpath.dirname(importer)
        for _ in range(dots - 1):
            folder = posixpath.dirname(folder)
        base = posixpath.join(folder, path) if path else folder
        return [file for file in (f"{base}.py", f"{base}/__init__.py".lstrip("/")) if file in self.files][:1]

    def _script(self, importer: str, source: str) -> list[str]:
        if source.startswith("."):
            return self._script_at(posixpath.normpath(posixpath.join(posixpath.dirname(importer), source)))
        for mark, roots in (("@/", ("src/", "app/", "")), ("~/", ("src/", "app/", "")), ("#/", ("src/", ""))):
            if source.startswith(mark):
                for root in roots:
                    if found := self._script_at(root + source[len(mark) :]):
                        return found
        return self._script_at(source) if source.startswith("src/") else []

    def _script_at(self, base: str) -> list[str]:
        bare = posixpath.splitext(base)[0] if base.endswith((".js", ".jsx", ".mjs", ".cjs")) else base
        places = [base, *(f"{stem}{extension}" for stem in (base, bare) for extension in _SCRIPTS), *(f"{base}/index{extension}" for extension in _SCRIPTS)]
        return [place for place in places if place in self.files][:1]

    def _go(self, source: str) -> list[str]:
        """All files of the package whose folder the import path ends in, the longest such folder."""
        parts = source.split("/")
        for start in range(1, len(parts)):
            folder = "/".join(parts[start:])
            if folder in self._go_folders:
                return self._go_folders[folder]
        return []

    def _rust(self, importer: str, source: str) -> list[str]:
        parts = source.split("::")
        folder, stem = posixpath.dirname(importer), posixpath.splitext(posixpath.basename(importer))[0]
        own = folder if stem in ("mod", "lib", "main") else posixpath.join(folder, stem)
        if parts[0] == "crate":
            root = importer[: importer.find("src/") + 4] if "src/" in importer else ""
            base = root.rstrip("/")
        elif parts[0] == "super":
            base = posixpath.dirname(own)
        elif parts[0] == "self":
            base = own
        else:
            return []
        for end in range(len(parts), 1, -1):
            path = posixpath.join(base, *parts[1:end])
            if found := [file for file in (f"{path}.rs", f"{path}/mod.rs") if file in self.files]:
                return found
        return []

    def _one(self, end: str) -> list[str]:
        """The only file whose path ends so; a shorter path wins over the same end in a deeper folder of tests or examples."""
        found = [file for file in self._by_name[posixpath.basename(end)] if file == end or file.endswith(f"/{end}")]
        if len(found) > 1:
            depth = min(file.count("/") for file in found)
            found = [file for file in found if file.count("/") == depth]
        return found if len(found) == 1 else []

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = defaultdict(list)
        for file in sorted(self.files):
            names[posixpath.basename(file)].append(file)
        return names

    @cached_property
    def _go_folders(self) -> dict[str, list[str]]:
        folders: dict[str, list[str]] = defaultdict(list)
        for file in sorted(self.files):
            if file.endswith(".go") and not file.endswith("_test.go"):
                folders[posixpath.dirname(file)].append(file)
        return folders
