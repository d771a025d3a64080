"""Audiences: made, listed, read, changed, archived, counted; how fresh they are; and those that are fetched again."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ziggurat import limits
from ziggurat.app.audiences.audience_views import AudienceView
from ziggurat.app.audiences.change_audience import archive_audience, change_audience
from ziggurat.app.audiences.create_audience import create_audience
from ziggurat.app.audiences.list_audiences_by import list_audiences_by
from ziggurat.app.audiences.read_audience import read_audience
from ziggurat.app.audiences.sync_sources import start_sync
from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.tier_groups import change_tier_group, has_tier_group
from ziggurat.errors import InvalidProgramError
from ziggurat.http.face_support.instants import millisecond_text
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.fanfare import wire, wire_answers
from ziggurat.http.faces.fanfare.audience_view import (
    KINDS,
    SOURCE,
    TYPES,
    audience_uuid,
    show_audience,
    show_audiences,
    show_bare,
    show_source,
)
from ziggurat.http.faces.fanfare.check_tiers import one_tier_issues
from ziggurat.http.faces.fanfare.errors import FanfareError
from ziggurat.http.faces.fanfare.ids import new_uuid
from ziggurat.http.faces.fanfare.issues import InvalidInputError, Issue, failed_check
from ziggurat.http.faces.fanfare.kept import kept, with_kept
from ziggurat.http.faces.fanfare.ladders import with_changed_tier, without_tier
from ziggurat.http.faces.fanfare.names import find_audience
from ziggurat.http.faces.fanfare.paging import page_body, parameters, read_page
from ziggurat.http.faces.fanfare.reading import check, placed, read_json
from ziggurat.http.faces.fanfare.rules import POSITIONS, kept_positions, position_said, rules_placed, said_rule
from ziggurat.http.faces.fanfare.said_audiences import said_group, said_interval, said_metadata
from ziggurat.program.model import Program
from ziggurat.store.errors import NotFoundError, StaleVersionError
from ziggurat.store.tables.audiences import AudienceKind

ORDERS = {"createdAt": "created_at", "name": "name", "lastRefreshedAt": "refreshed_at"}
_ONE = "/audiences/{audienceId}"
_INCLUDE = ({"name": "include", "in": "query", "required": False, "schema": {"type": "string"}},)
"""Rules, imports and source are always told, whatever `include` says."""


def _list(visit: Visit) -> Any:
    asked = read_page(visit, "audiences", ORDERS)
    page = list_audiences_by(
        visit.context,
        order=asked.order,
        descending=asked.descending,
        start=asked.start,
        backwards=asked.backwards,
        limit=asked.limit,
    )
    return page_body(visit, "audiences", asked, show_audiences(visit.context, page.items), page.previous, page.next)


def _create(visit: Visit) -> Any:
    context, body = visit.context, read_json(visit.body)
    asked = check(wire.AudienceIn, body)
    kind = KINDS[asked.type]
    issues: list[Issue] = []
    if asked.rules and kind is not AudienceKind.DYNAMIC:
        issues.append(_out_of_place("rules", body, "DYNAMIC"))
    if asked.primarySyncSource and kind is not AudienceKind.SYNCED:
        issues.append(_out_of_place("primarySyncSource", body, "SYNCED_LIST"))
    interval, metadata = said_interval(asked, body, issues), said_metadata(asked, issues)
    group = said_group(context, asked)
    if group is not None and has_tier_group(context, group.key):
        issues.append(_tier_group(body))
    if issues:
        raise InvalidInputError(issues, body)
    said = asked.rules or []
    rules = [said_rule(rule, context.now) for rule in said]
    positions = {rule.id: position_said(each) for rule, each in zip(rules, said, strict=True)}
    own = with_kept(
        metadata,
        icon=asked.iconName,
        has_metadata=True if asked.metadata == {} else None,
        has_description=True if asked.description == "" else None,
        **{POSITIONS: kept_positions(positions) or None, SOURCE: _kept_source(visit, asked)},
    )
    with placed(body), rules_placed(rules, body, ("rules",)):
        view = create_audience(
            context,
            asked.name,
            kind,
            rules=rules,
            description=asked.description or "",
            metadata=own,
            group=group,
            refresh_interval_s=interval,
            id=new_uuid(context.now),
        )
    return show_audience(context, view)


def _kept_source(visit: Visit, asked: wire.AudienceIn) -> dict[str, Any] | None:
    source = asked.primarySyncSource
    return None if source is None else {"id": new_uuid(visit.context.now), **source.model_dump(exclude_none=True)}


def _get(visit: Visit) -> Any:
    return show_audience(visit.context, find_audience(visit.context, visit.path["audienceId"]))


def _put(visit: Visit) -> Any:
    """What is said changes; the rest stays, also what others change at the same time."""
    body = read_json(visit.body)
    for _ in range(limits.TRANSACTION_ATTEMPTS_MAX - 1):
        with suppress(StaleVersionError):
            return _put_once(visit, body)
    return _put_once(visit, body)


def _put_once(visit: Visit, body: Any) -> Any:
    context = visit.context
    view = find_audience(context, visit.path["audienceId"], archived=False)
    asked = check(wire.AudiencePatch, body)
    issues: list[Issue] = []
    said = asked.model_fields_set
    if "type" in said and asked.type != TYPES[view.kind]:
        message = f"Invalid value: the type stays {TYPES[view.kind]}"
        issues.append(failed_check(("type",), TYPES[view.kind], asked.type, message))
    interval, metadata = said_interval(asked, body, issues), said_metadata(asked, issues)
    group = said_group(context, asked, view)
    is_tier = _is_grouped_tier(view)
    old_key = view.group.key if view.group else None
    new_key = group.key if group else None
    if old_key != new_key and (is_tier or (new_key is not None and has_tier_group(context, new_key))):
        issues.append(_tier_group(body))
    if issues:
        raise InvalidInputError(issues, body)
    changes: dict[str, Any] = {}
    if is_tier:
        _change_tier(visit, view, asked, body)
        view = read_audience(context, view.id)
    else:
        changes["group"] = group
        if "name" in said:
            changes["name"] = asked.name
        if "description" in said:
            changes["description"] = asked.description or ""
    if "refreshIntervalSeconds" in said:
        changes["refresh_interval_s"] = interval
    own = _own_metadata(view, asked, metadata, is_tier=is_tier)
    with placed(body):
        changed = change_audience(context, view.id, view.version, metadata=own, **changes)
    return show_bare(context, [changed])[0]


def _own_metadata(
    view: AudienceView, asked: wire.AudiencePatch, metadata: dict[str, Any], *, is_tier: bool
) -> dict[str, Any]:
    """The metadata that the audience has afterwards."""
    said = asked.model_fields_set
    own = dict(view.metadata)
    if "metadata" in said:
        own = with_kept(metadata, **kept(view.metadata))
        own = with_kept(own, has_metadata=True if asked.metadata == {} else None)
    if "description" in said and not is_tier:
        own = with_kept(own, has_description=True if asked.description == "" else None)
    return with_kept(own, icon=asked.iconName) if "iconName" in said and not is_tier else own


def _change_tier(visit: Visit, view: AudienceView, asked: wire.AudiencePatch, body: Any) -> None:
    """What is said of a tier's audience is said of the tier: in the program, for everybody to see."""
    said = asked.model_fields_set
    changes: dict[str, str | None] = {}
    for name, key in (("name", "name"), ("description", "description"), ("iconName", "icon")):
        if name in said:
            changes[key] = getattr(asked, name)
    if not changes and "groupName" not in said:
        return

    def edit(program: Program) -> dict[str, Any]:
        document = with_changed_tier(program, view.tier or "", **changes)
        return {**document, "name": asked.groupName} if asked.groupName else document

    try:
        change_tier_group(visit.context, view.program or "", edit)
    except InvalidProgramError as error:
        raise one_tier_issues(error, body) from None


