"""What kind of work a title announces. Plans in many languages say these few things in few words.

Groundwork (schemas, types, scaffolding, a core) is what others build on; closing work (tests, documents, a release, a final check) is what builds on
others. The words are taken from titles only: in running text they say little about the task itself.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import cache

from maestro.patterns import holds, pattern


class Role(Enum):
    """A kind of work, by the words that announce it."""

    __hash__ = object.__hash__
    """By identity: roles are looked up for every pair of tasks, and the standard hash is that of a name."""

    GROUNDWORK = r"""schemas? types? models? scaffold\w* set\ ?up structure foundation\w* initiali[sz]e init core contracts? interfaces? define config\w*
        skeleton base director(?:y|ies) package infrastructure protocol state storage store engine library framework helpers? migration
        base\ de\ datos esquema estructura configurar estrutura modelos? grundlage gerüst 架构 基础 初始化 模型 スキーマ 基盤"""
    CONTRACT = r"""schemas? types? interfaces? data\ models? models? contracts? define definitions? config(?:uration)? protocol struct enum constants?
        database migrations? tables? template esquema modelos? tabelas? tablas? 架构 模型 スキーマ"""
    CORE = r"""core engine foundation base store storage state framework infrastructure library shared helpers? utilit(?:y|ies) parser manager orchestrator
        client adapter layer núcleo kern 核心"""
    SCAFFOLD = r"""scaffold\w* director(?:y|ies) (?:project|package)\ structure structure initiali[sz]e init set\ ?up skeleton bootstrap foundation\w* install
        workspace monorepo estructura estrutura configurar 初始化 基础"""
    CHECK = r"""final\w* verif\w+ validat(?:e|ion) regression e2e end-to-end acceptance sign-?off dogfood smoke qa works?\ together measure
        verificación verificação validação überprüfung 验证 验收 検証"""
    FINISH = r"""final\w* verif\w+ validat\w+ regression e2e end-to-end acceptance sign-?off release dogfood wrap.?up complete\w* polish clean\ ?up
        works?\ together whole all\ changes verificación verificação 验证 验收 検証"""
    TESTS = r"tests? testing coverage evals? fixtures? benchmarks? pruebas testes 测试 テスト"
    DOCUMENTS = r"""docs? document\w* readme changelog guide tutorial quickstart cookbook examples? announcement (?:claude|agents|contributing)\.md
        documentación documentação dokumentation 文档 ドキュメント"""
    SHIP = r"release publish deploy\w* bump commit push tag ship rollout despliegue implantação 部署 发布"
    WIRING = r"""wire\w* wiring integrat\w+ register\w* registration connect\w* hook\ up expose facade assemble surface adopt navigation entry\ ?point integrar
        integración integração 集成 統合"""
    POLISH = r"""polish\w* clean\ ?up accessibility a11y error\ handling edge\ cases optimi[sz]\w+ performance (?:remove|delete)\ (?:dead|old|legacy|unused)
        deprecat\w+ skeletons? hardening responsive 优化"""


_EVERYTHING = pattern(
    r"\b(?:everything|end-to-end|e2e|together|todo|tudo"
    r"|(?:whole|entire|full|complete) (?:\w+ )?(?:flow|system|feature|pipeline|suite|app|application|project|stack|workflow|lifecycle|plan|set)"
    r"|all (?:of )?(?:the )?(?:\w+ )?(?:tasks|changes|features|parts|pieces|components|modules|commands|skills|hooks|tests|work|above))\b"
    r"|全部|所有",
    re.IGNORECASE,
)
_ALL = ("everything", "e2e", "end-to-end", "together", "todo", "tudo", "whole", "entire", "full", "complete", "all", "全部", "所有")
"""One of these is in all words for everything."""
_RUN = pattern(r"\w+")
_JOINT = pattern(r"\\ |-|\\\.|\.\?")
"""What stands between the words of an alternative."""
_START = pattern(r"\(\?:(?P<starts>[\w|]+)|(?P<start>\w+)(?![?*])")
"""The literal beginning of an alternative, without a last letter that may be missing."""
_FIX = pattern(r"^\W*(?:[\w-]+[:.]\s*)?(?:fix|resolve|repair|hotfix|bug|corregir|corrigir|修复)\b", re.IGNORECASE)
_REVIEW = pattern(r"^\W*(?:[\w.-]+[:\s]\s*)?(?:code )?review\b", re.IGNORECASE)


def _first_words(*languages: str) -> frozenset[str]:
    return frozenset(word for words in languages for word in words.split())


MAKING = _first_words(
    "create implement define build design initialize initialise develop introduce establish setup set scaffold write generate port migrate bootstrap extract",
    "crear implementar criar desenvolver",
)
"""First words of titles that bring something new into being."""

CHANGING = _first_words("update add modify extend enhance improve document adjust polish refine fix tweak expand", "actualizar añadir atualizar adicionar")
"""First words of titles that touch something that is there."""

OPERATING = _first_words("run commit push restart kill tag rebuild upgrade publish deploy bump merge release execute", "ejecutar executar")
"""First words of titles that are commands: steps of a procedure, done one after the other."""


@cache
def _pattern(role: Role) -> re.Pattern[str]:
    """The role's words as one pattern. Scripts without spaces have no word boundaries."""
    spaced: list[str] = []
    unspaced: list[str] = []
    for word in _alternatives(role):
        (unspaced if word[0] > "\u3000" else spaced).append(word)
    return re.compile("|".join([rf"\b(?:{'|'.join(spaced)})\b", *unspaced]), re.IGNORECASE)


