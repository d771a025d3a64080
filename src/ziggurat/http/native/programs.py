"""Programs: create, read, history, counts and flows; and the jobs that carry changes through the members."""

from __future__ import annotations

from ziggurat.app.principal import KeyScope
from ziggurat.app.programs.count_tiers import count_tiers
from ziggurat.app.programs.create_program import create_program
from ziggurat.app.programs.daily_flows import daily_flows
from ziggurat.app.programs.list_jobs import list_jobs
from ziggurat.app.programs.list_programs import list_programs
from ziggurat.app.programs.list_revisions import list_revisions
from ziggurat.app.programs.read_job import read_job
from ziggurat.app.programs.read_program import read_program
from ziggurat.app.programs.read_revision import read_revision
from ziggurat.http.answers import Answer
from ziggurat.http.native import examples
from ziggurat.http.native.models import programs as models
from ziggurat.http.native.models.common import PageQuery
from ziggurat.http.native.program_documents import document_body
from ziggurat.http.operations import Call, Operation
from ziggurat.http.problems import WireFault
from ziggurat.http.strict_bodies import refused
from ziggurat.program.model import Status

TAG = "programs"
_NUMBER_DIGITS_MAX = 9


def _create(call: Call) -> Answer:
    view = create_program(call.context, call.body)
    return Answer(models.program_model(view), status=201, version=view.version, location=f"/v1/programs/{view.id}")


def _list(call: Call) -> Answer:
    wanted = call.query.get("status")
    status = None if wanted is None else Status(wanted)
    page = list_programs(call.context, status=status, after=call.after, limit=call.limit)
    return call.page(page, models.program_model)


def _read(call: Call) -> Answer:
    view = read_program(call.context, call.path["program"])
    return Answer(models.program_model(view), version=view.version)


def _revisions(call: Call) -> Answer:
    page = list_revisions(call.context, call.path["program"], after=call.after, limit=call.limit)
    return call.page(page, models.revision_model)


def _revision(call: Call) -> Answer:
    number = call.path["number"]
    if not number.isascii() or not number.isdigit() or len(number) > _NUMBER_DIGITS_MAX:
        raise refused([WireFault("write a whole number", parameter="number")])
    return Answer(models.revision_model(read_revision(call.context, call.path["program"], int(number))))


def _tiers(call: Call) -> Answer:
    return Answer(models.tier_counts_model(count_tiers(call.context, call.path["program"])))


def _flows(call: Call) -> Answer:
    since, until = call.query["since"], call.query["until"]
    if since >= until:
        raise refused([WireFault("lies before `until`", parameter="since")])
    found = daily_flows(call.context, call.path["program"], since=since, until=until)
    return Answer({"items": [models.flow_model(each) for each in found]})


def _jobs(call: Call) -> Answer:
    return call.page(list_jobs(call.context, after=call.after, limit=call.limit), models.job_model)


def _job(call: Call) -> Answer:
    return Answer(models.job_model(read_job(call.context, call.path["job"])))


OPERATIONS = (
    Operation(
        method="POST",
        path="/v1/programs",
        name="createProgram",
        summary="Start a program from its document; it has no effect before it is activated",
        tag=TAG,
        scope=KeyScope.DESIGN,
        run=_create,
        body=document_body(),
        status=201,
        answer=models.Program,
        example=examples.PROGRAM,
        has_version=True,
        refusals=("invalid_program", "already_exists"),
    ),
    Operation(
        method="GET",
        path="/v1/programs",
        name="listPrograms",
        summary="List programs",
        tag=TAG,
        scope=KeyScope.READ,
        run=_list,
        query=models.ProgramsQuery,
        answer=models.Programs,
        example=examples.page_of(examples.PROGRAM),
    ),
    Operation(
        method="GET",
        path="/v1/programs/{program}",
        name="readProgram",
        summary="Read a program, the revision in force and the open draft",
        tag=TAG,
        scope=KeyScope.READ,
        run=_read,
        answer=models.Program,
        example=examples.PROGRAM,
        has_version=True,
        refusals=("not_found",),
        inline=True,
    ),
    Operation(
        method="GET",
        path="/v1/programs/{program}/revisions",
        name="listRevisions",
        summary="The history of a program",
        tag=TAG,
        scope=KeyScope.READ,
        run=_revisions,
        query=PageQuery,
        answer=models.Revisions,
        example=examples.page_of(examples.REVISION),
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/programs/{program}/revisions/{number}",
        name="readRevision",
        summary="Read one revision",
        tag=TAG,
        scope=KeyScope.READ,
        run=_revision,
        answer=models.Revision,
        example=examples.REVISION,
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/programs/{program}/tiers",
        name="countTiers",
        summary="How many members each tier has",
        tag=TAG,
        scope=KeyScope.READ,
        run=_tiers,
        answer=models.TierMembersList,
        example=examples.TIER_COUNTS,
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/programs/{program}/flows",
        name="dailyFlows",
        summary="How many members moved from where to where, by day",
        tag=TAG,
        scope=KeyScope.READ,
        run=_flows,
        query=models.FlowsQuery,
        answer=models.Flows,
        example=examples.FLOWS,
        refusals=("not_found",),
    ),
    Operation(
        method="GET",
        path="/v1/jobs",
        name="listJobs",
        summary="Background jobs, newest first",
        tag="jobs",
        scope=KeyScope.READ,
        run=_jobs,
        query=PageQuery,
        answer=models.Jobs,
        example=examples.page_of(examples.JOB),
    ),
    Operation(
        method="GET",
        path="/v1/jobs/{job}",
        name="readJob",
        summary="How far a background job is",
        tag="jobs",
        scope=KeyScope.READ,
        run=_job,
        answer=models.Job,
        example=examples.JOB,
        refusals=("not_found",),
        inline=True,
    ),
)