def _delete(visit: Visit) -> Any:
    context = visit.context
    view = find_audience(context, visit.path["audienceId"], archived=False)
    if _is_grouped_tier(view):
        change_tier_group(context, view.program or "", lambda program: without_tier(program, view.tier or ""))
        gone = read_audience(context, view.id)
    else:
        gone = archive_audience(context, view.id)
    return show_bare(context, [gone])[0]


def _count(visit: Visit) -> Any:
    view = find_audience(visit.context, visit.path["audienceId"])
    return {"audienceId": audience_uuid(view), "count": view.members, "source": "db_list"}


def _status(visit: Visit) -> Any:
    """How fresh the members are (unknown 12): `inProgress` while everybody is looked at by new rules, or new tiers."""
    view = find_audience(visit.context, visit.path["audienceId"])
    source = show_source(visit.context, view)
    follows = view.kind in (AudienceKind.DYNAMIC, AudienceKind.TIER)
    is_filling = view.refreshed_at is None or (view.kind is AudienceKind.TIER and view.stale)
    is_filling = is_filling and follows and not view.archived
    return {
        "audienceId": audience_uuid(view),
        "version": view.version,
        "stale": view.stale,
        "inProgress": is_filling,
        "syncStatus": None if source is None else source["syncStatus"],
        "lastSyncedAt": None if source is None else source["lastSyncedAt"],
        "lastRefreshedAt": None if view.refreshed_at is None else millisecond_text(view.refreshed_at),
        "refreshIntervalSeconds": view.refresh_interval_s,
        "pendingShards": int(is_filling) if follows else None,
    }


