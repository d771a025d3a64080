"""Bodies of batches and of the asynchronous actions that tell what became of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import RootModel

from ziggurat.http.faces.voucherify.wire_members import MemberCreate
from ziggurat.http.faces.voucherify.wire_parts import Said

MEMBERS_MAX = 1_000
"""Members of one batch."""


class MembersCreate(RootModel[list[MemberCreate]]):
    """New members, each as if alone."""


class Accepted(Said):
    """The action that tells what becomes of it."""

    async_action_id: str


class ReportRow(Said):
    """What became of one entry."""

    identification_type: Any
    customer_id: Any
    customer_source_id: Any
    program_id: str
    member_id: str | None
    created: bool
    error: str | None


class Result(Said):
    """What became of all entries, or why none was looked at."""

    error: str | None
    rows: list[ReportRow]


class AsyncAction(Said):
    """An action that is over."""

    id: str
    type: str
    status: Literal["DONE", "FAILED"]
    operation_status: Literal["SUCCESS", "FAILED"]
    created_at: str
    updated_at: str
    progress: int
    result: Result
    object: Literal["async_action"]
