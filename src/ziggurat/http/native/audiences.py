"""Audiences: whom they mean, who is in them, and why."""

from __future__ import annotations

from collections.abc import Iterator
from tempfile import TemporaryFile

from ziggurat.app.audiences.change_audience import archive_audience, change_audience
from ziggurat.app.audiences.change_half_life import change_half_life, read_half_life
from ziggurat.app.audiences.change_list import add_to_list, remove_from_list
from ziggurat.app.audiences.create_audience import create_audience
from ziggurat.app.audiences.export_audience import export_csv, export_parquet
from ziggurat.app.audiences.list_audience_members import (
    explain_membership,
    list_audience_changes,
    list_audience_members,
    list_group_members,
)
from ziggurat.app.audiences.preview_audience import preview_audience
from ziggurat.app.audiences.put_identity import put_identity
from ziggurat.app.audiences.read_audience import list_audiences, list_audiences_of, list_group, read_audience
from ziggurat.app.audiences.read_profile import read_profile
from ziggurat.app.audiences.refresh_audience import refresh_now
from ziggurat.app.principal import KeyScope
from ziggurat.http.answers import Answer
from ziggurat.http.native import audience_examples as examples
from ziggurat.http.native.examples import page_of
from ziggurat.http.native.models import audiences as models
from ziggurat.http.operations import Body, Call, IfMatch, Operation
from ziggurat.store.tables.audiences import AudienceKind

TAG = "audiences"
_ONE = "/v1/audiences/{audience}"
CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
_BLOCK = 1 << 20


def _create(call: Call) -> Answer:
    said = dict(call.body)
    said["kind"] = AudienceKind(said.get("kind", "dynamic"))
    said["rules"] = models.said_rules(said.get("rules", []))
    said["group"] = models.said_group(said.get("group"))
    view = create_audience(call.context, said.pop("name"), said.pop("kind"), **said)
    return Answer(models.audience_model(view), status=201, version=view.version, location=f"/v1/audiences/{view.id}")


def _list(call: Call) -> Answer:
    kind = call.query.get("kind")
    page = list_audiences(
        call.context,
        archived=call.query.get("archived", False),
        kind=None if kind is None else AudienceKind(kind),
        group=call.query.get("group"),
        after=call.after,
        limit=call.limit,
    )
    return call.page(page, models.audience_model)


def _read(call: Call) -> Answer:
    view = read_audience(call.context, call.path["audience"])
    return Answer(models.audience_model(view), version=view.version)


def _change(call: Call) -> Answer:
    said = dict(call.body)
    if "rules" in said:
        said["rules"] = models.said_rules(said["rules"])
    if "group" in said:
        said["group"] = models.said_group(said["group"])
    view = change_audience(call.context, call.path["audience"], call.expected_version, **said)
    return Answer(models.audience_model(view), version=view.version)


def _archive(call: Call) -> Answer:
    view = archive_audience(call.context, call.path["audience"], call.expected_version)
    return Answer(models.audience_model(view), version=view.version)


def _preview(call: Call) -> Answer:
    rules = models.said_rules(call.body["rules"])
    return Answer(models.preview_model(preview_audience(call.context, rules, limit=call.body.get("limit", 20))))


def _count(call: Call) -> Answer:
    view = read_audience(call.context, call.path["audience"])
    return Answer({"audience": view.id, "members": view.members})


def _refresh(call: Call) -> Answer:
    return Answer(models.refreshed_model(refresh_now(call.context, call.path["audience"])))


def _members(call: Call) -> Answer:
    page = list_audience_members(
        call.context,
        call.path["audience"],
        search=call.query.get("search", ""),
        after=call.after,
        limit=call.limit,
    )
    return call.page(page, models.member_model)


def _why(call: Call) -> Answer:
    view = explain_membership(call.context, call.path["audience"], call.path["member"])
    return Answer(models.membership_model(view))


def _add(call: Call) -> Answer:
    view = add_to_list(call.context, call.path["audience"], call.body["members"])
    return Answer({"audience": view.audience, "changed": view.changed, "unknown": list(view.unknown)})


def _remove(call: Call) -> Answer:
    view = remove_from_list(call.context, call.path["audience"], call.body["members"])
    return Answer({"audience": view.audience, "changed": view.changed, "unknown": list(view.unknown)})


