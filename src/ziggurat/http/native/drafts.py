"""A program's open draft: write, check, compare, submit, decide, discard."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ziggurat.app.context import Context
from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.approve_draft import approve_draft
from ziggurat.app.programs.check_draft import check_draft
from ziggurat.app.programs.diff_draft import diff_draft
from ziggurat.app.programs.discard_draft import discard_draft
from ziggurat.app.programs.list_drafts import list_drafts
from ziggurat.app.programs.put_draft import put_draft
from ziggurat.app.programs.read_draft import read_draft
from ziggurat.app.programs.reject_draft import reject_draft
from ziggurat.app.programs.submit_draft import submit_draft
from ziggurat.app.programs.views import DraftView
from ziggurat.http.answers import Answer
from ziggurat.http.native import examples
from ziggurat.http.native.models import programs as models
from ziggurat.http.native.models.common import Commented, PageQuery
from ziggurat.http.native.program_documents import document_body
from ziggurat.http.operations import Body, Call, IfMatch, Operation

TAG = "drafts"
_Decide: TypeAlias = Callable[[Context, str, str, int | None], DraftView]


def _answer(view: DraftView) -> Answer:
    return Answer(models.draft_model(view), version=view.version)


def _read(call: Call) -> Answer:
    return _answer(read_draft(call.context, call.path["program"]))


def _put(call: Call) -> Answer:
    return _answer(put_draft(call.context, call.path["program"], call.body, call.expected_version))


def _discard(call: Call) -> Answer:
    return _answer(discard_draft(call.context, call.path["program"], call.expected_version))


def _list(call: Call) -> Answer:
    page = list_drafts(call.context, call.path["program"], after=call.after, limit=call.limit)
    return call.page(page, models.draft_model)


def _check(call: Call) -> Answer:
    return Answer(models.check_model(check_draft(call.context, call.path["program"])))


def _diff(call: Call) -> Answer:
    return Answer(models.diff_model(diff_draft(call.context, call.path["program"])))


def _commented(decide: _Decide) -> Callable[[Call], Answer]:
    def run(call: Call) -> Answer:
        comment = call.body.get("comment", "")
        return _answer(decide(call.context, call.path["program"], comment, call.expected_version))

    return run


def _decision(verb: str, name: str, summary: str, scope: KeyScope, decide: _Decide) -> Operation:
    return Operation(
        method="POST",
        path=f"/v1/programs/{{program}}/{verb}",
        name=name,
        summary=summary,
        tag=TAG,
        scope=scope,
        run=_commented(decide),
        description="`If-Match` names the draft's ETag, so that nobody decides on what they haven't seen.",
        body=Body(Commented, {"comment": "agreed with finance"}, optional=True),
        if_match=IfMatch.OPTIONAL,
        answer=models.Draft,
        example=examples.DRAFT,
        has_version=True,
        refusals=("not_found", "wrong_state", "own_draft", "outdated_draft", "invalid_program"),
    )


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/programs/{program}/draft",
        name="readDraft",
        summary="Read the open draft",
        tag=TAG,
        scope=KeyScope.READ,
        run=_read,
        answer=models.Draft,
        example=examples.DRAFT,
        has_version=True,
        refusals=("not_found",),
    ),
    Operation(
        method="PUT",
        path="/v1/programs/{program}/draft",
        name="putDraft",
        summary="Write the draft: a new one, or other words for the open one",
        description="`If-Match` names the open draft's ETag; `*` where there is none yet.",
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_put,
        body=document_body(),
        answer=models.Draft,
        example=examples.DRAFT,
        has_version=True,
        if_match=IfMatch.REQUIRED,
        refusals=("not_found", "invalid_program", "wrong_state"),
    ),
    Operation(
        method="DELETE",
        path="/v1/programs/{program}/draft",
        name="discardDraft",
        summary="Give the open draft up",
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_discard,
        answer=models.Draft,
        example={**examples.DRAFT, "state": "discarded"},
        has_version=True,
        if_match=IfMatch.REQUIRED,
        refusals=("not_found", "wrong_state"),
    ),
    Operation(
        method="GET",
        path="/v1/programs/{program}/drafts",
        name="listDrafts",
        summary="All drafts of a program, newest first",
        tag=TAG,
        scope=KeyScope.READ,
        run=_list,
        query=PageQuery,
        answer=models.Drafts,
        example=examples.page_of(examples.DRAFT),
        refusals=("not_found",),
    ),
    Operation(
        method="POST",
        path="/v1/programs/{program}/check",
        name="checkDraft",
        summary="What is wrong with the draft, what is odd, and the ladder it makes",
        tag=TAG,
        scope=KeyScope.READ,
        run=_check,
        answer=models.Check,
        example=examples.CHECK,
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/programs/{program}/diff",
        name="diffDraft",
        summary="What the draft changes in the revision in force",
        tag=TAG,
        scope=KeyScope.READ,
        run=_diff,
        answer=models.Diff,
        example=examples.DIFF,
        refusals=("not_found",),
    ),
    _decision("submit", "submitDraft", "Ask for approval of the draft", KeyScope.DESIGN, submit_draft),
    _decision("approve", "approveDraft", "Approve the draft", KeyScope.APPROVE, approve_draft),
    _decision("reject", "rejectDraft", "Send the draft back", KeyScope.APPROVE, reject_draft),
)