def _sync(visit: Visit) -> Any:
    """Fetch a synced list again. A list that only the vendor's service reaches has no source here."""
    view = find_audience(visit.context, visit.path["audienceId"], archived=False)
    if view.kind is not AudienceKind.SYNCED:
        raise FanfareError(400, "Audience is not a synced list")
    try:
        start_sync(visit.context, view.id)
    except NotFoundError:
        raise FanfareError(400, "Audience has no sync source") from None
    source = show_source(visit.context, view)
    assert source is not None, "it was found just now"
    return {"success": True, "syncSourceId": source["id"], "status": "PENDING"}


def _is_grouped_tier(view: AudienceView) -> bool:
    """Whether an audience is one of the tiers of a tier group, whose program says what it is."""
    return view.kind is AudienceKind.TIER and view.group is not None and view.group.key == view.program


def _out_of_place(name: str, body: Any, types: str) -> Issue:
    message = f"Invalid value: {name} is only for audiences of type {types}"
    return failed_check((name,), "undefined", body[name], message)


def _tier_group(body: Any) -> Issue:
    message = "Invalid value: audiences join and leave a group of loyalty tiers through the group itself"
    given = body.get("groupId")
    return failed_check(("groupId",), "another group", given, message)


AUDIENCE_ROUTES = (
    FaceRoute(
        method="GET",
        path="/audiences",
        scope=KeyScope.READ,
        run=_list,
        summary="Audiences, newest first",
        answer=wire_answers.Audiences,
        parameters=parameters("include", orders=tuple(ORDERS)),
    ),
    FaceRoute(
        method="POST",
        path="/audiences",
        scope=KeyScope.DESIGN,
        run=_create,
        summary="Create an audience",
        body=wire.AudienceIn,
        answer=wire_answers.Audience,
    ),
    FaceRoute(
        method="GET",
        path=_ONE,
        scope=KeyScope.READ,
        run=_get,
        summary="One audience, archived or not",
        answer=wire_answers.Audience,
        parameters=_INCLUDE,
    ),
    FaceRoute(
        method="PUT",
        path=_ONE,
        scope=KeyScope.DESIGN,
        run=_put,
        summary="Change what is said of an audience",
        body=wire.AudiencePatch,
        answer=wire_answers.AudienceBase,
        refusals=(409,),
    ),
    FaceRoute(
        method="DELETE",
        path=_ONE,
        scope=KeyScope.DESIGN,
        run=_delete,
        summary="Archive an audience",
        answer=wire_answers.AudienceBase,
        refusals=(409,),
    ),
    FaceRoute(
        method="GET",
        path=f"{_ONE}/count",
        scope=KeyScope.READ,
        run=_count,
        summary="How many members an audience has",
        answer=wire_answers.Count,
    ),
    FaceRoute(
        method="GET",
        path=f"{_ONE}/status",
        scope=KeyScope.READ,
        run=_status,
        summary="How fresh an audience's members are",
        answer=wire_answers.Status,
    ),
    FaceRoute(
        method="POST",
        path=f"{_ONE}/sync",
        scope=KeyScope.INGEST,
        run=_sync,
        summary="Fetch a synced list again",
        answer=wire_answers.SyncStarted,
        refusals=(409,),
    ),
)
