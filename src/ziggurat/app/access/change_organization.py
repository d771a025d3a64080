"""Rename an organization, or change its rules and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.app.access.read_organization import organization_view
from ziggurat.app.access.views import OrganizationView
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.check_texts import require_name
from ziggurat.app.context import Context
from ziggurat.store.database import Connection
from ziggurat.store.errors import AlreadyExistsError, StaleVersionError
from ziggurat.store.repositories import organizations


def change_organization(
    context: Context,
    expected_version: int | None = None,
    *,
    name: str | None = None,
    requires_approval: bool | None = None,
    self_approval: bool | None = None,
    settings: Mapping[str, Any] | None = None,
) -> OrganizationView:
    """The organization with what is given (None: as it was). `settings` are replaced whole.

    Raises:
        StaleVersionError: somebody else has changed it since `expected_version`.
        AlreadyExistsError: another organization has that name.
        InvalidRequestError: the name cannot be kept.
    """
    given: dict[str, Any] = {
        "name": None if name is None else require_name("name", name),
        "requires_approval": requires_approval,
        "self_approval": self_approval,
        "settings": None if settings is None else dict(settings),
    }
    changes = {field: value for field, value in given.items() if value is not None}

    def work(connection: Connection) -> OrganizationView:
        before = organizations.lock(connection, context.scope)
        if expected_version is not None and before.version != expected_version:
            raise StaleVersionError(organizations.KIND, before.name, expected_version)
        other = organizations.by_name(connection, changes["name"]) if "name" in changes else None
        if other is not None and other.id != before.id:
            raise AlreadyExistsError(organizations.KIND, other.name)
        after = organizations.save(connection, before._replace(**changes))
        record(connection, context, "organization.changed", "organization", **changes)
        return organization_view(after)

    return context.database.write(work)
