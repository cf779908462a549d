"""The form of paths: how spellings of one path become one, and which words and endings make a token look like a path."""

from __future__ import annotations

import re
import unicodedata

from maestro.patterns import pattern


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EXTENSIONS = _words(
    """
    py pyi ipynb js jsx mjs cjs ts tsx mts cts vue svelte astro html htm css scss sass less json jsonc json5 jsonl ndjson yaml yml toml ini cfg conf env
    md mdx mdc rst txt adoc tex csv tsv xml svg png jpg jpeg gif webp ico pdf sql prisma graphql gql proto go mod sum rs rb erb rake java kt kts scala clj
    cljs groovy gradle c h cc cpp cxx hpp hh cs csproj sln fs fsx swift m mm dart lua pl pm php phtml twig blade ex exs eex heex erl hrl hs elm ml mli nim
    zig v vhd sh bash zsh fish ps1 psm1 bat cmd tf tfvars hcl nix dockerfile lock lockb snap tmpl tpl j2 jinja hbs ejs pug mustache template properties
    plist xcconfig storyboard xib wasm wat sol r jl cmake mk patch diff log db sqlite sqlite3 parquet avsc thrift http rest po pot ttf woff woff2 mp3 mp4
    wav example sample
    """
)
PLAIN_NAMES = _words(
    """
    makefile dockerfile containerfile license procfile gemfile rakefile justfile jenkinsfile vagrantfile brewfile podfile codeowners cmakelists.txt
    changelog readme
    """
)
DOCUMENTS = ("readme", "changelog", "license", "contributing")
ROOTS = _words(
    """
    src lib app apps packages pkg cmd internal tests test spec docs doc scripts script tools crates services components pages frontend backend web ui
    examples migrations config configs assets public static styles bin e2e fixtures infra deploy server client api plugins modules skills agents commands
    hooks reference schemas templates prisma database db supabase resources
    """
)
PRODUCTS = _words(
    """
    node next vue nuxt react express angular ember backbone three d3 chart socket discord alpine deno bun nest moment day p5 plotly require asp knockout
    underscore polymer meteor solid svelte handlebars mustache gatsby electron cypress jquery
    """
)
OBJECTS = _words(
    """
    self this req res request response ctx context e event err error process console module window document json math object array string date promise
    path os sys fs np pd plt df data result obj item node el element props state app router db client server logger log user session config settings i
    args
    """
)
ATTRIBUTES = _words(
    """
    json log env db map text html css sql http rest example sample m h c r v d lock template properties cmd mod sum
    """
)
"""Extensions that are also names of attributes and methods: `res.json`, `process.env`."""
_TOP_LEVELS = ("com", "org", "net", "io", "dev", "ai", "app", "edu", "gov", "co", "uk", "de", "fr", "sh", "me", "xyz")
DOMAINS = pattern(rf"\.(?:{'|'.join(_TOP_LEVELS)})(?:/|:|$)", re.IGNORECASE)
_LINES = pattern(r"(?::\d+(?:-\d+)?(?:[,:]\s?\d+(?:-\d+)?)*|#L\d+(?:-L?\d+)?|\(\d+(?:,\s?\d+)?\))$")
VERSION = pattern(r"^[v^~=<>]*\d+(?:\.\d+)*(?:[-–]\d+(?:\.\d+)*)?(?:\.[x*])?$", re.IGNORECASE)
_MEDIA = ("application", "text", "image", "audio", "video", "multipart", "font", "model", "message")
MIME = pattern(rf"^(?:{'|'.join(_MEDIA)})/[\w.+*-]+$")
_SEGMENT = r"[\w@.+\-\[\](){}*?!,$~ &=#']+"
SEGMENTS = pattern(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_CHOICE = pattern(r"\{[^{}]*,[^{}]*\}")
_DRIVE = pattern(r"[A-Za-z]:/")
_QUOTES = "`'\"“”‘’"
_PUNCTUATION = ".,;:!"
_REMARK = pattern(r"\s+(?:\([^()]*\)|[-–—]\s.*)$")
"""What a field says about a path behind it: `a.ts (new)`, `a.ts - the model`."""
WINDOWS = pattern(r"^(?:\.{1,2}\\)?[\w.-]+(?:\\[\w.-]+)+$")
NOT_SOURCE = (".git/", ".worktrees/", ".claude/worktrees/", ".maestro/worktrees/", "node_modules/")
"""Folders that no task changes by a commit."""
_REST = r"\.?[A-Za-z0-9_-][A-Za-z0-9._-]*"
ORDINARY = pattern(rf"(?!www\.)(?:(?P<first>\.?[A-Za-z0-9_][A-Za-z0-9._-]*)/(?:{_REST}/)*)?{_REST}\.(?P<extension>[A-Za-z0-9]+)")
"""A file as most plans write it, with or without folders."""
NOT_ORDINARY = frozenset((*_TOP_LEVELS, *_MEDIA, "node_modules"))
"""What begins like an ordinary path and may be something else."""
ALTERNATIVES = pattern(r"^[A-Za-z]+(?:/[A-Za-z]+)+$")


class Escape(ValueError):
    """The path leads out of the repository."""


def compare_key(path: str) -> str:
    """Two spellings of one file have one key: file systems of many developers ignore case and Unicode composition, so meetings do too."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def is_glob(path: str) -> bool:
    """Square brackets are no wildcard here: `app/[slug]/page.tsx` is the name of a file."""
    return "*" in path or "?" in path or ("{" in path and _CHOICE.search(path) is not None)


def normalise(token: str) -> str:
    """The repository-relative POSIX form: `./src//a.ts:10-20` is `src/a.ts`; a directory ends in `/`.

    Raises Escape for a path that leads out of the repository or starts at the root of a file system.
    """
    token = _REMARK.sub("", token.strip().rstrip(_PUNCTUATION).strip(_QUOTES)).strip(_QUOTES)
    token = _LINES.sub("", token.rstrip(_PUNCTUATION)).rstrip(_PUNCTUATION).replace("\\", "/")
    if token.startswith(("/", "~")) or _DRIVE.match(token):
        raise Escape(token)
    parts: list[str] = []
    for part in token.split("/"):
        if part == "..":
            if not parts:
                raise Escape(token)
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    path = "/".join(parts)
    if path.endswith("/**") or path.endswith("/**/*"):
        path = path.removesuffix("/*").removesuffix("**")
    elif path and (token.endswith(("/", "/.")) or not parts):
        path += "/"
    return path


def extension_of(path: str) -> str:
    name = path.rpartition("/")[2]
    stem, dot, extension = name.rpartition(".")
    return extension.casefold() if dot and (stem or len(name) > 1) else ""
