"""Words of work in a text: what is made, changed, dropped, moved, or only looked at.

There are so many of them that words are looked up one by one: a pattern of all would take longer to compile than a plan takes to read.
"""

from __future__ import annotations

from maestro.models.plan import Access
from maestro.patterns import pattern

_MAKE = """
create creates creating add adds adding new implement implements implementing build builds building write writes writing generate generates generating
scaffold scaffolds scaffolding introduce introduces introducing draft set_up initialise initialize touch save define
"""
_CHANGE = """
modify modifies modifying update updates updating edit edits editing refactor refactors refactoring fix fixes fixing extend extends extending change changes
changing adjust replace replaces replacing insert append register wire hook integrate improve enhance rewrite patch bump tweak convert migrate annotate document
cleanup clean_up export inject apply enable disable configure expand simplify rework restructure reorganise reorganize reformat restyle revise overhaul optimise
optimize harden translate upgrade correct repair polish tidy modernise modernize
"""
_DROP = "delete deletes deleting remove removes removing drop drops dropping"
_MOVE = "rename renames renaming move moves moving extract extracts extracting split splits splitting"
_LOOK = """
read reads reading see use uses using import imports importing imported run runs running per follow follows following refer refers referring reference
references based_on check checks checking verify verifies verifying inspect review look_at looks_at looking_at call calls calling consult load loads loading
open study examine compare mirror like similar_to pattern consume consumes depend_on depends_on analyse analyze audit explore reuse execute source from
understand confirm ensure against copy mimic expected expect
"""
_TABLES = ((Access.CREATE, _MAKE), (Access.MODIFY, _CHANGE), (Access.DELETE, _DROP), (Access.RENAME, _MOVE), (Access.READ, _LOOK))
_VERBS = {verb.replace("_", " "): access for access, words in _TABLES for verb in words.split()}
_WORD = pattern(r"(?<![\w/.-])(?:(?:set|clean|based|looks?|looking|similar|depends?)\s+(?:up|on|at|to)|[a-z]++)(?![\w/-])")


def verbs(text: str) -> list[tuple[Access, str]]:
    """The words of work in a text, in order and lower case, each with the access it stands for. Parts of names and paths are no words."""
    words = (" ".join(word.split()) for word in _WORD.findall(text.lower()))
    return [(_VERBS[word], word) for word in words if word in _VERBS]
