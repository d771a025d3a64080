"""How the kernel's functions are compiled."""

from __future__ import annotations

from typing import Any

import numba

_njit: Any = numba.njit  # `_nrt` is not in its annotations

compiled: Any = _njit(nogil=True, _nrt=False, error_model="numpy")
"""For what the fold calls. It takes no memory and so counts no references, which would cost more than the rules do."""
compiled_in_place: Any = _njit(nogil=True, _nrt=False, error_model="numpy", forceinline=True)
"""For the smallest and most called of them."""
compiled_and_kept: Any = _njit(nogil=True, _nrt=False, error_model="numpy", cache=True)
"""For the fold itself: the compiled copy, with all that it calls, is kept on disk (NUMBA_CACHE_DIR)."""
