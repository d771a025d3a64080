"""Take a merge back."""

from __future__ import annotations

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import WrongStateError
from ziggurat.app.events.find_member import find_member
from ziggurat.app.events.load_programs import load_evaluated
from ziggurat.app.events.settle_members import settle_members
from ziggurat.app.events.update_attributes import store_attributes
from ziggurat.app.members.read_member import member_view
from ziggurat.app.members.views import MemberView
from ziggurat.store.database import Connection
from ziggurat.store.repositories import history, members


def unmerge_member(context: Context, member: str) -> MemberView:
    """The member, standing for herself again, with all events that came in under her name; the survivor without them.

    Raises:
        NotFoundError: no such member.
        WrongStateError: she is not merged.
    """

    def work(connection: Connection) -> MemberView:
        programs = load_evaluated(connection, context, hold=True)
        asked = find_member(connection, context, member)
        both = members.lock(connection, context.scope, [asked.id, asked.merged_into or asked.id])
        absorbed = both[asked.id]
        if absorbed.merged_into is None or absorbed.merged_into not in both:
            raise WrongStateError("member", member, "standing for herself", ("merged",))
        survivor = both[absorbed.merged_into]
        absorbed = members.save(connection, context.scope, absorbed._replace(merged_into=None))
        survivor = members.save(connection, context.scope, survivor._replace(absorbed=survivor.absorbed - 1))
        histories = history.load(connection, context.scope, sorted((absorbed.id, survivor.id)))
        standing = {each.id: store_attributes(connection, context, each, histories) for each in (absorbed, survivor)}
        settle_members(connection, context, programs, standing, histories)
        record(connection, context, "member.unmerged", f"member:{absorbed.id}", survivor=survivor.id)
        return member_view(connection, context, member)

    return context.database.write(work)
