"""Reading members: where they stand at any instant, how they got there, and why."""

from __future__ import annotations

from ziggurat.app.members.explain_member import explain_member
from ziggurat.app.members.export_member import export_member
from ziggurat.app.members.list_member_events import list_member_events
from ziggurat.app.members.list_members import list_members
from ziggurat.app.members.list_overrides import list_overrides
from ziggurat.app.members.read_member import read_member
from ziggurat.app.members.read_timeline import read_timeline
from ziggurat.app.principal import KeyScope
from ziggurat.http.answers import Answer
from ziggurat.http.native import examples
from ziggurat.http.native.models import members as models
from ziggurat.http.native.models.common import PageQuery
from ziggurat.http.native.models.events import LedgerEvents, ledger_event_model
from ziggurat.http.operations import Call, Operation
from ziggurat.http.problems import WireFault
from ziggurat.http.strict_bodies import refused

TAG = "members"
MEMBER_REFUSALS = ("not_found", "member_merged", "member_erased")


def _as_of(call: Call) -> int:
    as_of: int = call.query.get("as_of", call.context.now)
    return as_of


def _read(call: Call) -> Answer:
    program = call.query.get("program")
    return Answer(
        models.member_model(read_member(call.context, call.path["member"], as_of=_as_of(call), program=program))
    )


def _list(call: Call) -> Answer:
    query = call.query
    if "program" not in query:
        needing = [name for name in ("tier", "expires_before") if name in query]
        if needing:
            raise refused([WireFault("needs `program` too", parameter=name) for name in needing])
    pairs = query.get("attribute", [])
    attributes = dict(pairs)
    if len(attributes) < len(pairs):
        raise refused([WireFault("names an attribute twice", parameter="attribute")])
    page = list_members(
        call.context,
        program=query.get("program"),
        tier=query.get("tier"),
        expires_before=query.get("expires_before"),
        attributes=attributes,
        after=call.after,
        limit=call.limit,
    )
    return call.page(page, models.member_model)


def _timeline(call: Call) -> Answer:
    page = read_timeline(
        call.context,
        call.path["member"],
        program=call.query.get("program"),
        as_of=_as_of(call),
        superseded=call.query.get("superseded", False),
        after=call.after,
        limit=call.limit,
    )
    return call.page(page, models.transition_model)


def _events(call: Call) -> Answer:
    page = list_member_events(call.context, call.path["member"], after=call.after, limit=call.limit)
    return call.page(page, ledger_event_model)


def _explain(call: Call) -> Answer:
    program = call.query.get("program")
    found = explain_member(call.context, call.path["member"], program=program, as_of=_as_of(call))
    return Answer({"items": [models.explanation_model(each) for each in found]})


def _export(call: Call) -> Answer:
    return Answer(export_member(call.context, call.path["member"]))


def _overrides(call: Call) -> Answer:
    found = list_overrides(call.context, call.path["member"])
    return Answer({"items": [models.override_model(each) for each in found]})


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/members",
        name="listMembers",
        summary="List members: all, or those of a program by tier, expiry and attributes",
        tag=TAG,
        scope=KeyScope.READ,
        run=_list,
        query=models.MembersQuery,
        answer=models.Members,
        example=examples.page_of(examples.MEMBER),
        refusals=("not_found", "unknown_tier"),
    ),
    Operation(
        method="GET",
        path="/v1/members/{member}",
        name="readMember",
        summary="Where a member stands: tier, since, until, progress, risks and opportunities",
        tag=TAG,
        scope=KeyScope.READ,
        run=_read,
        query=models.StandingQuery,
        answer=models.Member,
        example=examples.MEMBER,
        refusals=MEMBER_REFUSALS,
        inline=True,
    ),
    Operation(
        method="GET",
        path="/v1/members/{member}/timeline",
        name="readTimeline",
        summary="Every move of a member",
        tag=TAG,
        scope=KeyScope.READ,
        run=_timeline,
        query=models.TimelineQuery,
        answer=models.Transitions,
        example=examples.page_of(examples.TRANSITION),
        refusals=MEMBER_REFUSALS,
    ),
    Operation(
        method="GET",
        path="/v1/members/{member}/events",
        name="listMemberEvents",
        summary="A member's events as the ledger has them",
        tag=TAG,
        scope=KeyScope.READ,
        run=_events,
        query=PageQuery,
        answer=LedgerEvents,
        example=examples.page_of(examples.LEDGER_EVENT),
        refusals=MEMBER_REFUSALS,
    ),
    Operation(
        method="GET",
        path="/v1/members/{member}/explain",
        name="explainMember",
        summary="Why a member is in her tier",
        tag=TAG,
        scope=KeyScope.READ,
        run=_explain,
        query=models.StandingQuery,
        answer=models.Explanations,
        example=examples.EXPLANATIONS,
        refusals=MEMBER_REFUSALS,
    ),
    Operation(
        method="GET",
        path="/v1/members/{member}/export",
        name="exportMember",
        summary="Everything that is known about a person",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_export,
        answer=dict[str, object],
        example=examples.EXPORT,
        refusals=MEMBER_REFUSALS,
    ),
    Operation(
        method="GET",
        path="/v1/members/{member}/overrides",
        name="listOverrides",
        summary="Overrides of a member, ended ones too",
        tag=TAG,
        scope=KeyScope.READ,
        run=_overrides,
        answer=models.Overrides,
        example={"items": [examples.OVERRIDE]},
        refusals=MEMBER_REFUSALS,
    ),
)