def _changes(call: Call) -> Answer:
    page = list_audience_changes(
        call.context,
        call.path["audience"],
        member=call.query.get("member"),
        after=call.after,
        limit=call.limit,
    )
    return call.page(page, models.change_model)


def _export(call: Call) -> Answer:
    pieces = export_csv(call.context, call.path["audience"])
    return Answer(media_type=CSV, stream=(piece.encode() for piece in pieces))


def _export_parquet(call: Call) -> Answer:
    return Answer(media_type=PARQUET, stream=_parquet(call, call.path["audience"]))


def _parquet(call: Call, audience: str) -> Iterator[bytes]:
    file = TemporaryFile()  # noqa: SIM115 - read after this function has answered
    try:
        export_parquet(call.context, audience, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)

    def blocks() -> Iterator[bytes]:
        with file:
            while block := file.read(_BLOCK):
                yield block

    return blocks()


def _group(call: Call) -> Answer:
    found = list_group(call.context, call.path["group"])
    return Answer({"items": [models.audience_model(each) for each in found]})


def _group_members(call: Call) -> Answer:
    page = list_group_members(
        call.context, call.path["group"], search=call.query.get("search", ""), after=call.after, limit=call.limit
    )
    return call.page(page, models.member_model)


def _of_member(call: Call) -> Answer:
    found = list_audiences_of(call.context, call.path["member"])
    return Answer({"items": [models.audience_model(each) for each in found]})


def _profile(call: Call) -> Answer:
    return Answer(models.profile_model(read_profile(call.context, call.path["member"])))


def _put_identity(call: Call) -> Answer:
    return Answer(models.profile_model(put_identity(call.context, call.path["member"], call.body)))


def _settings(call: Call) -> Answer:
    return Answer({"half_life_days": read_half_life(call.context)})


