"""Instants as ISO 8601 text with offset, a column at a time: the same text as `program.calendar.Calendar.format`."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from ziggurat.bulk.column import plain
from ziggurat.bulk.event_table import Int64s
from ziggurat.bulk.local_time import SECOND_US, zone_table


def format_instants(instants: pa.Array, zone: str) -> pa.Array:
    """A timestamp column (any unit, UTC) as text in `zone`; null stays null. Fractions only where there are any."""
    numbers, nulls = plain(instants.cast(pa.timestamp("us", "UTC")).cast(pa.int64()))
    text = _format(numbers, zone)
    if nulls is not None:
        text = pl.select(pl.when(pl.Series(~nulls)).then(text)).to_series()
    return text.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.large_string())


def _format(instants: Int64s, zone: str) -> pl.Series:
    table = zone_table(zone)
    stretch = table.stretch_of(instants)
    wall = pl.Series(instants + table.offset[stretch]).cast(pl.Datetime("us"))
    seconds = wall.dt.strftime("%Y-%m-%dT%H:%M:%S")
    offsets = pl.Series([_offset_text(int(offset)) for offset in table.offset])[pl.Series(stretch)]
    if (instants % SECOND_US).any():
        fraction = wall.dt.strftime(".%6f").str.strip_chars_end("0").str.strip_chars_end(".")
        return seconds + fraction + offsets
    return seconds + offsets


def _offset_text(offset: int) -> str:
    sign = "-" if offset < 0 else "+"
    minutes, seconds = divmod(abs(offset) // SECOND_US, 60)
    text = f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def timestamps(instants: Int64s, missing: int) -> pa.Array:
    """UTC microseconds as a timestamp column; `missing` becomes null."""
    return pa.array(instants, pa.int64(), mask=np.asarray(instants == missing)).cast(pa.timestamp("us", "UTC"))
