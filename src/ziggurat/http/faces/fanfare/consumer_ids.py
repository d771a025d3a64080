"""Consumers' ids: a member called by a UUID keeps it, any other has one that says her number here.

    custom (60 bits): what belongs to organization and number, so that nobody hits upon one by chance
    custom (62 bits): the organization's number for her

The form is that of UUIDs whose bits are one's own (version 8). Nothing is stored, and any of the two leads back.
"""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

from ziggurat.app.audiences.find_profiles import MemberRef
from ziggurat.app.context import Context
from ziggurat.http.face_support.ids import is_uuid

_NUMBER_BITS, _LOW_BITS = 62, 12
_VERSION, _VARIANT = 8, 0b10


def consumer_id(context: Context, number: int, member: str) -> str:
    """The id on the wire of the member with that number and that id here."""
    if is_uuid(member) and member == member.lower():
        return member
    return str(UUID(int=_made_of(context, number)))


def ref_of(context: Context, consumer: str) -> MemberRef:
    """Whom a consumer's id means. A member's own id here means her too."""
    if not is_uuid(consumer):
        return consumer
    value = UUID(consumer).int
    number = value & ((1 << _NUMBER_BITS) - 1)
    return number if value == _made_of(context, number) else consumer.lower()


def _made_of(context: Context, number: int) -> int:
    said = f"fanfare consumer {context.scope.organization_id} {number}"
    check = int.from_bytes(blake2b(said.encode(), digest_size=8).digest(), "big") >> 4
    high, low = check >> _LOW_BITS, check & ((1 << _LOW_BITS) - 1)
    return high << 80 | _VERSION << 76 | low << 64 | _VARIANT << _NUMBER_BITS | number
