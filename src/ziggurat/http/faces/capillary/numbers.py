"""The vendor's ids: whole numbers for programs, slabs and customers, 24 hexadecimal digits for records.

Numbers are derived from what names the same thing here, so nothing is stored for tiers that were made elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import replace
from secrets import token_hex
from typing import Any
from uuid import UUID

from ziggurat.http.face_support.ids import derived_uuid
from ziggurat.program.model import Program, Tier

FACE = "capillary"
"""The name under which the vendor's own members are kept in the metadata of programs."""
_INTEGER_MAX = 2**31 - 1
_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
_OBJECT_ID = re.compile(r"[0-9a-f]{24}")
_UNIQUE_ID = re.compile(r"ut-[0-9]+-[0-9]{3,}")


def kept(program: Program) -> dict[str, object]:
    """What the face keeps in the program's metadata."""
    own = program.metadata.get(FACE)
    return dict(own) if isinstance(own, dict) else {}


def with_settings(program: Program, **values: Any) -> Program:
    """`program` that keeps `values` for the face."""
    return replace(program, metadata={**program.metadata, FACE: {**kept(program), **values}})


def program_number(program_id: str, program: Program) -> int:
    """`programId`: `metadata.capillary.programId` if the program says one, else derived."""
    said = kept(program).get("programId")
    if isinstance(said, int) and not isinstance(said, bool) and 0 < said <= _INTEGER_MAX:
        return said
    return _derived("program", program_id)


def slab_number(program_id: str, tier: Tier) -> int:
    """`slabId`: the published tier's number."""
    return _derived("slab", program_id, tier.key)


def organization_number(organization: str) -> int:
    """`orgId`."""
    return _derived("organization", organization)


def member_number(member: str) -> int:
    """`entityId`: the member's own id when that is a number, else derived from it."""
    return int(member) if _NUMBER.fullmatch(member) else _derived("member", member)


def unique_id(program: int, serial: int) -> str:
    """`tierUniqueId`.

    >>> unique_id(973, 10)
    'ut-973-010'
    """
    return f"ut-{program}-{serial:03d}"


def new_object_id() -> str:
    """An `objectId`."""
    return token_hex(12)


def is_object_id(text: str) -> bool:
    """Whether `text` has the form of an `objectId`."""
    return _OBJECT_ID.fullmatch(text) is not None


def is_unique_id(text: str) -> bool:
    """Whether `text` has the form of a `tierUniqueId`."""
    return _UNIQUE_ID.fullmatch(text) is not None


def number_of(text: str) -> int | None:
    """The whole number that `text` writes, None if it writes none.

    >>> number_of("973"), number_of("0973"), number_of("x")
    (973, None, None)
    """
    return int(text) if _NUMBER.fullmatch(text) else None


def _derived(*parts: str) -> int:
    return 1 + UUID(derived_uuid(FACE, *parts)).int % _INTEGER_MAX
