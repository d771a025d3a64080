"""Forget a person: whatever could tell who it was goes, the anonymous ledger stays, and the audit trail proves it."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_bytes, token_hex

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import MemberErasedError
from ziggurat.app.events.find_member import lock_member
from ziggurat.app.events.follow_members import forget_members
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.app.events.settle_members import settle_members
from ziggurat.app.members.ledger_of import everyone_in
from ziggurat.app.members.views import ErasureView
from ziggurat.store.database import Connection
from ziggurat.store.repositories import events as ledger
from ziggurat.store.repositories import faces, history, idempotency, identities, members, outbox, webhooks
from ziggurat.store.repositories.members import Member


def erase_member(context: Context, member: str) -> ErasureView:
    """That the person was erased, with those merged into her, and whatever a vendor face keeps about her.

    Her names become random ones, attributes and free texts go, and ids of events turn into digests whose salt nobody
    keeps. Amounts, instants and tiers stay, so that totals do. The audit trail knows members by number only. If the
    same name turns up again, that is a new member.

    Raises:
        NotFoundError: no such member.
        MemberMergedError: she was merged into another, who is to be erased instead, or unmerged first.
        MemberErasedError: it was done before.
    """

    def work(connection: Connection) -> ErasureView:
        programs = load_evaluated(connection, context, hold=True)
        found = lock_member(connection, context, member)
        if found.erased_at is not None:
            raise MemberErasedError(member)
        ids = everyone_in(connection, context, found)
        names = _names(connection, context, ids)
        parts = _parts(connection, context, names, ids)
        for part in parts:
            ids += everyone_in(connection, context, part)
        names = _names(connection, context, ids)
        salt, kept = token_bytes(32), 0
        faces.forget(connection, context.scope, names)
        idempotency.withhold(connection, context.scope, names)
        webhooks.forget_answers(connection, context.scope, ids)
        for each in members.lock(connection, context.scope, ids).values():
            name = f"erased:{token_hex(16)}"
            kept += ledger.redact(connection, context.scope, each.id, salt)
            outbox.rename_member(connection, context.scope, [each.id], name)
            members.save(
                connection, context.scope, each._replace(external_id=name, attributes={}, erased_at=context.now)
            )
        identities.delete(connection, context.scope, ids)
        forget_members(connection, context, ids, "erased")
        history.rebuild(connection, context.scope, ids)
        standing = members.lock(connection, context.scope, [found.id, *(part.id for part in parts)])
        histories = history.load(connection, context.scope, sorted(standing))
        settle_members(connection, context, programs, standing, histories, announce=False)
        entry = record(connection, context, "member.erased", f"member:{found.id}", events_kept=kept, members=len(ids))
        return ErasureView(str(entry.number), context.now, kept, entry.hash.hex())

    return context.database.write(work)


def _parts(connection: Connection, context: Context, names: Sequence[str], hers: Sequence[int]) -> list[Member]:
    """Members who are a part of her (further cards, say), unless they were merged into somebody else."""
    about = set(faces.members_about(connection, context.scope, names)).difference(hers)
    found = members.lock(connection, context.scope, sorted(about)).values()
    return [each for each in found if each.merged_into is None and each.erased_at is None]


def _names(connection: Connection, context: Context, ids: Sequence[int]) -> list[str]:
    return [each.external_id for each in members.by_ids(connection, context.scope, ids).values()]
