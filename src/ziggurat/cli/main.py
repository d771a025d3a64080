"""The command line: a table of commands, and how each ends (0 done, 1 refused input, 2 wrong usage).

A command's module is imported when the command is run, and imports what it needs when it needs it: `ziggurat --help`
stays quick.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from cyclopts import App, CycloptsError

from ziggurat.cli.usage import UsageError
from ziggurat.errors import ZigguratError

DONE, REFUSED, USAGE, INTERRUPTED = 0, 1, 2, 130
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


class Command(NamedTuple):
    """A word, where its function is, and what `--help` says of it."""

    name: str
    function: str
    help: str


COMMANDS = (
    Command("demo", "ziggurat.cli.demo:demo", "A year of real shopping in, tiers out."),
    Command("replay", "ziggurat.cli.replay:replay", "Everybody's tier, and every move, from files of events."),
    Command("explain", "ziggurat.cli.explain:explain", "Why one member is in a tier, and what comes next."),
    Command("check", "ziggurat.cli.check:check", "Whether a program is sound, and what it comes to."),
    Command("translate", "ziggurat.cli.translate:translate", "A program in a vendor's words, and what they leave out."),
    Command("serve", "ziggurat.cli.serve:serve", "The API and its worker, in one process."),
    Command("worker", "ziggurat.cli.worker:worker", "Timers, activations and webhooks, in a process of their own."),
    Command("migrate", "ziggurat.cli.migrate:migrate", "Bring a database to this version's schema."),
    Command("keys", "ziggurat.cli.keys:keys", "Make, list and revoke API keys."),
    Command("import", "ziggurat.cli.import_events:import_events", "Files of events straight into the ledger."),
    Command("export", "ziggurat.cli.export:export", "The whole ledger as a file of events."),
    Command("verify", "ziggurat.cli.verify:verify", "Recompute all that is derived, and compare."),
)


def make_app() -> App:
    """The application with every command, none of them loaded."""
    app = App(
        name="ziggurat",
        help="Ziggurat, a loyalty tier engine: who is in which tier, since when, until when and why.",
        version_flags=["--version"],
        help_format="markdown",
        result_action="return_value",
    )
    for command in COMMANDS:
        app.command(command.function, name=command.name, help=command.help)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (by default the process's own); its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):  # what its encoding lacks is no reason to stop
        sys.stdout.reconfigure(errors="replace")
    try:
        code = make_app()(words, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except (CycloptsError, UsageError) as error:
        return _fail(f"{_one_line(error)}\nSee {_help_for(words)}", USAGE)
    except ZigguratError as error:
        return _fail(str(error), REFUSED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has had enough
        _drop_output()
        return DONE
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _drop_output()
        return _fail(
            f"{error.filename or 'standard output'}: it cannot be written: {error.strerror} (make room)", REFUSED
        )
    return code if isinstance(code, int) else DONE


def _drop_output() -> None:
    """Let what is still to be written to standard output go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run() -> NoReturn:
    """The installed command."""
    sys.exit(main())


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _help_for(words: Sequence[str]) -> str:
    known = {command.name for command in COMMANDS}
    return f"ziggurat {words[0]} --help" if words and words[0] in known else "ziggurat --help"


def _fail(message: str, code: int) -> int:
    print(message, file=sys.stderr)
    return code
