# ruff: noqa: RUF005 - the lists are written as lines
"""The quick reader of events takes in nothing that the strict one would not, and means the same by it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ziggurat import limits
from ziggurat.http.native import events, quick_events
from ziggurat.http.problems import Refusal
from ziggurat.program.events import Event, EventType

PLAIN = {"member": "ada", "type": "points.earned", "occurred_at": "2025-07-01T12:00:00Z", "points": 5}

numbers = st.sampled_from(
    [
        "0",
        "5",
        "-5",
        "12.5",
        "1e3",
        "1E-4",
        "-0",
        "0.00005",
        "1e15",
        "1e999",
        '"5"',
        "null",
        "1.50000000",
        "0.1000000000000000055",
        "100000000000000",
        "true",
        "[]",
    ]
    + ["12345678901234.5678", "1" * 61, "0." + "0" * 80 + "1"]
)
names = st.sampled_from(
    ["ada", "a b", " a", "a ", "", "Zoë", r"a\u0000", r"\ud800", r"\ud83d\ude00", "x" * 200, "x" * 201]
    + [r"a\u001fb", r"\u00a0x", r"a\u2028b", r"a\u0085"]
).map('"{}"'.format) | st.sampled_from(["5", "null"])
instants = st.sampled_from(
    ["2025-07-01T12:00:00Z", "2025-07-01T12:00:00.123456Z", "2025-07-01T12:00:00.5+02:00", "2025-07-01t12:00:00z"]
    + ["2025-07-01 12:00:00Z", "2025-07-01T12:00:00", "2025-07-01", "2025-02-29T12:00:00Z", "2025-07-01T24:00:00Z"]
    + ["2025-07-01T12:00:60Z", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z"]
    + [r"2025-07-0\u0661T12:00:00Z", "NaT"]
).map('"{}"'.format) | st.sampled_from(["0", "null"])
types = st.sampled_from([*(f'"{each}"' for each in EventType), '"points"', "1", '"Points.earned"'])
others = st.sampled_from(
    [("currency", '"EUR"'), ("currency", '"EURO-AND-MORE"'), ("currency", r'"\u0000"'), ("activity", '"visit"')]
    + [("activity", '""'), ("qualifying", "false"), ("qualifying", "0"), ("reason", '"why"'), ("nothing", "1")]
    + [("reverses", '"e1"'), ("value", "1.5"), ("mode", '"fixed"'), ("until", '"2025-07-01T12:00:00Z"')]
)


@st.composite
def objects(draw: st.DrawFn) -> str:
    """An event's JSON text, right or wrong."""
    pairs = [("member", draw(names)), ("type", draw(types)), ("occurred_at", draw(instants))]
    pairs += draw(
        st.lists(st.tuples(st.sampled_from(["id", "points", "amount", "quantity"]), numbers | names), max_size=3)
    )
    pairs += draw(st.lists(others, max_size=1))
    left_out = draw(st.integers(0, 12))
    pairs = [pair for place, pair in enumerate(draw(st.permutations(pairs))) if place != left_out]
    return "{" + ",".join(f'"{name}": {value}' for name, value in pairs) + "}"


@st.composite
def mostly_plain(draw: st.DrawFn) -> list[str]:
    """Events that say what any does, and up to one that may say anything."""
    plain = [json.dumps({**PLAIN, "points": place}) for place in range(draw(st.integers(0, 12)))]
    return draw(st.permutations([*plain, *draw(st.lists(objects(), max_size=1))]))


def strictly(body: bytes, media_type: str, monkeypatch: pytest.MonkeyPatch) -> list[Event] | None:
    """What the strict reader takes in, None if it refuses."""
    with monkeypatch.context() as patched:
        patched.setattr(events, "_read_quickly", lambda *_: None)
        try:
            return events.read_events(body, media_type)
        except Refusal:
            return None


@pytest.fixture(scope="module")
def patcher() -> Any:
    patch = pytest.MonkeyPatch()
    yield patch
    patch.undo()


@given(mostly_plain())
@example([json.dumps({**PLAIN, "occurred_at": "2025-07-01T12:00:00.123456Z"})] * 9)
@example([json.dumps({**PLAIN, "occurred_at": "2025-07-01T12:00:6xZ"})] * 9)
@example([json.dumps({**PLAIN, "occurred_at": "2200-01-01T00:00:00Z"})] * 9)
@settings(max_examples=400, deadline=None)
def test_what_it_takes_in_the_strict_one_reads_alike(patcher: pytest.MonkeyPatch, texts: list[str]) -> None:
    listed = f"[{','.join(texts)}]".encode()
    lines = "\n".join(texts).encode()
    one = texts[0].encode() if texts else b"{}"
    ways: list[tuple[Callable[[], list[Event] | None], bytes, str]] = [
        (lambda: quick_events.read_many(listed), listed, "application/json"),
        (lambda: quick_events.read_lines(lines.splitlines()), lines, "application/x-ndjson"),
        (lambda: quick_events.read_one(one), one, "application/json"),
    ]
    for quickly, body, media_type in ways:
        found = quickly()
        if found is not None:
            assert found == strictly(body, media_type, patcher)


@pytest.mark.parametrize(
    "said",
    [{}, {"id": "e1"}, {"amount": 12.5, "currency": "EUR"}, {"qualifying": False}, {"member": "Zoë Müller"}],
)
def test_it_takes_in_what_is_ordinary(said: dict[str, Any]) -> None:
    body = json.dumps([{**PLAIN, **said}] * 20, ensure_ascii=False).encode()
    found = quick_events.read_many(body)
    assert found is not None
    assert len(found) == 20


@pytest.mark.parametrize(
    "body",
    [
        b"[", b"[] x", b'[{"member":"\xff"}]', b"{}", b"[[]]", b"\xef\xbb\xbf[]", b"[NaN]",
        json.dumps([PLAIN] * (limits.EVENTS_PER_REQUEST_MAX + 1)).encode(),
        json.dumps([PLAIN]).replace("{", '{"member" : "m", ').encode(),
    ],
)  # fmt: skip
def test_it_leaves_what_is_wrong_to_the_strict_one(body: bytes) -> None:
    assert quick_events.read_many(body) is None
