"""All that the text of one task says about order: its fields and its sentences together."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.evidence.claims import Heard, Unknown
from maestro.evidence.fields import read_fields
from maestro.evidence.ids import TaskIds
from maestro.evidence.sentences import read_sentences
from maestro.evidence.wording import Wording
from maestro.models.plan import TextLine

_NOTHING = Heard()


def hear(task: str, lines: Sequence[TextLine], ids: TaskIds) -> Heard:
    """Claims in the order of the text, fields first. Code is left out: it is an example."""
    wording = Wording("\n".join([line.text for line in lines]), ids)
    if not (wording.labels or wording.orders):
        return _NOTHING
    fields, taken = read_fields(task, lines, ids, wording.labels) if wording.labels else (_NOTHING, frozenset())
    claims, unknown = list(fields.claims), list(fields.unknown)
    for place, line in enumerate(lines if wording.orders else ()):
        if place not in taken and not line.code and wording.may_order(line.text):
            for item in read_sentences(task, line, ids):
                if isinstance(item, Unknown):
                    unknown.append(item)
                else:
                    claims.append(item)
    return Heard(tuple(claims), tuple(unknown), fields.declares)
