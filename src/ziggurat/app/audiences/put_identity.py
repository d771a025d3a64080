"""Say who a member is: how to reach her, where she lives, and anything else as metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat import limits
from ziggurat.app.audiences.audience_views import ProfileView
from ziggurat.app.audiences.define_audience import begin_profiles
from ziggurat.app.audiences.find_profiles import views_of
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError, MemberErasedError, MemberMergedError
from ziggurat.app.events.announce_members import announce_changed
from ziggurat.app.events.follow_members import follow_identities
from ziggurat.program.check_metadata import metadata_fault, text_problem
from ziggurat.store.database import Connection
from ziggurat.store.errors import NotFoundError
from ziggurat.store.repositories import identities, members
from ziggurat.store.repositories.identities import SAID, Identity


def put_identity(context: Context, member: str, said: Mapping[str, Any]) -> ProfileView:
    """The member's profile with what is said; fields that are not said stay, None forgets one.

    `said` may have email, phone, full_name, status, country, region, city (texts) and metadata (JSON values, replaced
    whole; numbers int or Decimal).

    Raises:
        NotFoundError: the organization has no such member.
        MemberMergedError, MemberErasedError: she stands for nobody any more.
        InvalidRequestError: a field that is not known, or a value that cannot be kept.
    """
    checked = checked_identity(said)
    begin_profiles(context)

    def work(connection: Connection) -> ProfileView:
        found = members.get(connection, context.scope, member)
        if found is None:
            raise NotFoundError(members.KIND, member)
        held = members.lock(connection, context.scope, [found.id])
        if held[found.id].erased_at is not None:
            raise MemberErasedError(member)
        into = held[found.id].merged_into
        if into is not None:
            raise MemberMergedError(member, members.by_ids(connection, context.scope, [into])[into].external_id)
        before = identities.by_ids(connection, context.scope, [found.id]).get(found.id)
        identity = changed_identity(before or identities.unknown(found.id, context.now), checked, context.now)
        if identity != before:
            identities.save(connection, context.scope, [identity])
            announce_changed(connection, context, [(held[found.id], before, identity)])
            follow_identities(connection, context, held, [found.id])
        return views_of(connection, context, held.values())[found.id]

    return context.database.write(work)


def changed_identity(before: Identity, checked: Mapping[str, Any], now: int) -> Identity:
    """`before` with what is said; itself if that is nothing new."""
    after = before._replace(**checked)
    return before if after == before else after._replace(updated_at=now, version=before.version + 1)


def checked_identity(said: Mapping[str, Any]) -> dict[str, Any]:
    """What is said, with spaces around texts taken off; "" is None.

    Raises:
        InvalidRequestError: a field that is not known, or a value that cannot be kept.
    """
    checked: dict[str, Any] = {}
    for name, value in said.items():
        if name == "metadata":
            checked[name] = checked_metadata(value)
        elif name not in SAID:
            raise InvalidRequestError(name, "is not known of members")
        elif value is None:
            checked[name] = None
        elif not isinstance(value, str):
            raise InvalidRequestError(name, "must be a text")
        else:
            text = value.strip()
            if problem := text_problem(text, limits.NAME_CHARACTERS_MAX):
                raise InvalidRequestError(name, problem)
            checked[name] = text or None
    if (email := checked.get("email")) is not None and not is_email(email):
        raise InvalidRequestError("email", "is no email address")
    return checked


def is_email(text: str) -> bool:
    """Whether `text` looks like an address: something, one @, and a domain without spaces."""
    name, at, domain = text.rpartition("@")
    return bool(name and at and domain) and "@" not in name and " " not in text and not domain.startswith(".")


def checked_metadata(value: Any) -> dict[str, Any]:
    """Metadata that can be kept, without what is null.

    Raises:
        InvalidRequestError: not JSON values, too deep, too many or too large.
    """
    if value is None:
        return {}
    if fault := metadata_fault(value):
        raise InvalidRequestError(fault.path, fault.problem)
    return dict(value)
