"""Answers of the API: a document, or an error with its Status.

In: `client.ports.Response`. Out: documents; raises `ApiError`. Used by `client.api` and the transports.
"""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import msgspec

from moorage.api.refs import Document
from moorage.base.errors import ApiError
from moorage.client.ports import Response

_REASONS = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
    406: "NotAcceptable", 409: "Conflict", 410: "Gone", 413: "RequestEntityTooLarge", 415: "UnsupportedMediaType",
    422: "Invalid", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable", 504: "Timeout",
}  # fmt: skip


async def document_of(response: Response) -> Document:
    """Return the document of a success.

    Raises:
        ApiError: the answer is not a success, or holds no JSON object.
    """
    body = response.body
    if not isinstance(body, dict):
        body = parse_document(await whole(body), response.code)
    if response.code >= HTTPStatus.BAD_REQUEST:
        raise ApiError(body if body.get("kind") == "Status" else status(response.code, str(body)[:1024]))
    return body


async def whole(body: bytes | Document | AsyncIterator[bytes]) -> bytes:
    """Return all bytes of a body."""
    if isinstance(body, bytes):
        return body
    if isinstance(body, dict):
        return msgspec.json.encode(body)
    return b"".join([chunk async for chunk in body])


def parse_document(data: bytes, code: int) -> Document:
    """Return the JSON object in `data`; text that is none becomes a Status of `code`. Raises `ApiError` on success codes."""
    try:
        parsed: Any = msgspec.json.decode(data)
    except msgspec.DecodeError:
        parsed = None
    if isinstance(parsed, dict):
        return parsed
    text = data.decode(errors="replace").strip()[:1024]
    if code < HTTPStatus.BAD_REQUEST:
        raise ApiError(status(500, f"the server answered with something other than a JSON object: {text}"))
    return status(code, text)


def status(code: int, message: str) -> Document:
    """Return a Failure Status for an answer that came without one."""
    return {
        "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Failure",
        "code": code, "reason": _REASONS.get(code, ""), "message": message,
    }  # fmt: skip
