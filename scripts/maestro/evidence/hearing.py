"""All that the text of one task says about order: its fields and its sentences together."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.evidence.claims import Heard, Unknown
from maestro.evidence.fields import read_fields
from maestro.evidence.ids import TaskIds
from maestro.evidence.sentences import read_sentences
from maestro.models.plan import TextLine


def hear(task: str, lines: Sequence[TextLine], ids: TaskIds) -> Heard:
    """Claims in the order of the text, fields first. Code is left out: it is an example."""
    fields, taken = read_fields(task, lines, ids)
    claims, unknown = list(fields.claims), list(fields.unknown)
    rest = [line for place, line in enumerate(lines) if place not in taken and not line.code]
    for item in read_sentences(task, rest, ids):
        if isinstance(item, Unknown):
            unknown.append(item)
        else:
            claims.append(item)
    return Heard(tuple(claims), tuple(unknown), fields.declares)
