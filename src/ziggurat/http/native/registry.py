"""Every operation of the native API, in the order in which the document shows them."""

from __future__ import annotations

from ziggurat.http.native import (
    activation,
    audience_imports,
    audiences,
    drafts,
    events,
    member_changes,
    members,
    organization,
    program_dialects,
    programs,
    webhooks,
)
from ziggurat.http.operations import Operation

OPERATIONS: tuple[Operation, ...] = (
    *events.OPERATIONS,
    *members.OPERATIONS,
    *member_changes.OPERATIONS,
    *programs.OPERATIONS,
    *program_dialects.OPERATIONS,
    *drafts.OPERATIONS,
    *activation.OPERATIONS,
    *audiences.OPERATIONS,
    *audience_imports.OPERATIONS,
    *webhooks.OPERATIONS,
    *organization.OPERATIONS,
)

TAGS = {
    "events": "Facts about members: the ledger's way in.",
    "members": "Where members stand, how they got there, and why.",
    "programs": "Ladders and their history.",
    "drafts": "A program's open draft, on its way to a revision.",
    "activation": "What takes effect on members.",
    "audiences": "Sets of members: by rules, by list, synced, or by tier; profiles, imports and exports.",
    "jobs": "Work that goes on in the background.",
    "webhooks": "Messages about what happens.",
    "organization": "The organization, its keys and its audit trail.",
}
