"""Advanced settings of a program, beside its tiers. The schema is ours; the vendor's is not published."""

from __future__ import annotations

from typing import Any

from ziggurat.app.faces.change_face_documents import FaceDocuments, change_face_documents
from ziggurat.app.principal import KeyScope
from ziggurat.http.face_support.routes import FaceRoute, Visit
from ziggurat.http.faces.capillary import wire_members as wire
from ziggurat.http.faces.capillary.errors import CapillaryError, plain
from ziggurat.http.faces.capillary.numbers import FACE, number_of
from ziggurat.http.faces.capillary.program_settings import changed_program, settings_shown
from ziggurat.http.faces.capillary.reading import read_body
from ziggurat.http.faces.capillary.records import open_ladder, program_id, program_ids
from ziggurat.http.faces.capillary.shown import answer
from ziggurat.program.write import program_document


def _update(visit: Visit) -> Any:
    said = read_body(wire.AdvancedSettings, visit.body)
    program = program_id(visit.context, _number(visit))

    def work(docs: FaceDocuments) -> Any:
        ladder = open_ladder(docs, program, lock=True)
        changed = changed_program(ladder.program, said)
        if changed != ladder.program:
            docs.publish(program, program_document(changed), author="")
        return answer(settings_shown(changed))

    return change_face_documents(visit.context, FACE, work)


def _read(visit: Visit) -> Any:
    found = program_ids(visit.context).get(_number(visit))
    if found is None:
        raise CapillaryError(404, plain("there is no such program"))
    return answer(settings_shown(found[1]))


def _number(visit: Visit) -> int:
    number = number_of(visit.path["program_id"])
    if number is None:
        raise CapillaryError(404, plain("there is no such program"))
    return number


_ONE = "/programs/{program_id}"
SETTINGS_ROUTES = (
    FaceRoute(
        method="POST",
        path=f"{_ONE}/updateTierAdvancedSettings",
        scope=KeyScope.DESIGN,
        run=_update,
        summary="Change a program's settings (our schema)",
        body=wire.AdvancedSettings,
        answer=wire.SettingsAnswer,
        refusals=(409,),
    ),
    FaceRoute(
        method="GET",
        path=f"{_ONE}/tierAdvancedSettings",
        scope=KeyScope.READ,
        run=_read,
        summary="A program's settings (our schema)",
        answer=wire.SettingsAnswer,
    ),
)
