"""What programs and tiers keep for this vendor, beside the metadata that everybody sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ziggurat.http.face_support.losses import said_metadata
from ziggurat.http.faces.voucherify.dialect import FACE
from ziggurat.http.faces.voucherify.read_wire import invalid
from ziggurat.http.settings import FACES
from ziggurat.program.place import Faults, Place
from ziggurat.program.read_extras import read_metadata


def kept(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was kept in `metadata` for this vendor."""
    own = metadata.get(FACE)
    return own if isinstance(own, Mapping) else {}


def with_kept(metadata: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """`metadata` that keeps `values` too; None takes one out."""
    own = {name: value for name, value in {**kept(metadata), **values}.items() if value is not None}
    return {**metadata, FACE: own}


def own_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata that the vendor's clients see: not what faces keep in it for themselves."""
    return said_metadata(metadata)


def merged_metadata(metadata: Mapping[str, Any], wire: Mapping[str, Any] | None) -> dict[str, Any]:
    """`metadata` with what a request says: key by key, null clears one, and all of it (unknown 18 of the sheet).

    Raises:
        ApiError: a key under which a face keeps what is its own.
    """
    if wire is None:
        return {name: value for name, value in metadata.items() if name in FACES}
    for name in FACES:
        if name in wire:
            raise invalid(f"Property .metadata must not have property '{name}'")
    both = {**metadata, **wire}
    return {name: value for name, value in both.items() if name not in wire or wire[name] is not None}


def document_metadata(metadata: Mapping[str, Any], wire: Mapping[str, Any] | None) -> dict[str, Any]:
    """`merged_metadata` for what is no program: checked by the rules for the metadata of one.

    Raises:
        ApiError: too much of it, too deep, or no JSON that all readers agree on.
    """
    faults = Faults()
    checked = read_metadata(Place({"metadata": merged_metadata(metadata, wire)}, "", faults))
    if faults.found:
        raise invalid("; ".join(f"Property .{fault}" for fault in faults.listed()))
    return checked
