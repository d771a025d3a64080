"""Changing members: enrol, override, merge, erase."""

from __future__ import annotations

from urllib.parse import quote

from ziggurat.app.members.end_override import end_override
from ziggurat.app.members.enrol_member import enrol_member
from ziggurat.app.members.erase_member import erase_member
from ziggurat.app.members.merge_members import merge_members
from ziggurat.app.members.set_override import set_override
from ziggurat.app.members.unmerge_member import unmerge_member
from ziggurat.app.principal import KeyScope
from ziggurat.http.answers import Answer
from ziggurat.http.native import examples
from ziggurat.http.native.members import MEMBER_REFUSALS, TAG
from ziggurat.http.native.models import members as models
from ziggurat.http.operations import Body, Call, Operation
from ziggurat.program.events import OverrideMode


def _enrol(call: Call) -> Answer:
    member: str = call.body["id"]
    view = enrol_member(
        call.context,
        member,
        enrolled_at=call.body.get("enrolled_at", call.context.now),
        attributes=call.body.get("attributes", {}),
    )
    return Answer(models.member_model(view), status=201, location=f"/v1/members/{quote(member, safe='')}")


def _set_override(call: Call) -> Answer:
    view = set_override(
        call.context,
        call.path["member"],
        program=call.body["program"],
        tier=call.body["tier"],
        mode=OverrideMode(call.body["mode"]),
        until=call.body.get("until"),
        reason=call.body.get("reason", ""),
    )
    return Answer(models.override_model(view), status=201)


def _end_override(call: Call) -> Answer:
    path = call.path
    view = end_override(call.context, path["member"], path["override"], call.body.get("reason", ""))
    return Answer(models.override_model(view))


def _merge(call: Call) -> Answer:
    return Answer(models.member_model(merge_members(call.context, call.path["member"], call.body["into"])))


def _unmerge(call: Call) -> Answer:
    return Answer(models.member_model(unmerge_member(call.context, call.path["member"])))


def _erase(call: Call) -> Answer:
    return Answer(models.erasure_model(erase_member(call.context, call.path["member"])))


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/members",
        name="enrolMember",
        summary="Enrol a member",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_enrol,
        body=Body(models.Enrolment, {"id": "ada", "attributes": {"city": "Paris"}}),
        status=201,
        answer=models.Member,
        example=examples.MEMBER,
        refusals=("event_refused", "member_merged"),
        description="Enrolling again changes nothing, unless it is earlier; attributes are set anew.",
    ),
    Operation(
        method="POST",
        path="/v1/members/{member}/overrides",
        name="setOverride",
        summary="Decide about one member, whatever the rules say",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_set_override,
        body=Body(
            models.NewOverride,
            {"program": examples.PROGRAM["id"], "tier": "Gold", "mode": "floor", "reason": "apology"},
        ),
        status=201,
        answer=models.Override,
        example=examples.OVERRIDE,
        refusals=(*MEMBER_REFUSALS, "unknown_tier", "event_refused"),
    ),
    Operation(
        method="POST",
        path="/v1/members/{member}/overrides/{override}/end",
        name="endOverride",
        summary="Let the rules decide again",
        tag=TAG,
        scope=KeyScope.INGEST,
        run=_end_override,
        body=Body(models.OverrideEnd, {"reason": "no longer needed"}, optional=True),
        answer=models.Override,
        example={**examples.OVERRIDE, "ended_at": "2025-08-01T00:00:00Z"},
        refusals=(*MEMBER_REFUSALS, "wrong_state", "event_refused"),
    ),
    Operation(
        method="POST",
        path="/v1/members/{member}/merge",
        name="mergeMembers",
        summary="Let another member take over this one's events",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_merge,
        body=Body(models.Merge, {"into": "ada"}),
        answer=models.Member,
        example=examples.MEMBER,
        refusals=(*MEMBER_REFUSALS, "wrong_state"),
        description="The answer is the member that took over. `unmerge` on the member that was merged undoes it.",
    ),
    Operation(
        method="POST",
        path="/v1/members/{member}/unmerge",
        name="unmergeMember",
        summary="Undo a merge",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_unmerge,
        answer=models.Member,
        example=examples.MEMBER,
        refusals=("not_found", "member_erased", "wrong_state"),
    ),
    Operation(
        method="DELETE",
        path="/v1/members/{member}",
        name="eraseMember",
        summary="Erase a person; anonymous totals remain",
        tag=TAG,
        scope=KeyScope.ADMIN,
        run=_erase,
        answer=models.Erasure,
        example=examples.ERASURE,
        refusals=MEMBER_REFUSALS,
    ),
)
