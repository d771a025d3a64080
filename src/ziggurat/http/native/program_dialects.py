"""What of a program the vendors' dialects can say, and what they lose."""

from __future__ import annotations

from typing import Any

from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.read_program import read_program
from ziggurat.http.answers import Answer
from ziggurat.http.face_translations import Translation, translate_all
from ziggurat.http.native import examples
from ziggurat.http.native.models import dialects as models
from ziggurat.http.operations import Call, Operation
from ziggurat.program.read import read_program as parse_program
from ziggurat.store.errors import NotFoundError


def _dialects(call: Call) -> Answer:
    view = read_program(call.context, call.path["program"])
    draft = view.draft.document if view.draft else None
    wanted = call.query.get("of", "draft" if view.document is None else "in_force")
    document = draft if wanted == "draft" else view.document
    if document is None:
        raise NotFoundError("draft of program" if wanted == "draft" else "revision of program", view.id)
    return Answer({"of": wanted, "items": [_model(each) for each in translate_all(parse_program(document))]})


def _model(said: Translation) -> dict[str, Any]:
    losses = [{"path": loss.path, "lost": loss.lost} for loss in said.losses]
    return {"dialect": said.dialect, "complete": not losses, "losses": losses, "payload": said.payload}


OPERATIONS = (
    Operation(
        method="GET",
        path="/v1/programs/{program}/dialects",
        name="translateProgram",
        summary="What the vendors' dialects can say of a program, and what they lose",
        tag="programs",
        scope=KeyScope.READ,
        run=_dialects,
        query=models.DialectsQuery,
        answer=models.Dialects,
        example=examples.DIALECTS,
        refusals=("not_found", "invalid_program"),
    ),
)
