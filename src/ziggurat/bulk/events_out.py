"""Events as a table to be written: the columns that event files have."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import pyarrow as pa

from ziggurat.bulk.result_tables import AMOUNT, INSTANT, WORD, amounts
from ziggurat.program.events import Event

_WORDS = ("currency", "activity", "attribute", "value", "tier", "mode", "reason")
_ROWS_PER_BATCH = 50_000

EVENTS = pa.schema(
    {
        "member": pa.string(),
        "type": WORD,
        "occurred_at": INSTANT,
        "id": pa.string(),
        "points": AMOUNT,
        "amount": AMOUNT,
        "quantity": AMOUNT,
        "qualifying": pa.bool_(),
        "reverses": pa.string(),
        **dict.fromkeys(_WORDS, WORD),
        "until": INSTANT,
    }
)
"""One row an event; what a row does not say is null."""


def events_out(events: Iterable[Event]) -> pa.Table:
    """`events` as a table of schema `EVENTS`, in the order given."""
    rows = iter(events)
    batches = []
    while stretch := list(islice(rows, _ROWS_PER_BATCH)):
        batches.append(_batch(stretch))
    return pa.concat_tables(batches).unify_dictionaries() if batches else EVENTS.empty_table()


def _batch(events: list[Event]) -> pa.Table:
    columns: dict[str, Any] = {
        "member": [event.member for event in events],
        "type": pa.array([str(event.type) for event in events], pa.string()).dictionary_encode(),
        "occurred_at": pa.array([event.occurred_at for event in events], pa.int64()).cast(INSTANT),
        "id": [event.id or None for event in events],
        "qualifying": [event.qualifying for event in events],
        "reverses": [event.reverses or None for event in events],
        "until": pa.array([event.until for event in events], pa.int64()).cast(INSTANT),
    }
    for name in ("points", "amount", "quantity"):
        columns[name] = amounts([getattr(event, name) for event in events])
    for name in _WORDS:
        texts = [str(getattr(event, name) or "") or None for event in events]
        columns[name] = pa.array(texts, pa.string()).dictionary_encode()
    return pa.table({name: columns[name] for name in EVENTS.names}, schema=EVENTS)
