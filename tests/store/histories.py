"""Random members' lives for store tests."""

from hypothesis import strategies as st

from ziggurat.program.events import Event, EventType, OverrideMode

MEMBERS = ("ann", "bob")
AMOUNTS = st.one_of(st.none(), st.integers(-(10**18), 10**18), st.integers(-5, 5))
NAMES = st.sampled_from(["", "", "visit", "night", "EUR", "Straße 🌍"])
INSTANTS = st.integers(0, 30).map(lambda second: second * 1_000_000)
"""Few, so that many coincide and many arrive late."""

events = st.builds(
    Event,
    member=st.sampled_from(MEMBERS),
    type=st.sampled_from(EventType),
    occurred_at=INSTANTS,
    points=AMOUNTS,
    amount=AMOUNTS,
    quantity=AMOUNTS,
    currency=NAMES,
    qualifying=st.booleans(),
    activity=NAMES,
    attribute=NAMES,
    value=st.sampled_from(["", "12.5", "2026-01-01"]),
    tier=NAMES,
    mode=st.none() | st.sampled_from(OverrideMode),
    until=st.none() | st.integers(0, 10**15),
    reason=NAMES,
)
batches = st.lists(st.lists(events, min_size=1, max_size=12), min_size=1, max_size=8)
