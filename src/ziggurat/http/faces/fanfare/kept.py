"""What only Fanfare has of audiences and tiers, kept in their metadata under the face's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.http.faces.fanfare.ids import FACE


def kept(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept there."""
    own = metadata.get(FACE)
    return dict(own) if isinstance(own, Mapping) else {}


def with_kept(metadata: Mapping[str, Any], **members: Any) -> dict[str, Any]:
    """The metadata with those members kept; None takes one out."""
    own = {name: value for name, value in {**kept(metadata), **members}.items() if value is not None}
    others = own_metadata(metadata)
    return {**others, FACE: own} if own else others


def own_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata without what is kept there."""
    return {name: value for name, value in metadata.items() if name != FACE}
