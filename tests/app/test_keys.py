"""Organizations and their keys."""

from dataclasses import replace
from hashlib import md5

import pytest

from ziggurat.app.access.authenticate import authenticate, authenticate_pair
from ziggurat.app.access.change_organization import change_organization
from ziggurat.app.access.create_first_key import create_first_key
from ziggurat.app.access.create_key import create_key
from ziggurat.app.access.create_organization import create_organization
from ziggurat.app.access.list_keys import list_keys
from ziggurat.app.access.mark_key_used import mark_key_used
from ziggurat.app.access.read_organization import find_organization, read_organization
from ziggurat.app.access.revoke_key import revoke_key
from ziggurat.app.audit.list_audit import list_audit
from ziggurat.app.audit.verify_audit import verify_audit
from ziggurat.app.context import Context
from ziggurat.app.errors import InvalidRequestError
from ziggurat.app.principal import ALL_SCOPES, KeyScope
from ziggurat.store.database import Database
from ziggurat.store.errors import AlreadyExistsError, NotFoundError, StaleVersionError


def test_a_key_opens_its_organization_until_it_is_revoked(context: Context) -> None:
    made = create_key(context, "till", {KeyScope.READ, KeyScope.INGEST})
    found = authenticate(context.database, made.secret, context.now)
    assert found is not None
    assert (found.scope, found.key_id) == (context.scope, made.key.key_id)
    assert found.scopes == {KeyScope.READ, KeyScope.INGEST}
    assert found.organization == "First"

    revoke_key(context, made.key.key_id)
    assert authenticate(context.database, made.secret, context.now) is None
    assert authenticate_pair(context.database, made.key.key_id, made.secret, context.now) is None
    assert authenticate(context.database, "zig_unknown", context.now) is None


def test_a_key_id_goes_with_its_own_secret_or_where_asked_for_its_md5(context: Context) -> None:
    first = create_key(context, "first", ALL_SCOPES)
    second = create_key(context, "second", ALL_SCOPES)
    digest = md5(first.secret.encode(), usedforsecurity=False).hexdigest()

    def admitted(key_id: str, secret: str, *, with_md5: bool = False) -> bool:
        return authenticate_pair(context.database, key_id, secret, context.now, md5=with_md5) is not None

    assert admitted(first.key.key_id, first.secret)
    assert not admitted(first.key.key_id, second.secret)
    assert admitted(first.key.key_id, digest, with_md5=True)
    assert not admitted(first.key.key_id, digest)
    assert not admitted(second.key.key_id, digest, with_md5=True)


def test_the_last_use_of_a_key_is_remembered_when_a_door_says_so(context: Context) -> None:
    made = create_key(context, "till", ALL_SCOPES)
    principal = authenticate(context.database, made.secret, context.now)
    assert principal is not None
    assert list_keys(context)[0].last_used_at is None
    mark_key_used(context.database, principal, context.now + 5)
    assert list_keys(context)[0].last_used_at == context.now + 5


def test_keys_of_another_organization_are_neither_listed_nor_revoked(context: Context, stranger: Context) -> None:
    made = create_key(context, "till", ALL_SCOPES)
    assert list_keys(stranger) == ()
    with pytest.raises(NotFoundError):
        revoke_key(stranger, made.key.key_id)
    assert authenticate(context.database, made.secret, context.now) is not None


def test_a_key_without_scopes_or_with_an_odd_name_is_refused(context: Context) -> None:
    for name, scopes in (("till", ()), (" ", ALL_SCOPES), ("a\x00b", ALL_SCOPES), ("x" * 201, ALL_SCOPES)):
        with pytest.raises(InvalidRequestError):
            create_key(context, name, scopes)
    assert list_keys(context) == ()


def test_the_first_key_makes_its_organization_and_the_next_one_finds_it(database: Database) -> None:
    first = create_first_key(database, 1, organization="Coffee")
    second = create_first_key(database, 2, organization="Coffee")
    scope = find_organization(database, "Coffee")
    assert scope is not None
    listed = list_keys(Context(database, scope, "cli", 3))
    assert [key.key_id for key in listed] == [first.key.key_id, second.key.key_id]


def test_two_organizations_cannot_have_one_name(database: Database, context: Context, stranger: Context) -> None:
    with pytest.raises(AlreadyExistsError):
        create_organization(database, "First", 1)
    with pytest.raises(AlreadyExistsError):
        change_organization(stranger, name="First")


def test_an_organization_changed_meanwhile_is_not_overwritten(context: Context) -> None:
    before = read_organization(context)
    change_organization(context, before.version, requires_approval=True)
    with pytest.raises(StaleVersionError):
        change_organization(context, before.version, requires_approval=False)
    after = read_organization(context)
    assert (after.requires_approval, after.self_approval, after.name) == (True, False, "First")


def test_the_audit_trail_tells_who_did_what_and_pages_through_it(context: Context) -> None:
    key = create_key(context, "till", {KeyScope.READ}).key
    revoke_key(replace(context, actor="key:bob", now=context.now + 1), key.key_id)
    change_organization(context, name="Renamed")

    whole = list_audit(context, limit=10).items
    assert [(entry.actor, entry.action) for entry in whole] == [
        ("key:ann", "key.created"),
        ("key:bob", "key.revoked"),
        ("key:ann", "organization.changed"),
    ]
    page = list_audit(context, limit=2)
    rest = list_audit(context, after=page.next, limit=2)
    assert page.items + rest.items == whole
    assert rest.next is None
    about = list_audit(context, subject=f"key:{key.key_id}", limit=10).items
    assert [entry.action for entry in about] == ["key.created", "key.revoked"]
    assert verify_audit(context).intact
    assert verify_audit(context).entries == 3
