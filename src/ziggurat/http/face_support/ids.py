"""Vendor ids for what has another name here: derived, so that nothing needs to be stored and nothing ever changes."""

from __future__ import annotations

import re
from uuid import UUID, uuid5

_NAMESPACE = UUID("5d0f6a0e-7c53-5f1b-9f64-2d8c1f6f5b1a")
_HEX = "[0-9a-fA-F]"
UUID_PATTERN = f"^{_HEX}{{8}}(-{_HEX}{{4}}){{3}}-{_HEX}{{12}}$"


def is_uuid(text: str) -> bool:
    """Whether `text` has the form of a UUID.

    >>> is_uuid("b5a8cd1e-93c4-4a9f-a9b8-0a7e6f2d1c3b"), is_uuid("gold")
    (True, False)
    """
    return re.fullmatch(UUID_PATTERN, text) is not None


def derived_uuid(face: str, *parts: str) -> str:
    """The UUID that `face` has for what `parts` (program, tier key, ...) name here.

    >>> derived_uuid("wix", "prg_1", "Gold") == derived_uuid("wix", "prg_1", "Gold")
    True
    >>> derived_uuid("wix", "a", "bc") == derived_uuid("wix", "ab", "c")
    False
    """
    return str(uuid5(_NAMESPACE, "".join(f"{len(part)}:{part}" for part in (face, *parts))))
