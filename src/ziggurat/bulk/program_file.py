"""A program document in a file."""

from __future__ import annotations

import os
from pathlib import Path

from ziggurat import limits
from ziggurat.errors import Fault, InvalidProgramError
from ziggurat.program.model import Program
from ziggurat.program.read import load_program_text


def load_program_file(path: str | os.PathLike[str]) -> Program:
    """The program that the YAML or JSON file at `path` says.

    Raises:
        InvalidProgramError: the file cannot be read, or with every fault of the program, each with its path and line.
    """
    file = Path(path)
    try:
        with file.open("rb") as stream:
            text = stream.read(limits.DOCUMENT_BYTES_MAX + 1).decode("utf-8")
    except FileNotFoundError:
        raise _unreadable(file, "there is no such file", "check the name") from None
    except IsADirectoryError:
        raise _unreadable(file, "is a folder", "name the file in it") from None
    except OSError as problem:
        raise _unreadable(file, f"cannot be read: {problem.strerror}", "check its permissions") from None
    except UnicodeDecodeError as problem:
        raise _unreadable(file, f"is not UTF-8 text: byte {problem.start}", "save it as UTF-8") from None
    return load_program_text(text, str(file))


def _unreadable(file: Path, problem: str, remedy: str) -> InvalidProgramError:
    return InvalidProgramError([Fault("", problem, remedy)], str(file))
