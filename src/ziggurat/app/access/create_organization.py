"""Make an organization."""

from __future__ import annotations

from ziggurat.app.access.read_organization import organization_view
from ziggurat.app.access.views import OrganizationView
from ziggurat.app.audit.audit_trail import record
from ziggurat.app.check_texts import require_name
from ziggurat.app.context import Context
from ziggurat.store.database import Connection, Database
from ziggurat.store.repositories import organizations


def create_organization(database: Database, name: str, now: int, actor: str = "cli") -> OrganizationView:
    """A new organization, which wants no approvals.

    Raises:
        AlreadyExistsError: there is one of that name.
        InvalidRequestError: the name cannot be kept.
    """
    name = require_name("name", name)

    def work(connection: Connection) -> OrganizationView:
        made = organizations.create(connection, name, created_at=now)
        record(connection, Context(database, made.scope, actor, now), "organization.created", "organization", name=name)
        return organization_view(made)

    return database.write(work)
