"""Texts that no name, id or word should be: blank, with control characters, or too long."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ziggurat.bulk.column import text_buffers
from ziggurat.bulk.event_table import Bools
from ziggurat.bulk.row_faults import shown
from ziggurat.bulk.text_kernel import suspicious


def odd_texts(texts: pa.Array, longest: int, *, free: bool) -> Bools | None:
    """Which texts are blank or hold control characters (free text may) or are longer than `longest`; None: none."""
    data, offsets = text_buffers(texts)
    if free:
        found: NDArray[np.bool_] = np.diff(offsets) > longest
    else:
        found = suspicious(data, offsets, longest)
    if not found.any():
        return None
    for row in np.flatnonzero(found).tolist():
        text = texts[row].as_py()
        found[row] = len(text) > longest or (not free and (text.isspace() or _control_character(text) is not None))
    return found if found.any() else None


def _control_character(text: str) -> str | None:
    return next((mark for mark in text if mark < " " or "\x7f" <= mark <= "\x9f"), None)


def text_problem(text: str, longest: int) -> tuple[str, str]:
    """What is wrong with an odd text, and what to do."""
    if len(text) > longest:
        return f"{shown(text)} is too long: {len(text)} characters", f"it may have {longest}"
    if text.isspace():
        return f"{shown(text)} is blank", "fill it in, or leave it empty where nothing is said"
    return f"{shown(text)} holds a control character", "leave it out"
