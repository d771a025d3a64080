"""Profiles and rules made up by Hypothesis, drawn from few values so that rules often hold."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from tests.strategies import audience_pools as pools
from ziggurat.program.audience_fields import PROFILE_FIELDS, STANDING_FIELDS, FieldKind
from ziggurat.program.audience_rules import Operator, RuleSet
from ziggurat.program.open_values import flatten
from ziggurat.program.read_audience_rules import read_rules
from ziggurat.store.repositories.profiles import Profile
from ziggurat.store.repositories.states import MemberState

UNITS = st.sampled_from(pools.UNITS) | st.integers(-50_000, 50_000)
RANKS = st.integers(0, 5)
INSTANTS = st.sampled_from(pools.INSTANTS) | st.integers(0, 10)
TEXTS = st.sampled_from(pools.PHRASES) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=4
)
NUMBERS = st.sampled_from(pools.SAID_NUMBERS) | st.decimals(-5, 5, places=3)
SCALARS: SearchStrategy[Any] = TEXTS | NUMBERS | st.booleans()
NESTED = st.dictionaries(st.sampled_from(["a", "d"]), SCALARS, max_size=2)
METADATA: SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from(pools.KEYS), SCALARS | st.none() | st.lists(SCALARS, max_size=3) | NESTED, max_size=5
)
PROGRAMS = ("prg_known", "prg_unknown")


@st.composite
def profiles(draw: st.DrawFn, member_id: int = 0) -> Profile:
    """A profile with any values."""
    values: dict[str, Any] = {"member_id": member_id, "changed_at": 0}
    for name, kind in PROFILE_FIELDS.items():
        values[name] = draw(_stored(kind))
    for name in ("email", "phone", "full_name", "status", "country", "region", "city"):
        values[name] = draw(st.none() | TEXTS)
    for name in ("enrolled_at", "last_order_at", "last_activity_at"):
        values[name] = draw(st.none() | INSTANTS)
    values["email_folded"] = None if values["email"] is None else values["email"].casefold()
    values["facts"] = flatten(draw(METADATA), "metadata")
    return Profile(**values)


@st.composite
def states(draw: st.DrawFn, member_id: int = 0) -> MemberState | None:
    """Where the member stands in the program that is known; None: nowhere."""
    if draw(st.booleans()):
        return None
    optional = st.none() | INSTANTS
    return MemberState(
        member_id=member_id,
        program_id=1,
        tier_index=0,
        tier_key=draw(st.none() | TEXTS),
        since=draw(optional),
        expires_at=draw(optional),
        grace_until=None,
        next_decision_at=None,
        value=draw(st.none() | UNITS),
        revision=1,
        timeline_checksum=0,
        evaluated_at=0,
        through_sequence=0,
    )


def _stored(kind: FieldKind) -> SearchStrategy[Any]:
    match kind:
        case FieldKind.AMOUNT:
            return UNITS
        case FieldKind.RANK:
            return RANKS
        case FieldKind.INSTANT:
            return INSTANTS
        case _:
            return TEXTS


def _said(kind: FieldKind, *, ordered: bool) -> SearchStrategy[Any]:
    """A value as rules say it."""
    match kind:
        case FieldKind.AMOUNT:
            numbers = UNITS.map(lambda units: Decimal(units).scaleb(-4)) | NUMBERS
            return numbers | numbers.map(str)
        case FieldKind.RANK:
            return RANKS | NUMBERS
        case FieldKind.INSTANT:
            return st.sampled_from(pools.SAID_INSTANTS)
        case FieldKind.OPEN:
            return TEXTS | NUMBERS if ordered else SCALARS
        case _:
            return TEXTS


_NAMES = [
    *PROFILE_FIELDS,
    *[f"metadata.{path}" for path in pools.PATHS],
    *[f"program.{program}.{name}" for program in PROGRAMS for name in STANDING_FIELDS],
    "other.thing",
]


@st.composite
def _rule(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(_NAMES))
    kind = PROFILE_FIELDS.get(name) or STANDING_FIELDS.get(name.split(".")[-1], FieldKind.OPEN)
    if name.startswith(("metadata", "other")):
        kind = FieldKind.OPEN
    textual = kind in (FieldKind.TEXT, FieldKind.FOLDED, FieldKind.OPEN)
    operators = [one for one in Operator if textual or one not in (Operator.CONTAINS, Operator.NOT_CONTAINS)]
    operator = draw(st.sampled_from(operators))
    match operator:
        case Operator.EXISTS | Operator.NOT_EXISTS:
            values = []
        case Operator.EQUALS | Operator.NOT_EQUALS:
            values = [draw(_said(kind, ordered=False) | st.none())]
        case Operator.IN | Operator.NOT_IN:
            values = draw(st.lists(_said(kind, ordered=False) | st.none(), min_size=1, max_size=30))
        case Operator.CONTAINS | Operator.NOT_CONTAINS:
            values = [draw(_said(kind, ordered=False))]
        case Operator.BETWEEN:
            alike = TEXTS if draw(st.booleans()) else NUMBERS
            said = alike if kind is FieldKind.OPEN else _said(kind, ordered=True)
            values = [draw(said), draw(said)]
        case _:
            values = [draw(_said(kind, ordered=True))]
    return {"field": name, "operator": str(operator), "values": values}


def rule_sets() -> SearchStrategy[RuleSet]:
    """Rules that can be read: up to 3 groups of up to 3."""
    return st.lists(st.lists(_rule(), min_size=1, max_size=3), max_size=3).map(read_rules)
