"""What takes effect on members: activate a draft, go back to a revision, pause, freeze, resume, archive."""

from __future__ import annotations

from collections.abc import Callable

from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.activate_program import activate_program
from ziggurat.app.programs.change_status import change_status
from ziggurat.app.programs.roll_back import roll_back
from ziggurat.http.answers import Answer
from ziggurat.http.native import examples
from ziggurat.http.native.models import programs as models
from ziggurat.http.operations import Body, Call, IfMatch, Operation
from ziggurat.program.model import Activation, Status

TAG = "activation"
_REFUSALS = ("not_found", "wrong_state", "activation_pending")


def _choice(call: Call) -> Activation:
    return Activation(call.body.get("activation", Activation.REEVALUATE))


def _activate(call: Call) -> Answer:
    view = activate_program(
        call.context,
        call.path["program"],
        effective_from=call.body.get("effective_from"),
        activation=_choice(call),
        note=call.body.get("note", ""),
        expected_version=call.expected_version,
    )
    return Answer(models.activation_model(view))


def _roll_back(call: Call) -> Answer:
    view = roll_back(
        call.context,
        call.path["program"],
        revision=call.body["revision"],
        effective_from=call.body.get("effective_from"),
        activation=_choice(call),
        note=call.body.get("note", ""),
    )
    return Answer(models.activation_model(view))


def _to(status: Status) -> Callable[[Call], Answer]:
    def change(call: Call) -> Answer:
        body = call.body
        view = change_status(
            call.context, call.path["program"], status, body.get("effective_from"), body.get("note", "")
        )
        return Answer(models.activation_model(view))

    return change


def _status(verb: str, status: Status, summary: str) -> Operation:
    return Operation(
        method="POST",
        path=f"/v1/programs/{{program}}/{verb}",
        name=f"{verb}Program",
        summary=summary,
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_to(status),
        body=Body(models.StatusRequest, {"effective_from": "2025-08-01T00:00:00Z"}, optional=True),
        answer=models.ActivationResult,
        example=examples.ACTIVATION,
        refusals=_REFUSALS,
    )


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/programs/{program}/activate",
        name="activateProgram",
        summary="Put the draft in force, now or at an instant",
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_activate,
        body=Body(
            models.ActivationRequest,
            {"effective_from": "2025-08-01T00:00:00Z", "activation": "reevaluate"},
            optional=True,
        ),
        answer=models.ActivationResult,
        example=examples.ACTIVATION,
        if_match=IfMatch.OPTIONAL,
        description="`If-Match` names the draft's ETag. A program's first revision counts from the beginning of time.",
        refusals=(*_REFUSALS, "approval_required", "outdated_draft", "invalid_program"),
    ),
    Operation(
        method="POST",
        path="/v1/programs/{program}/rollback",
        name="rollBack",
        summary="Put an earlier revision's document in force again, as a new revision",
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_roll_back,
        body=Body(models.RollBackRequest, {"revision": 1}),
        answer=models.ActivationResult,
        example=examples.ACTIVATION,
        refusals=(*_REFUSALS, "approval_required"),
    ),
    _status("pause", Status.PAUSED, "Show everybody the base tier; measures go on"),
    _status("freeze", Status.FROZEN, "Let nobody move"),
    _status("resume", Status.ACTIVE, "Let the rules act again"),
    _status("archive", Status.ARCHIVED, "End the program"),
)
