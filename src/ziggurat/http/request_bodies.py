"""Reading a request's bytes, no more of them than allowed, and knowing what they claim to be."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

from ziggurat.http.problems import Refusal

_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})


def media_type_of(request: Request, accepted: tuple[str, ...]) -> str:
    """The request's media type, one of `accepted`, without its parameters.

    Raises:
        Refusal: `unsupported_media_type`.
    """
    given = request.headers.get("content-type", "")
    media_type, *parameters = (part.strip() for part in given.lower().split(";"))
    accept = {"accept": ", ".join(accepted)}
    if media_type not in accepted:
        detail = f"{media_type or 'no Content-Type'}; send {' or '.join(accepted)}"
        raise Refusal("unsupported_media_type", detail, headers=accept)
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in _CHARSETS:
            raise Refusal("unsupported_media_type", "write UTF-8", headers=accept)
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Refusal("unsupported_media_type", "bodies are sent without Content-Encoding", headers=accept)
    return media_type


async def read_bytes(request: Request, bytes_max: int) -> bytes:
    """The body.

    Raises:
        Refusal: `body_too_large`, as soon as that is known; `malformed_body` when the caller hangs up before its end.
    """
    too_large = Refusal("body_too_large", f"at most {bytes_max:,} bytes", headers={"connection": "close"})
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > bytes_max:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > bytes_max:
                raise too_large
            chunks.append(chunk)
    except ClientDisconnect:
        raise Refusal("malformed_body", "the body broke off") from None
    return b"".join(chunks)
