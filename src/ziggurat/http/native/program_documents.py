"""Reading a program document from a request: JSON or YAML, numbers as written."""

from __future__ import annotations

from typing import Any

from ziggurat import limits
from ziggurat.http.json_text import check_writable, depth_of
from ziggurat.http.native import examples
from ziggurat.http.native.models.programs import Document
from ziggurat.http.operations import JSON, Body
from ziggurat.http.problems import Refusal, WireFault, wire_fault
from ziggurat.http.strict_bodies import json_of, refused
from ziggurat.program.document_text import UnreadableTextError, parse_text

YAML = ("application/yaml", "application/x-yaml", "text/yaml")


def read_document(body: bytes, media_type: str) -> dict[str, Any]:
    """The plain value of a document: dict, list, str, int, Decimal, bool and None.

    Raises:
        Refusal: `malformed_body`, or `invalid_request` if it is not an object.
    """
    if media_type == JSON:
        json_of(body, once=False)  # what YAML would let pass is no JSON; it tells itself what is there twice
    try:
        value = parse_text(body.decode()).value
    except UnicodeDecodeError as error:
        raise Refusal("malformed_body", f"not UTF-8: byte {error.start} cannot be read") from None
    except UnreadableTextError as error:
        raise Refusal("malformed_body", str(error), faults=[wire_fault(fault) for fault in error.faults]) from None
    if not isinstance(value, dict):
        raise refused([WireFault("write an object", pointer="")])
    if depth_of(value) > limits.JSON_DEPTH_MAX:
        raise Refusal("malformed_body", f"nested more than {limits.JSON_DEPTH_MAX} levels deep")
    try:
        check_writable(value)
    except (UnicodeEncodeError, ValueError):
        raise Refusal("malformed_body", "holds half a character (a lone surrogate) or no finite number") from None
    return value


def document_body() -> Body:
    """The body of operations that take a program document."""
    return Body(
        type=Document,
        example=examples.DOCUMENT,
        media_types=(JSON, *YAML),
        read=read_document,
        more_examples=dict.fromkeys(YAML, examples.DOCUMENT_YAML),
        more_types=dict.fromkeys(YAML, str),
    )
