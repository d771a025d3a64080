"""docs/errors.md: every code in order of precedence, written by `python -m ziggurat.http.error_reference`."""

from __future__ import annotations

from ziggurat.http.problems import MEDIA_TYPE, PROBLEMS, RETRY_AFTER_SECONDS


def errors_page() -> str:
    """The page in full."""
    lines = [
        "# Errors",
        "",
        "<!-- Written by `python -m ziggurat.http.error_reference`; a test compares. -->",
        "",
        f"The native API refuses with a problem (RFC 9457, `{MEDIA_TYPE}`).",
        "`code` is what a program should look at: it never changes its meaning. `detail` is for people, `params`",
        "holds the values it speaks of, and `faults` lists everything wrong with a request at once, each with a JSON",
        "`pointer` into the body or the name of a `parameter` or `header`. `instance` names the request; the log has",
        "the same id.",
        "",
        "Where several reasons hold, the first in this list is told. A `Retry-After` header says where trying again",
        "helps; with an `Idempotency-Key`, or for events with ids, it is always safe.",
        "",
        "| code | status | meaning | try again |",
        "|---|---|---|---|",
    ]
    for code, kind in PROBLEMS.items():
        again = "yes" if code in RETRY_AFTER_SECONDS or code == "rate_limited" else ""
        lines.append(f"| `{code}` | {kind.status} | {kind.title}. {kind.meaning} | {again} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(errors_page(), end="")  # noqa: T201 - the page is the answer