def _put_settings(call: Call) -> Answer:
    return Answer({"half_life_days": change_half_life(call.context, call.body["half_life_days"])})


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/audiences",
        name="createAudience",
        summary="Make an audience: by rules, as a list, synced from elsewhere, or of a tier",
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_create,
        body=Body(models.NewAudience, examples.NEW_AUDIENCE),
        status=201,
        answer=models.Audience,
        example=examples.AUDIENCE,
        has_version=True,
        refusals=("not_found", "unknown_tier", "invalid_audience"),
    ),
    Operation(
        method="GET",
        path="/v1/audiences",
        name="listAudiences",
        summary="List audiences",
        tag=TAG,
        scope=KeyScope.READ,
        run=_list,
        query=models.AudiencesQuery,
        answer=models.Audiences,
        example=page_of(examples.AUDIENCE),
    ),
    Operation(
        method="POST",
        path="/v1/audiences/preview",
        name="previewAudience",
        summary="Whom rules would mean; nothing is saved",
        tag=TAG,
        scope=KeyScope.READ,
        run=_preview,
        body=Body(models.PreviewBody, {"rules": examples.RULES}),
        answer=models.Preview,
        example=examples.PREVIEW,
        refusals=("invalid_audience",),
    ),
    Operation(
        method="GET",
        path=_ONE,
        name="readAudience",
        summary="Read an audience",
        tag=TAG,
        scope=KeyScope.READ,
        run=_read,
        answer=models.Audience,
        example=examples.AUDIENCE,
        has_version=True,
        refusals=("not_found",),
    ),
    Operation(
        method="PATCH",
        path=_ONE,
        name="changeAudience",
        summary="Change an audience; other rules fill it anew",
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_change,
        body=Body(models.AudienceChange, {"name": "Regulars of Lyon"}),
        answer=models.Audience,
        example=examples.AUDIENCE,
        has_version=True,
        if_match=IfMatch.REQUIRED,
        refusals=("not_found", "invalid_audience"),
    ),
    Operation(
        method="DELETE",
        path=_ONE,
        name="archiveAudience",
        summary="Take an audience out of use; its members stay to be read",
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_archive,
        answer=models.Audience,
        example={**examples.AUDIENCE, "archived": True, "version": 2},
        has_version=True,
        if_match=IfMatch.REQUIRED,
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/count",
        name="countAudience",
        summary="How many members an audience has",
        tag=TAG,
        scope=KeyScope.READ,
        run=_count,
        answer=models.Count,
        example={"audience": examples.AUDIENCE["id"], "members": 5310},
        refusals=("not_found",),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/refresh",
        name="refreshAudience",
        summary="Look at everybody again now",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_refresh,
        answer=models.Refreshed,
        example=examples.REFRESHED,
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/members",
        name="listAudienceMembers",
        summary="Who is in an audience",
        tag=TAG,
        scope=KeyScope.READ,
        run=_members,
        query=models.MembersQuery,
        answer=models.AudienceMembers,
        example=page_of(examples.MEMBER),
        refusals=("not_found",),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/members",
        name="addToList",
        summary="Put members on a list",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_add,
        body=Body(models.MemberNames, {"members": ["ada", "grace", "nobody"]}),
        answer=models.ListChange,
        example=examples.LIST_CHANGE,
        refusals=("not_found", "wrong_state"),
    ),
    Operation(
        method="POST",
        path=f"{_ONE}/members/remove",
        name="removeFromList",
        summary="Take members off a list",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_remove,
        body=Body(models.MemberNames, {"members": ["ada", "grace", "nobody"]}),
        answer=models.ListChange,
        example=examples.LIST_CHANGE,
        refusals=("not_found", "wrong_state"),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/members/{{member}}",
        name="explainMembership",
        summary="Why a member is in an audience, or is not",
        tag=TAG,
        scope=KeyScope.READ,
        run=_why,
        answer=models.Membership,
        example=examples.MEMBERSHIP,
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/changes",
        name="listAudienceChanges",
        summary="Who joined and who left, oldest first",
        tag=TAG,
        scope=KeyScope.READ,
        run=_changes,
        query=models.ChangesQuery,
        answer=models.Changes,
        example=page_of(examples.CHANGE),
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/members.csv",
        name="exportAudience",
        summary="Everybody in an audience as CSV",
        tag=TAG,
        scope=KeyScope.READ,
        run=_export,
        answer=str,
        answer_type=CSV,
        example=examples.EXPORT,
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path=f"{_ONE}/members.parquet",
        name="exportAudienceParquet",
        summary="Everybody in an audience as Parquet",
        tag=TAG,
        scope=KeyScope.READ,
        run=_export_parquet,
        answer=str,
        answer_type=PARQUET,
        example="PAR1...",
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/audience-groups/{group}",
        name="readAudienceGroup",
        summary="The audiences of a group, by position",
        tag=TAG,
        scope=KeyScope.READ,
        run=_group,
        answer=models.AllAudiences,
        example={"items": [examples.AUDIENCE]},
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/audience-groups/{group}/members",
        name="listGroupMembers",
        summary="Who is in any audience of a group",
        tag=TAG,
        scope=KeyScope.READ,
        run=_group_members,
        query=models.MembersQuery,
        answer=models.AudienceMembers,
        example=page_of({**examples.MEMBER, "since": None}),
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/audience-settings",
        name="readAudienceSettings",
        summary="After how many days an event counts half in scores",
        tag=TAG,
        scope=KeyScope.READ,
        run=_settings,
        answer=models.SettingsBody,
        example={"half_life_days": 30},
    ),
    Operation(
        method="PUT",
        path="/v1/audience-settings",
        name="putAudienceSettings",
        summary="Let scores fade faster or slower",
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_put_settings,
        body=Body(models.SettingsBody, {"half_life_days": 14}),
        answer=models.SettingsBody,
        example={"half_life_days": 14},
    ),
    Operation(
        method="GET",
        path="/v1/members/{member}/audiences",
        name="listAudiencesOfMember",
        summary="The audiences that a member is in",
        tag=TAG,
        scope=KeyScope.READ,
        run=_of_member,
        answer=models.AllAudiences,
        example={"items": [examples.AUDIENCE]},
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/members/{member}/profile",
        name="readProfile",
        summary="What audiences know of a member: who she is, her amounts, scores and ranks",
        tag=TAG,
        scope=KeyScope.READ,
        run=_profile,
        answer=models.Profile,
        example=examples.PROFILE,
        refusals=("not_found",),
    ),
    Operation(
        method="PUT",
        path="/v1/members/{member}/profile",
        name="putIdentity",
        summary="Say how a member is reached, where she lives, and anything else as metadata",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_put_identity,
        body=Body(models.IdentityBody, examples.IDENTITY),
        answer=models.Profile,
        example=examples.PROFILE,
        refusals=("not_found", "member_merged", "member_erased"),
    ),
)
