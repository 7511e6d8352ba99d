"""The typed settings object. Every environment variable that Guildhall reads is a field here, and nowhere else.

Values come, strongest first, from the process's environment, from `.env` in the working folder, and from the file that
a running one-machine stack writes (`stack.env` in its home), so that `manage.py` finds the servers of `guildhall up`.
"""

import os
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PROJECT_ROOT = Path(__file__).resolve().parents[3]
MINIMUM_SECRET_LENGTH = 32
SHORTEST_AUDIT_DAYS = 30

#: Known to everybody, so refused in production.
DEVELOPMENT_SECRET = "development-only-secret-do-not-use-on-the-internet"  # noqa: S105 — public by purpose.

#: So many requests in so many seconds, as in `300/60`; `off` for no limit.
RateLimit = Annotated[str, Field(pattern=r"^([1-9]\d{0,8}/[1-9]\d{0,5}|off)$")]


class Mode(StrEnum):
    """How careful the site has to be."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def home_folder() -> Path:
    """The one folder with all data of a stack on one machine: `GUILDHALL_HOME`, or `.guildhall` beside the code."""
    given = os.environ.get("GUILDHALL_HOME")
    return Path(given).expanduser().resolve() if given else Path.cwd() / ".guildhall"


class Settings(BaseSettings):
    """What the environment says. Times are seconds, sizes bytes."""

    model_config = SettingsConfigDict(
        env_file=(home_folder() / "stack.env", ".env"), extra="ignore", hide_input_in_errors=True, frozen=True
    )

    mode: Mode = Field(Mode.DEVELOPMENT, validation_alias="GUILDHALL_MODE")
    debug: bool = Field(default=False, validation_alias="DEBUG")
    secret_key: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), validation_alias="SECRET_KEY")
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        ("localhost", "127.0.0.1", "[::1]"), validation_alias="ALLOWED_HOSTS"
    )
    public_url: str = Field("http://127.0.0.1:8000", validation_alias="PUBLIC_URL")
    https: bool = Field(default=False, validation_alias="HTTPS")

    database_url: SecretStr = Field(
        SecretStr("postgresql://guildhall@127.0.0.1:5432/guildhall"), validation_alias="DATABASE_URL"
    )
    database_pool_size: int = Field(10, ge=1, validation_alias="DATABASE_POOL_SIZE")
    redis_url: SecretStr = Field(SecretStr("redis://127.0.0.1:6379/0"), validation_alias="REDIS_URL")
    celery_broker_url: SecretStr | None = Field(None, validation_alias="CELERY_BROKER_URL")

    nats_url: SecretStr = Field(SecretStr("nats://127.0.0.1:4222"), validation_alias="NATS_URL")
    nats_service_password: SecretStr = Field(SecretStr("guildhall"), validation_alias="NATS_SERVICE_PASSWORD")
    nats_system_password: SecretStr = Field(SecretStr("guildhall"), validation_alias="NATS_SYSTEM_PASSWORD")
    nats_callout_seed: SecretStr | None = Field(None, validation_alias="NATS_CALLOUT_SEED")
    nats_log_file: Path | None = Field(None, validation_alias="NATS_LOG_FILE")
    mqtt_host: str = Field("127.0.0.1", validation_alias="MQTT_HOST")
    mqtt_port: int = Field(1883, validation_alias="MQTT_PORT")
    mqtts_port: int = Field(8883, validation_alias="MQTTS_PORT")
    ca_file: Path | None = Field(None, validation_alias="CA_FILE")
    ingest_mqtt_user: str = Field("", validation_alias="INGEST_MQTT_USER")
    ingest_mqtt_password: SecretStr = Field(SecretStr(""), validation_alias="INGEST_MQTT_PASSWORD")

    access_token_minutes: int = Field(5, ge=1, validation_alias="ACCESS_TOKEN_MINUTES")
    refresh_token_days: int = Field(14, ge=1, validation_alias="REFRESH_TOKEN_DAYS")

    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), validation_alias="TRUSTED_PROXIES"
    )
    rate_limit_anonymous: RateLimit = Field("300/60", validation_alias="RATE_LIMIT_ANONYMOUS")
    rate_limit_user: RateLimit = Field("1200/60", validation_alias="RATE_LIMIT_USER")
    rate_limit_auth: RateLimit = Field("60/300", validation_alias="RATE_LIMIT_AUTH")
    mqtt_rate_limit: RateLimit = Field("off", validation_alias="MQTT_RATE_LIMIT")
    mqtt_rejected_limit: RateLimit = Field("6000/60", validation_alias="MQTT_REJECTED_LIMIT")
    readiness_checks: Annotated[tuple[str, ...], NoDecode] = Field(
        ("database", "migrations", "redis", "nats"), validation_alias="READINESS_CHECKS"
    )
    metrics_host: str = Field("127.0.0.1", validation_alias="METRICS_HOST")
    metrics_port: int = Field(0, ge=0, lt=2**16, validation_alias="METRICS_PORT")

    sign_in_failures_per_account: int = Field(5, ge=1, validation_alias="SIGN_IN_FAILURES_PER_ACCOUNT")
    sign_in_failures_per_address: int = Field(50, ge=1, validation_alias="SIGN_IN_FAILURES_PER_ADDRESS")

    audit_kept_days: int = Field(0, ge=0, validation_alias="AUDIT_KEPT_DAYS")

    email_host: str = Field("", validation_alias="EMAIL_HOST")
    email_port: int = Field(587, gt=0, lt=2**16, validation_alias="EMAIL_PORT")
    email_user: str = Field("", validation_alias="EMAIL_USER")
    email_password: SecretStr = Field(SecretStr(""), validation_alias="EMAIL_PASSWORD")
    email_security: str = Field("starttls", pattern="^(starttls|tls|none)$", validation_alias="EMAIL_SECURITY")
    email_from: str = Field("Guildhall <guildhall@localhost>", validation_alias="EMAIL_FROM")
    email_folder: Path | None = Field(None, validation_alias="EMAIL_FOLDER")

    static_root: Path = Field(PROJECT_ROOT / "staticfiles", validation_alias="STATIC_ROOT")
    media_root: Path = Field(PROJECT_ROOT / "media", validation_alias="MEDIA_ROOT")
    log_format: str = Field("console", pattern="^(console|json)$", validation_alias="LOG_FORMAT")
    log_level: str = Field("INFO", validation_alias="LOG_LEVEL")

    @field_validator("audit_kept_days")
    @classmethod
    def keep_a_month(cls, value: int) -> int:
        """For ever, or as long as the database demands."""
        if 0 < value < SHORTEST_AUDIT_DAYS:
            raise ValueError(f"0, which is for ever, or {SHORTEST_AUDIT_DAYS} at least")
        return value

    @field_validator("allowed_hosts", "trusted_proxies", "readiness_checks", mode="before")
    @classmethod
    def split_list(cls, value: object) -> object:
        """Accept `a.example,b.example` as well as a sequence."""
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def production_needs_a_secret(self) -> Self:
        """Refuse to start in production with a key that is missing, known or short."""
        key = self.secret_key.get_secret_value()
        if self.mode is Mode.PRODUCTION and (key == DEVELOPMENT_SECRET or len(key) < MINIMUM_SECRET_LENGTH):
            raise ValueError(
                f"SECRET_KEY must be set to at least {MINIMUM_SECRET_LENGTH} random characters in production; "
                "`python -c 'import secrets; print(secrets.token_urlsafe(48))'` makes one"
            )
        return self

    @property
    def production(self) -> bool:
        return self.mode is Mode.PRODUCTION

    @property
    def broker_url(self) -> str:
        """Celery's queue: Redis unless another broker is named."""
        return (self.celery_broker_url or self.redis_url).get_secret_value()


settings = Settings()
