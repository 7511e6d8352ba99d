"""How often somebody may ask: per user, per address, and less often where one signs in. Counted in Redis.

The algorithm is GCRA (ITU-T I.371, "virtual scheduling"): a bucket of `quota` that refills evenly over `window_s`, kept
as one time. All limits of a request are checked and counted by one atomic script, so that no number of threads or
machines lets one more through. Without Redis everybody may.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from redis import Redis

from guildhall.core.errors import GuildhallError
from guildhall.core.http import redis
from guildhall.core.http.addresses import limit_subject
from guildhall.settings import settings

_MICROSECONDS: Final = 1_000_000

#: KEYS: one time per limit. ARGV: the period and the interval between two requests of each, in microseconds.
#: Returns: 1 if the request may pass, then for each limit its time until full, and until one may pass.
_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local passes, full_at = 1, {}
for i, key in ipairs(KEYS) do
    full_at[i] = math.max(tonumber(redis.call('GET', key) or now), now) + ARGV[2 * i]
    if full_at[i] - ARGV[2 * i - 1] > now then passes = 0 end
end
local answer = {passes}
for i, key in ipairs(KEYS) do
    local wait = math.max(full_at[i] - ARGV[2 * i - 1] - now, 0)
    if passes == 1 then
        redis.call('SET', key, string.format('%.0f', full_at[i]), 'PX', math.ceil((full_at[i] - now) / 1000) + 1)
    else
        full_at[i] = full_at[i] - ARGV[2 * i]
    end
    answer[2 * i] = full_at[i] - now
    answer[2 * i + 1] = wait
end
return answer
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """At most `quota` requests at once, and as many in every `window_s` seconds."""

    name: str
    quota: int
    window_s: int

    @classmethod
    def parse(cls, name: str, text: str) -> "Policy | None":
        """The policy that a setting such as `300/60` stands for; None for `off`."""
        if text == "off":
            return None
        quota, window_s = text.split("/")
        return cls(name=name, quota=int(quota), window_s=int(window_s))

    @property
    def interval_us(self) -> int:
        """Between two requests of somebody who asks evenly."""
        return max(1, self.window_s * _MICROSECONDS // self.quota)

    @property
    def period_us(self) -> int:
        """The window, less what rounding took from the intervals, so that exactly the quota fits into it."""
        return self.interval_us * self.quota


@dataclass(frozen=True, slots=True)
class Limit:
    """A policy as it holds for one user or address."""

    policy: Policy
    subject: str

    @property
    def key(self) -> str:
        return f"guildhall:limit:{self.policy.name}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of one limit: requests that may follow at once, seconds until it is whole and until one passes."""

    policy: Policy
    remaining: int
    reset_s: int
    wait_s: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and how each of its limits stands; nothing stands without Redis."""

    passes: bool
    standings: tuple[Standing, ...] = ()

    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-10."""
        if not self.standings:
            return {}
        return {
            "RateLimit-Policy": ", ".join(
                f'"{standing.policy.name}";q={standing.policy.quota};w={standing.policy.window_s}'
                for standing in self.standings
            ),
            "RateLimit": ", ".join(
                f'"{standing.policy.name}";r={standing.remaining};t={standing.reset_s}' for standing in self.standings
            ),
        }

    @property
    def retry_after_s(self) -> int:
        return max(1, *(standing.wait_s for standing in self.standings))


class TooManyRequestsError(GuildhallError):
    """A limit is used up."""

    code = "too_many_requests"
    status = HTTPStatus.TOO_MANY_REQUESTS
    title = "Too many requests"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"Try again in {verdict.retry_after_s} s.")
        self.verdict = verdict
        self.retry_after_s = verdict.retry_after_s


def check(limits: Sequence[Limit], *, connection: "Redis | None" = None) -> Verdict:
    """Count one request against all the limits, or against none where one of them is used up."""
    if not limits:
        return Verdict(passes=True)
    arguments = [number for limit in limits for number in (limit.policy.period_us, limit.policy.interval_us)]

    def count() -> list[int] | None:
        script = (connection or redis.client()).register_script(_SCRIPT)
        found: list[int] = script(keys=[limit.key for limit in limits], args=arguments)
        return found

    answer = redis.breaker.call(count, None, lost="rate limits")
    if answer is None:
        return Verdict(passes=True)
    return Verdict(
        passes=bool(answer[0]),
        standings=tuple(
            _standing(limit.policy, answer[2 * index + 1], answer[2 * index + 2]) for index, limit in enumerate(limits)
        ),
    )


def _standing(policy: Policy, full_in_us: int, wait_us: int) -> Standing:
    return Standing(
        policy=policy,
        remaining=max(0, (policy.period_us - full_in_us) // policy.interval_us),
        reset_s=math.ceil(full_in_us / _MICROSECONDS),
        wait_s=math.ceil(wait_us / _MICROSECONDS),
    )


_SIGNING_IN: Final = (
    "/api/auth/", "/api/v1/auth/", "/sign-in/", "/register/", "/reset-password/", "/verify-email/"
)  # fmt: skip
#: Under an address of the above, but guarded by a token that nobody can guess.
_NOT_SIGNING_IN: Final = frozenset({"refresh", "logout", "me"})
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def limits_of(*, method: str, path: str, address: str, user_id: Any = None) -> list[Limit]:
    """The limits that hold for a request of this user, or of nobody, from this address."""
    subject = f"address:{limit_subject(address)}"
    wanted = [("user", settings.rate_limit_user, f"user:{user_id}")]
    if user_id is None:
        wanted = [("anonymous", settings.rate_limit_anonymous, subject)]
    if is_signing_in(method, path):
        wanted.append(("auth", settings.rate_limit_auth, subject))
    found = ((Policy.parse(name, text), who) for name, text, who in wanted)
    return [Limit(policy, who) for policy, who in found if policy is not None]


def is_signing_in(method: str, path: str) -> bool:
    """Whether the request tries a password or makes an account, which strangers do to guess."""
    if method in _SAFE_METHODS or not path.startswith(_SIGNING_IN):
        return False
    return path.rstrip("/").rpartition("/")[2] not in _NOT_SIGNING_IN
