"""Make one member of two: the events of the one count for the other from now on, as if they had always been hers."""

from __future__ import annotations

from ziggurat.app.audit.audit_trail import record
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, MemberErasedError, WrongStateError
from ziggurat.app.events.find_member import lock_member
from ziggurat.app.events.follow_members import forget_members
from ziggurat.app.events.load_programs import LoadedProgram, load_evaluated
from ziggurat.app.events.settle_members import settle_members
from ziggurat.app.events.stage_members import tell_staged, unstage_members
from ziggurat.app.events.update_attributes import store_attributes
from ziggurat.app.members.read_member import member_view
from ziggurat.app.members.views import MemberView
from ziggurat.store.database import Connection
from ziggurat.store.repositories import history, members, states, transitions
from ziggurat.store.repositories.members import Member


def merge_members(context: Context, member: str, into: str) -> MemberView:
    """The member `into`, with the history of `member`, which `unmerge_member` gives back.

    Events that still come in for `member` count for `into`. What was told of `member` alone is marked as superseded.

    Raises:
        NotFoundError: no such members.
        MemberMergedError: one of them was merged already.
        MemberErasedError: one of them was erased.
        WrongStateError: others were merged into `member`: they go first.
        InvalidRequestError: both are the same.
    """
    if member == into:
        raise InvalidRequestError("into", "is the same member")

    def work(connection: Connection) -> MemberView:
        programs = load_evaluated(connection, context, hold=True)
        one, other = (lock_member(connection, context, name) for name in sorted((member, into)))
        absorbed, survivor = (one, other) if one.external_id == member else (other, one)
        for each in (absorbed, survivor):
            if each.erased_at is not None:
                raise MemberErasedError(each.external_id)
        if absorbed.absorbed:
            raise WrongStateError("member", member, "one that others were merged into", ("a single one",))
        members.save(connection, context.scope, absorbed._replace(merged_into=survivor.id))
        survivor = members.save(connection, context.scope, survivor._replace(absorbed=survivor.absorbed + 1))
        _retire(connection, context, programs, absorbed)
        histories = history.load(connection, context.scope, [survivor.id])
        survivor = store_attributes(connection, context, survivor, histories)
        settle_members(connection, context, programs, {survivor.id: survivor}, histories)
        record(connection, context, "member.merged", f"member:{absorbed.id}", into=survivor.id)
        return member_view(connection, context, into)

    return context.database.write(work)


def _retire(connection: Connection, context: Context, programs: list[LoadedProgram], member: Member) -> None:
    """Forget the states of a member who no longer stands for herself, and mark what was told of her."""
    for program in programs:
        tell_staged(connection, context, program, [member.id])
    states.delete(connection, context.scope, [member.id])
    forget_members(connection, context, [member.id], "merged")
    for program in programs:
        transitions.supersede(connection, context.scope, member.id, program.id, 0, context.now)
        unstage_members(connection, context, program, [member.id])
