"""Helpers: write event files, read them back as events."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ziggurat.bulk.event_table import EventTable, events_at
from ziggurat.bulk.read_events import read_event_files
from ziggurat.bulk.read_options import ReadOptions
from ziggurat.bulk.row_faults import BadEventsError, RowReport
from ziggurat.program.events import Event

Row = Mapping[str, Any]
ENDINGS = ["csv", "csv.gz", "jsonl", "jsonl.gz", "parquet"]


def columns_of(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def write_rows(path: Path, rows: Sequence[Row]) -> Path:
    """Rows of text (or None) in the format that the ending of `path` names."""
    names = columns_of(rows)
    text = io.StringIO()
    if ".csv" in path.name:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[row.get(name) for name in names] for row in rows])
    elif ".jsonl" in path.name:
        text.writelines(json.dumps(dict(row)) + "\n" for row in rows)
    else:
        pq.write_table(pa.table({name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}), path)
        return path
    data = text.getvalue().encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def events_in(table: EventTable) -> list[Event]:
    return events_at(table, np.arange(len(table)))


def read(*paths: Path, **options: Any) -> tuple[list[Event], RowReport]:
    table, report = read_event_files(paths, ReadOptions(**options))
    return events_in(table), report


def refusal(*paths: Path, **options: Any) -> list[str]:
    """What the refusal of these files says, line by line, without the folder."""
    with pytest.raises(BadEventsError) as refused:
        read_event_files(paths, ReadOptions(**options))
    folder = f"{paths[0].parent}/"
    return str(refused.value).replace(folder, "").splitlines()
