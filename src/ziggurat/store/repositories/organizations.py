"""Organizations and their settings."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ziggurat.store.errors import AlreadyExistsError, StaleVersionError
from ziggurat.store.repositories.records import all_of, columns_of, one_of
from ziggurat.store.scope import Scope
from ziggurat.store.tables import organizations
from ziggurat.store.tables.organizations import ORGANIZATION_NUMBERS

KIND = "organization"


class Organization(NamedTuple):
    """A tenant. `settings` is free for the doors; the approval rules are their own fields."""

    id: int
    name: str
    requires_approval: bool
    self_approval: bool
    settings: dict[str, Any]
    created_at: int
    version: int

    @property
    def scope(self) -> Scope:
        """What this organization may see and change."""
        return Scope(self.id)


_COLUMNS = columns_of(organizations, Organization)


def create(connection: Connection, name: str, *, created_at: int) -> Organization:
    """A new organization that wants no approvals.

    Raises:
        AlreadyExistsError: there is one of that name.
    """
    if by_name(connection, name) is not None:
        raise AlreadyExistsError(KIND, name)
    if connection.dialect.name == "sqlite":
        id = connection.execute(select(func.coalesce(func.max(organizations.c.id), 0) + 1)).scalar_one()  # noqa: A001
    else:
        id = connection.execute(select(ORGANIZATION_NUMBERS.next_value())).scalar_one()  # noqa: A001
    organization = Organization(id, name, False, False, {}, created_at, 1)
    try:
        connection.execute(insert(organizations).values(organization._asdict()))
    except IntegrityError:
        raise AlreadyExistsError(KIND, name) from None
    return organization


def by_name(connection: Connection, name: str) -> Organization | None:
    """The organization called `name`."""
    return one_of(connection, select(*_COLUMNS).where(organizations.c.name == name), Organization)


def get(connection: Connection, scope: Scope) -> Organization:
    """The organization of `scope`."""
    row = connection.execute(select(*_COLUMNS).where(organizations.c.id == scope.organization_id)).one()
    return Organization._make(row)


def every(connection: Connection) -> list[Organization]:
    """All organizations, oldest first: for workers and the command line."""
    return all_of(connection, select(*_COLUMNS).order_by(organizations.c.id), Organization)


def save(connection: Connection, organization: Organization) -> Organization:
    """Store the settings and rules of `organization`, as read before; it with its new version.

    Raises:
        StaleVersionError: somebody else has changed it since.
    """
    changed = organization._replace(version=organization.version + 1)
    rows = connection.execute(
        update(organizations)
        .where(organizations.c.id == organization.id, organizations.c.version == organization.version)
        .values(changed._asdict())
    ).rowcount
    if rows != 1:
        raise StaleVersionError(KIND, organization.name, organization.version)
    return changed


def lock(connection: Connection, scope: Scope) -> Organization:
    """The organization, held until the transaction ends: puts appenders to its audit trail in a row."""
    query = select(*_COLUMNS).where(organizations.c.id == scope.organization_id).with_for_update()
    return Organization._make(connection.execute(query).one())