def roles_of(title: str) -> frozenset[Role]:
    """All kinds of work that this title announces."""
    found = [_roles_of_word(word) for word in _RUN.findall(title)]
    if None in found:
        return frozenset(role for role in Role if _pattern(role).search(title))
    return frozenset().union(*filter(None, found))


@cache
def _roles_of_word(word: str) -> frozenset[Role] | None:
    """The roles that a single word announces; None when it may be a part of several that do, so that the whole title has to be searched."""
    if any(letter > "\u3000" for letter in word):
        return None
    if not word.lower().startswith(_starts()):
        return frozenset()
    if _several().fullmatch(word):
        return None
    return frozenset(role for role in Role if _pattern(role).fullmatch(word))


@cache
def _starts() -> tuple[str, ...]:
    """What all words of all roles begin with: most words of titles begin otherwise, and no pattern need be asked about them."""
    found = (_START.match(word) for role in Role for word in _alternatives(role))
    return tuple({start for match in found if match for start in (match["start"] or match["starts"]).split("|")})


@cache
def _several() -> re.Pattern[str]:
    """The beginnings of what is written with more than one word: "end" of "end-to-end"."""
    alternatives = (word for role in Role for word in _alternatives(role))
    return re.compile("|".join(dict.fromkeys(start[0] for word in alternatives if len(start := _JOINT.split(word, maxsplit=1)) > 1)), re.IGNORECASE)


def _alternatives(role: Role) -> list[str]:
    return re.split(r"(?<!\\)\s+", role.value.strip())


def word_of(role: Role, title: str) -> str:
    """The word by which the title announces the role; empty when it does not."""
    found = _pattern(role).search(title)
    return found[0] if found else ""


def is_fix(title: str) -> bool:
    return _FIX.match(title) is not None


def of_everything(title: str) -> str:
    """The words by which a title says that it concerns all of the work; empty when it does not."""
    found = _EVERYTHING.search(title) if may_be_everything(title.lower()) else None
    return found[0] if found else ""


def may_be_everything(lower: str) -> bool:
    """False for a text in lower case that has no words for all of the work."""
    return holds(lower, _ALL)


def is_review(title: str) -> bool:
    """Whether the task is to review another one."""
    return "review" in title.lower() and _REVIEW.match(title) is not None
