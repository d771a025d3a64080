"""A program's own view of histories: persons' decisions about other programs are left out.

A decision that names no program is meant for every one that has such a tier. The program's public id stands in the
`attribute` of a `tier.override` event, which has no other use there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ziggurat.program.events import EventType
from ziggurat.store.histories import Histories
from ziggurat.store.packing import TYPE_CODES

_OVERRIDE = TYPE_CODES[EventType.TIER_OVERRIDE]


def own_histories(histories: Histories, program: str) -> Histories:
    """`histories` without decisions about programs other than `program`."""
    if len(histories.names) == 1:  # no names at all, so no program either
        return histories
    candidates = np.flatnonzero((histories.type == _OVERRIDE) & (histories.records["attribute"] > 0))
    if not len(candidates):
        return histories
    named = [histories.names[number] for number in histories.attribute[candidates].tolist()]
    foreign = [place for place, name in zip(candidates.tolist(), named, strict=True) if name != program]
    if not foreign:
        return histories
    keep = np.ones(len(histories.records), np.bool_)
    keep[foreign] = False
    kept = np.concatenate([np.zeros(1, np.int64), np.cumsum(keep)])
    base = None if histories.name_base is None else histories.name_base[keep]
    return replace(
        histories, offsets=kept[histories.offsets], records=histories.records[keep], name_base=base, _index={}
    )
