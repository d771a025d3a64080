"""The organization, its keys and its audit trail."""

from __future__ import annotations

from ziggurat.app.access.change_organization import change_organization
from ziggurat.app.access.create_key import create_key
from ziggurat.app.access.list_keys import list_keys
from ziggurat.app.access.read_organization import read_organization
from ziggurat.app.access.revoke_key import revoke_key
from ziggurat.app.audit.list_audit import list_audit
from ziggurat.app.audit.verify_audit import verify_audit
from ziggurat.app.principal import KeyScope
from ziggurat.http.answers import Answer
from ziggurat.http.native.models import organization as models
from ziggurat.http.operations import Body, Call, IfMatch, Operation

TAG = "organization"


def _read(call: Call) -> Answer:
    view = read_organization(call.context)
    return Answer(models.organization_model(view), version=view.version)


def _change(call: Call) -> Answer:
    view = change_organization(call.context, call.expected_version, **call.body)
    return Answer(models.organization_model(view), version=view.version)


def _keys(call: Call) -> Answer:
    return Answer({"items": [models.key_model(each) for each in list_keys(call.context)]})


def _create_key(call: Call) -> Answer:
    scopes = frozenset(map(KeyScope, call.body["scopes"]))
    created = create_key(call.context, call.body["name"], scopes)
    return Answer(models.created_key_model(created), status=201, location=f"/v1/keys/{created.key.key_id}")


def _revoke_key(call: Call) -> Answer:
    revoked = revoke_key(call.context, call.path["key_id"])
    call.service.principals.forget()
    return Answer(models.key_model(revoked))


def _audit(call: Call) -> Answer:
    subject = call.query.get("subject")
    return call.page(list_audit(call.context, subject=subject, after=call.after, limit=call.limit), models.audit_model)


def _verify_audit(call: Call) -> Answer:
    return Answer(models.audit_verdict_model(verify_audit(call.context)))


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/organization",
        name="readOrganization",
        summary="Read the organization that the key belongs to",
        tag=TAG,
        scope=KeyScope.READ,
        run=_read,
        answer=models.Organization,
        example=models.ORGANIZATION_EXAMPLE,
        has_version=True,
        inline=True,
    ),
    Operation(
        method="PATCH",
        path="/v1/organization",
        name="changeOrganization",
        summary="Rename the organization, or change how it approves",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_change,
        body=Body(models.OrganizationChange, {"requires_approval": True}),
        answer=models.Organization,
        example=models.ORGANIZATION_EXAMPLE,
        has_version=True,
        if_match=IfMatch.REQUIRED,
        refusals=("already_exists",),
    ),
    Operation(
        method="GET",
        path="/v1/keys",
        name="listKeys",
        summary="List keys, revoked ones too",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_keys,
        answer=models.Keys,
        example={"items": [models.KEY_EXAMPLE]},
    ),
    Operation(
        method="POST",
        path="/v1/keys",
        name="createKey",
        summary="Make a key; its secret is shown once",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_create_key,
        body=Body(models.NewKey, {"name": "till", "scopes": ["read", "ingest"]}),
        status=201,
        answer=models.KeyWithSecret,
        example={"key": models.KEY_EXAMPLE, "secret": "zig_3q2-7wECAwQFBgcICQoLDA0ODxAREhMUFRYXGBk"},
        shows_secret=True,
    ),
    Operation(
        method="DELETE",
        path="/v1/keys/{key_id}",
        name="revokeKey",
        summary="Make a key useless, at once and for ever",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_revoke_key,
        answer=models.Key,
        example={**models.KEY_EXAMPLE, "revoked_at": "2025-07-02T08:00:00Z"},
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/audit",
        name="listAudit",
        summary="Read the audit trail, oldest first",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_audit,
        query=models.AuditQuery,
        answer=models.AuditEntries,
        example={"items": [models.AUDIT_EXAMPLE], "next_cursor": None},
    ),
    Operation(
        method="GET",
        path="/v1/audit/check",
        name="checkAudit",
        summary="Check that the audit trail is as it was written",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_verify_audit,
        answer=models.AuditVerdict,
        example={"entries": 7, "intact": True, "first_broken": None},
    ),
)
