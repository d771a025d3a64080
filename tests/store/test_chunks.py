"""However a member's events come in, one by one or many, late or in order: the chunks hold all of them, in order."""

from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ziggurat import limits
from ziggurat.program.events import Event, EventType
from ziggurat.store.chunks import Chunk, extended
from ziggurat.store.packing import RECORD, PackedEvent

INSTANTS = st.integers(0, 40)
BATCHES = st.lists(st.one_of(st.lists(INSTANTS, min_size=1, max_size=1), st.lists(INSTANTS, min_size=2, max_size=12)))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So small that a few events close, merge and divide them."""
    monkeypatch.setattr(limits, "HISTORY_TAIL_EVENTS", 3)
    monkeypatch.setattr(limits, "HISTORY_CHUNK_EVENTS", 6)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES)
def test_chunks_hold_everything_in_order(batches: list[list[int]]) -> None:
    check(batches)


def test_a_single_late_event_finds_its_place_when_the_open_chunk_has_just_been_emptied() -> None:
    check([[10, 20, 30], [5], [25], [1]])


def check(batches: list[list[int]]) -> None:
    chunks: list[Chunk] = []
    arrived: list[tuple[int, int]] = []
    numbers = count(1)
    for batch in batches:
        news = [(instant, next(numbers)) for instant in batch]
        arrived += news
        chunks = extended(
            1,
            chunks,
            [PackedEvent(Event("ada", EventType.POINTS_EARNED, at, points=1), number) for at, number in news],
        )
        held = np.frombuffer(b"".join(chunk.records for chunk in chunks), RECORD)
        assert list(zip(held["occurred_at"].tolist(), held["sequence"].tolist(), strict=True)) == sorted(arrived)
        assert [chunk.chunk for chunk in chunks] == list(range(len(chunks)))
        for chunk in chunks:
            mine = np.frombuffer(chunk.records, RECORD)["occurred_at"].tolist()
            assert chunk.events == len(mine)
            assert not mine or (chunk.first_at, chunk.last_at) == (mine[0], mine[-1])
