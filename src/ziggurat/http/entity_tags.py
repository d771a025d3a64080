"""ETags of definitions: their version in quotes; a change says with `If-Match` which version it was made from."""

from __future__ import annotations

import re

from ziggurat.http.problems import Refusal, WireFault

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')
_VERSION = re.compile(r'"([0-9]{1,18})"')
_NEVER = -1
"""A version that nothing has."""


def entity_tag(version: int) -> str:
    """The ETag of a version.

    >>> entity_tag(3)
    '"3"'
    """
    return f'"{version}"'


def expected_version(if_match: str | None) -> int | None:
    """The version that `If-Match` names; None: any. A tag that is none of ours matches nothing.

    Raises:
        Refusal: `invalid_header` for no entity tag.
    """
    if if_match is None:
        return None
    text = if_match.strip()
    if text == "*":
        return None
    if not _TAG.fullmatch(text):
        fault = WireFault('write one ETag, such as "3", or *', header="If-Match")
        raise Refusal("invalid_header", "If-Match names no entity tag", faults=[fault])
    found = _VERSION.fullmatch(text)
    return int(found[1]) if found else _NEVER


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller has that version already (compared weakly, as RFC 9110 wants it for reading)."""
    if if_none_match is None:
        return False
    tags = [tag.removeprefix("W/") for tag in _TAG.findall(if_none_match)]
    return if_none_match.strip() == "*" or etag in tags
