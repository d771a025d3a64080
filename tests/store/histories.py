"""Random members' lives for store tests, and what the ledger is expected to say of them."""

from hypothesis import strategies as st

from ziggurat.program.events import Event, EventType, OverrideMode

AMOUNTS = st.one_of(st.none(), st.integers(-(10**18), 10**18), st.integers(-5, 5))
NAMES = st.sampled_from(["", "visit", "night", "EUR", "Straße 🌍", "a"])
PLAIN_TYPES = [type_ for type_ in EventType if type_ not in (EventType.REVERSAL, EventType.TIER_OVERRIDE)]


@st.composite
def plain_events(draw: st.DrawFn, member: str) -> Event:
    """Anything but a reversal; the instants are few, so that many coincide."""
    return Event(
        member=member,
        type=draw(st.sampled_from(PLAIN_TYPES)),
        occurred_at=draw(st.integers(0, 40)) * 1_000_000,
        points=draw(AMOUNTS),
        amount=draw(AMOUNTS),
        quantity=draw(AMOUNTS),
        currency=draw(NAMES),
        qualifying=draw(st.booleans()),
        activity=draw(NAMES),
        attribute=draw(NAMES),
        value=draw(st.sampled_from(["", "12.5", "2026-01-01"])),
        reason=draw(NAMES),
    )


@st.composite
def override_events(draw: st.DrawFn, member: str) -> Event:
    return Event(
        member=member,
        type=EventType.TIER_OVERRIDE,
        occurred_at=draw(st.integers(0, 40)) * 1_000_000,
        tier=draw(NAMES),
        mode=draw(st.sampled_from(OverrideMode)),
        until=draw(st.none() | st.integers(0, 10**15)),
        reason=draw(NAMES),
    )
