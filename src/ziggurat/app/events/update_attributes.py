"""Keep members' attributes as their latest `attribute.set` events say, for lists and filters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ziggurat.app.context import Context
from ziggurat.app.events.admit_events import Admission
from ziggurat.program.events import EventType
from ziggurat.store.database import Connection
from ziggurat.store.histories import Histories
from ziggurat.store.packing import TYPE_CODES
from ziggurat.store.repositories import members
from ziggurat.store.repositories.members import Member

_SET = TYPE_CODES[EventType.ATTRIBUTE_SET]


def update_attributes(connection: Connection, context: Context, admission: Admission, histories: Histories) -> None:
    """Store the attributes of the members whose attributes the admitted events set."""
    owners = {
        admission.owner[place]
        for place in admission.accepted
        if admission.events[place].type is EventType.ATTRIBUTE_SET
    }
    for owner in sorted(owners):
        admission.standing[owner] = store_attributes(connection, context, admission.standing[owner], histories)


def store_attributes(connection: Connection, context: Context, member: Member, histories: Histories) -> Member:
    """`member` with the attributes that the history says, stored if they differ."""
    said = attributes_of(histories, member.id, context.now)
    if said == member.attributes:
        return member
    return members.save(connection, context.scope, member._replace(attributes=said))


def attributes_of(histories: Histories, member_id: int, as_of: int) -> dict[str, str]:
    """The attributes of a member as of an instant: of each name the latest value, cleared ones left out."""
    span = histories.span(member_id)
    part = histories.records[span]
    found: dict[str, str] = {}
    for place in _places(part["type"], part["occurred_at"], as_of):
        sequence = int(part[place]["sequence"])
        shift = 0 if histories.name_base is None else int(histories.name_base[span.start + place])
        name = histories.names[int(part[place]["attribute"]) + shift]
        found[name] = histories.extras.get((member_id, sequence), {}).get("value", "")
    return {name: value for name, value in found.items() if value}


def _places(types: NDArray[Any], instants: NDArray[Any], as_of: int) -> Iterable[int]:
    places: list[int] = np.flatnonzero((types == _SET) & (instants <= as_of)).tolist()
    return places
