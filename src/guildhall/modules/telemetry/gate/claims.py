"""The signed texts of NATS' auth callout: what the server asks, and the answers. Pure but for the clock.

The claims are those of NATS' JWT version 2 (github.com/nats-io/jwt), signed with Ed25519 by the callout's account key.
"""

import base64
import hashlib
import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import nkeys

from guildhall.modules.telemetry.policy import Permissions

#: The account of NATS in which datasources live.
DEVICES_ACCOUNT: Final = "APP"
_HEADER: Final = base64.urlsafe_b64encode(b'{"typ":"JWT","alg":"ed25519-nkey"}').rstrip(b"=")
_UNLIMITED: Final = {"subs": -1, "data": -1, "payload": -1}


@dataclass(frozen=True, slots=True)
class Question:
    """Who wants to connect. `connection_id` is the server's number for the connection."""

    server_id: str
    connection_id: int
    user_key: str
    username: str
    password: str
    client_id: str = ""


class Signer:
    """Signs claims with the callout's key."""

    def __init__(self, seed: str) -> None:
        self._key = nkeys.from_seed(seed.encode())
        self._issuer = self._key.public_key.decode()

    def admit(
        self, question: Question, *, name: str, permissions: Permissions, expires_at: datetime | None = None
    ) -> bytes:
        """The answer that lets the connection in, under this name and with these permissions, until it expires."""
        claims: dict[str, Any] = {
            "aud": DEVICES_ACCOUNT,
            "sub": question.user_key,
            "name": name,
            "nats": {
                **permissions.as_claims(),
                **_UNLIMITED,
                "allowed_connection_types": ["MQTT", "MQTT_WS"],
                "type": "user",
                "version": 2,
            },
        }
        if expires_at is not None:
            claims["exp"] = int(expires_at.timestamp())
        return self._answer(question, {"jwt": self._sign(claims).decode()})

    def refuse(self, question: Question) -> bytes:
        """The answer that ends the connection. It is the same whatever was wrong."""
        return self._answer(question, {"error": "not authorized"})

    def _answer(self, question: Question, content: dict[str, str]) -> bytes:
        return self._sign(
            {
                "aud": question.server_id,
                "sub": question.user_key,
                "nats": {**content, "type": "authorization_response", "version": 2},
            }
        )

    def _sign(self, claims: dict[str, Any]) -> bytes:
        claims |= {"iat": int(time.time()), "iss": self._issuer, "jti": ""}
        body = json.dumps(claims, separators=(",", ":")).encode()
        claims["jti"] = base64.b32encode(hashlib.sha256(body).digest()).rstrip(b"=").decode()
        body = json.dumps(claims, separators=(",", ":")).encode()
        signed = _HEADER + b"." + base64.urlsafe_b64encode(body).rstrip(b"=")
        return signed + b"." + base64.urlsafe_b64encode(self._key.sign(signed)).rstrip(b"=")


def read_question(token: bytes) -> Question:
    """What the server asks. Only the server can publish where this comes from, so the signature is not checked.

    Raises:
        ValueError: this is no such question.
    """
    try:
        body = token.split(b".")[1]
        claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
        asked = claims["nats"]
        given = asked.get("connect_opts", {})
        return Question(
            server_id=asked["server_id"]["id"],
            connection_id=asked["client_info"]["id"],
            user_key=asked["user_nkey"],
            username=given.get("user", ""),
            password=given.get("pass", ""),
            client_id=asked["client_info"].get("mqtt_id", ""),
        )
    except (IndexError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no authorization request") from error
