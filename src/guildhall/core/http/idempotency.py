"""Idempotency keys, as far as they need neither a framework nor a database: what a key stands for, and sealed answers.

After draft-ietf-httpapi-idempotency-key-header-07. The header may be a quoted string, as the draft has it, or bare.
What is stored tells nothing to who reads the database: keys and bodies are kept as keyed hashes, and the answer, which
may hold an invite code or a token, is encrypted with a key that is made of the client's own.
"""

import hashlib
import hmac
import os
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import orjson

from guildhall.core.errors import ConflictError, GuildhallError, InvalidInputError

KEY_HEADER: Final = "Idempotency-Key"
REPLAYED_HEADER: Final = "Idempotency-Replayed"
UNSAFE_METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_ACCEPTABLE_KEY: Final = re.compile(r'[!#-\[\]-~]{1,255}|"[ !#-\[\]-~]{1,255}"')
_NONCE_BYTES: Final = 12

#: Said of one moment, its credentials or its limits; the same request may fare better later.
_PASSING_STATUSES: Final = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)
#: They belong to one exchange over the wire and not to the answer.
_PASSING_HEADERS: Final = frozenset(
    {
        "connection",
        "content-length",
        "date",
        "ratelimit",
        "ratelimit-policy",
        "server",
        "transfer-encoding",
        "x-request-id",
    }
)


class MalformedKeyError(InvalidInputError):
    """The header holds something that is no key."""

    code = "idempotency_key_malformed"
    title = "This is no idempotency key"


class KeyReusedError(GuildhallError):
    """The key was sent before, with another body."""

    code = "idempotency_key_reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    title = "This idempotency key was used for another request"


class StillRunningError(ConflictError):
    """A request with this key is being carried out, and takes long."""

    code = "idempotency_key_in_use"
    retry_after_s = 1
    title = "A request with this idempotency key is still being carried out"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered, apart from what belongs to one exchange."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def of(cls, status: int, headers: "list[tuple[str, str]]", body: bytes) -> "Answer":
        kept = tuple((name, value) for name, value in headers if name.lower() not in _PASSING_HEADERS)
        return cls(status, kept, body)

    @property
    def is_final(self) -> bool:
        """Whether a repetition of the request gets this answer."""
        return self.status < HTTPStatus.INTERNAL_SERVER_ERROR and self.status not in _PASSING_STATUSES


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request with a key. `scope` names who wants to do what under which key, `fingerprint` what was sent along."""

    scope: bytes
    fingerprint: bytes
    _seal_key: bytes

    @classmethod
    def of(cls, *, secret: str, key: str, actor: str, method: str, path: str, query: bytes, body: bytes) -> "Attempt":
        """The attempt of this actor (a user, or an address where nobody is signed in) with a key from `parse_key`."""
        root = hmac.digest(secret.encode(), b"guildhall idempotency", hashlib.sha256)
        name = orjson.dumps([actor, method, path, key])
        return cls(
            scope=hmac.digest(root, b"scope" + name, hashlib.sha256),
            fingerprint=hmac.digest(root, b"sent" + len(query).to_bytes(8) + query + body, hashlib.sha256),
            _seal_key=hmac.digest(root, b"seal" + name, hashlib.sha256),
        )

    def seal(self, answer: Answer) -> bytes:
        """The answer, readable only to an attempt with the same key."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = os.urandom(_NONCE_BYTES)
        head = orjson.dumps([answer.status, answer.headers])
        plain = len(head).to_bytes(4) + head + answer.body
        return nonce + AESGCM(self._seal_key).encrypt(nonce, plain, self.scope)

    def unseal(self, sealed: bytes) -> Answer:
        """The answer that `seal` made unreadable."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        plain = AESGCM(self._seal_key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self.scope)
        end = 4 + int.from_bytes(plain[:4])
        status, headers = orjson.loads(plain[4:end])
        return Answer(status, tuple((name, value) for name, value in headers), plain[end:])


def parse_key(header: str) -> str:
    """The key in a header.

    Raises:
        MalformedKeyError: it is empty, longer than 255 characters, or holds something else than visible ASCII.
    """
    given = header.strip()
    if not _ACCEPTABLE_KEY.fullmatch(given):
        raise MalformedKeyError(fields={KEY_HEADER: ["Send 1 to 255 visible ASCII characters, such as a UUID."]})
    return given.strip('"')
