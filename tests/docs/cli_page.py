"""docs/cli.md from the commands' own help: `script/docs` writes it, a test compares."""

from __future__ import annotations

from ziggurat.cli.main import make_app

HEAD = """\
# The command line

Written by `script/docs` from the commands' own help; change that, not this.

| exit code | means |
|---|---|
| 0 | done |
| 1 | refused: a program, an event or a file is at fault; standard error says where, what, and what to do about it |
| 2 | wrong usage: the command line itself is at fault |

Answers go to standard output, everything else to standard error; a progress bar is drawn on a terminal only. Files are
written whole or not at all, several together, and never over what is read.

**Programs** are YAML or JSON: [program-document.md](program-document.md).

**Events** are CSV (`.csv`, `.tsv`, `.txt`), JSON lines (`.jsonl`, `.ndjson`) or Parquet (`.parquet`, `.pq`) files with
the columns `member`, `type`, `occurred_at` and, as needed, `id`, `points`, `amount`, `qualifying`, `reverses`,
`activity`, `quantity`, `attribute`, `value`, `tier`, `mode`, `until`, `reason`, `currency`; others are passed over.
What each type of event says is in [rules.md](rules.md#events). Rows without `id` are never taken for duplicates. A date
without time (`2025-03-01` or `20250301`), or a time without zone, is local to the program.

**CSV** is text in UTF-8. Commas, tabs, semicolons or vertical bars part its columns, whichever the first line has most
of, and that line says their names. `--columns` says them for a file that begins with an event, whose columns blanks may
part, too: the log of CDNOW, lines like ` 00001 19970101  1   11.77`, is read with
`--columns member,occurred_at,discs,amount --default type=order.placed`.

**Results** are written by the ending of the file: `.csv`, `.jsonl` or `.parquet`. Instants are ISO 8601 with offset in
the program's zone (in Parquet UTC microseconds), amounts exact decimals (text in JSON lines), a tier is its name, empty
for none.

"""


def page() -> str:
    """The whole page."""
    text = make_app().generate_docs(output_format="markdown")
    return HEAD + text[text.index("## ziggurat ") :].strip() + "\n"


if __name__ == "__main__":
    print(page(), end="")
