"""The tables, one module per area. Importing this package fills `metadata`."""

from ziggurat.store.tables.audiences import (
    audience_changes,
    audience_import_faults,
    audience_imports,
    audience_members,
    audience_rules,
    audience_upkeep,
    audiences,
    member_identities,
    member_profiles,
    sync_sources,
)
from ziggurat.store.tables.base import metadata
from ziggurat.store.tables.ledger import events, member_history, members
from ziggurat.store.tables.organizations import api_keys, counters, face_documents, organizations
from ziggurat.store.tables.programs import drafts, program_revisions, programs
from ziggurat.store.tables.service import (
    audit_entries,
    idempotency_records,
    jobs,
    outbox,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
)
from ziggurat.store.tables.states import member_states, moves_to_tell, transitions

__all__ = [
    "api_keys",
    "audience_changes",
    "audience_import_faults",
    "audience_imports",
    "audience_members",
    "audience_rules",
    "audience_upkeep",
    "audiences",
    "audit_entries",
    "counters",
    "drafts",
    "events",
    "face_documents",
    "idempotency_records",
    "jobs",
    "member_history",
    "member_identities",
    "member_profiles",
    "member_states",
    "members",
    "metadata",
    "moves_to_tell",
    "organizations",
    "outbox",
    "program_revisions",
    "programs",
    "sync_sources",
    "transitions",
    "webhook_attempts",
    "webhook_deliveries",
    "webhook_endpoints",
]
