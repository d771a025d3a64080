"""Read the organization, or find one by name."""

from __future__ import annotations

from ziggurat.app.access.views import OrganizationView
from ziggurat.app.context import Context
from ziggurat.store.database import Database
from ziggurat.store.repositories import organizations
from ziggurat.store.scope import Scope


def read_organization(context: Context) -> OrganizationView:
    """The context's organization."""
    with context.database.reading() as connection:
        return organization_view(organizations.get(connection, context.scope))


def find_organization(database: Database, name: str) -> Scope | None:
    """The organization called `name`: for the command line, which has no key."""
    with database.reading() as connection:
        found = organizations.by_name(connection, name)
    return found.scope if found else None


def list_organizations(database: Database) -> tuple[tuple[Scope, OrganizationView], ...]:
    """All organizations: for the command line and workers."""
    with database.reading() as connection:
        return tuple((found.scope, organization_view(found)) for found in organizations.every(connection))


def organization_view(organization: organizations.Organization) -> OrganizationView:
    """What is shown of `organization`."""
    return OrganizationView(
        name=organization.name,
        requires_approval=organization.requires_approval,
        self_approval=organization.self_approval,
        settings=organization.settings,
        created_at=organization.created_at,
        version=organization.version,
    )
