"""Kill the service again and again while it works, and look for what got lost or doubled.

Usage: script/crash [--rounds N] [--database sqlite|postgresql|both] [--seed S]. Prints what was done for each kind of
database; exit code 1 if there is any difference.
"""

import argparse
import sys
from random import SystemRandom

from tests.crash.run import KINDS, run


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser("script/crash", description="Kill the service while it works, and check.")
    parser.add_argument("--rounds", type=int, default=100, help="for each kind of database; default 100")
    parser.add_argument("--database", choices=[*KINDS, "both"], default="both")
    parser.add_argument("--seed", default=None, help="default: a new one, which is printed")
    parser.add_argument("--members", type=int, default=5_200, help="how many an activation has to evaluate")
    asked = parser.parse_args()
    seed = asked.seed or f"{SystemRandom().getrandbits(32):08x}"
    wrong = False
    for kind in KINDS if asked.database == "both" else [asked.database]:
        tally = run(kind, asked.rounds, seed, asked.members, say=lambda text: print(text, file=sys.stderr, flush=True))
        for text in tally.differences[:50]:
            print(f"  {text}")
        print(
            f"{kind}: rounds {tally.rounds:,} (killed while writing {tally.while_writing:,}, while activating "
            f"{tally.while_activating:,}, the database itself {tally.of_the_database:,})  "
            f"processes killed {tally.kills:,}  "
            f"events acknowledged {tally.events_acknowledged:,}  "
            f"batches in doubt {tally.batches_in_doubt:,}  activations interrupted {tally.activations_interrupted:,} "
            f"and lost unacknowledged {tally.activations_lost:,} and put off {tally.activations_put_off:,}  "
            f"differences {len(tally.differences):,}  seed {seed}",
            flush=True,
        )
        wrong = wrong or bool(tally.differences)
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
