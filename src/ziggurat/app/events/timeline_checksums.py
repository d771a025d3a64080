"""Checksums of timelines and of all their beginnings, so that one number tells whether a timeline only grew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EMPTY = 0
"""The checksum of a timeline without moves."""
_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)
_SHIFT = np.uint64(29)


def prefix_checksums(offsets: NDArray[np.int64], moves: NDArray[np.int64]) -> NDArray[np.int64]:
    """For every move, the checksum of its member's timeline up to and with it.

    `moves` is a table of N rows, those of member i from `offsets[i]` to `offsets[i + 1]`.
    """
    counts = np.diff(offsets)
    starts = np.repeat(offsets[:-1], counts)
    mixed = (np.arange(len(moves), dtype=np.int64) - starts).astype(np.uint64) * _ODD
    for column in range(moves.shape[1]):
        mixed = (mixed ^ moves[:, column].astype(np.uint64)) * _ODD
        mixed ^= mixed >> _SHIFT
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(mixed, dtype=np.uint64)])
    prefixes: NDArray[np.int64] = (sums[1:] - np.repeat(sums[offsets[:-1]], counts)).view(np.int64)
    return prefixes


def whole_checksums(offsets: NDArray[np.int64], prefixes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The checksum of each member's whole timeline."""
    padded = np.concatenate([prefixes, np.zeros(1, np.int64)])
    return np.where(np.diff(offsets) > 0, padded[offsets[1:] - 1], EMPTY)
