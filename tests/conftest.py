"""What every test needs: a place for compiled kernels that all test processes share."""

import os
from pathlib import Path

# Set before anything imports Numba. script/test sets the same.
os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(__file__).parents[1] / ".venv" / "numba"))

from hypothesis import settings

# A machine under load is slow: no example fails for the time it takes.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
