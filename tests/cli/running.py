"""Runs the command line in a process of its own, as a shell would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
CLUB = EXAMPLES / "club.yaml"
EVENTS = EXAMPLES / "events.csv"
SPENDERS = EXAMPLES / "spenders.yaml"
ORDERS = EXAMPLES / "orders.csv"
ORDER_COLUMNS = ("--map", "member=customer", "--map", "occurred_at=order_date", "--map", "amount=total")
AS_ORDERS = (*ORDER_COLUMNS, "--default", "type=order.placed")


def ziggurat(*words: str | Path, cwd: Path = ROOT, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run `ziggurat WORDS...`; the exit code must be `code`, and nothing may end in a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "ziggurat", *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done
