"""What every operation of the OpenAPI schema has in common: its errors are problem documents."""

from typing import Any, Final

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from guildhall.core.http.idempotency import KEY_HEADER, UNSAFE_METHODS

PROBLEM_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "description": "An error after RFC 9457.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; made for programs."},
        "detail": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": KEY_HEADER,
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "Such as a UUID. A request that is repeated with it within a day takes effect once.",
}
METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})


class IdentityScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The ways in which a caller can say who he is."""

    target_class = "guildhall.core.http.drf.IdentityAuthentication"
    name = ["bearer", "api-key", "session"]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Authorization: Api-Key gh_…`, with a key of one's profile.",
            },
            {"type": "apiKey", "in": "cookie", "name": "guildhall_session"},
        ]


def add_problem_responses(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Let every operation of the schema say that any other answer is a problem document."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
    answer = {
        "description": "An error",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            if method in METHODS:
                operation["responses"].setdefault("default", answer)
    return result


def add_idempotency_keys(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Let every unsafe operation of the schema say that it may carry an idempotency key."""
    for path in result.get("paths", {}).values():
        for method, operation in path.items():
            if method.upper() in UNSAFE_METHODS:
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return result
