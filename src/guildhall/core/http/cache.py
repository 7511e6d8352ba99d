"""Caches in Redis that can be missing: Django's own, and whole answers of reads that many people ask for.

An answer is kept under the caller's scope and the tags of what it tells of. Each tag has a generation in Redis;
`invalidate` begins a new one, which makes every answer under the old one unreachable. An answer is stored under the
generations that were current before it was computed, so that a change in between never leaves a stale one.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import orjson
from django.core.cache.backends.redis import RedisCache
from django.db import connection

from guildhall.core.http import redis

Result = TypeVar("Result")

#: How long an answer may outlive a change that could not be told to Redis.
DEFAULT_SECONDS: Final = 60
_GENERATION_SECONDS: Final = 7 * 24 * 3600
_LOST: Final = "caches"


def cached(
    *, scope: str, tags: Sequence[str], key: Sequence[Any], compute: Callable[[], Any], seconds: int = DEFAULT_SECONDS
) -> Any:
    """What `compute` returns, which JSON must be able to carry, or what it returned a while ago.

    `scope` says for whom it is the same: an organization whose members see all of it, or one user. Whether the caller
    belongs there is asked before, each time. Inside of a transaction nothing is read or kept, for what one sees there
    may be one's own change that is not committed.
    """
    if connection.in_atomic_block:
        return compute()
    generations = redis.breaker.call(lambda: _generations(tags), None, lost=_LOST)
    if generations is None:
        return compute()
    digest = hashlib.sha256(orjson.dumps([scope, sorted(tags), generations, list(key)], default=str)).hexdigest()
    name = f"guildhall:answer:{digest}"
    found = redis.breaker.call(lambda: redis.client().get(name), None, lost=_LOST)
    if found is not None:
        return orjson.loads(found)
    made = compute()
    body = orjson.dumps(made, default=str)
    redis.breaker.call(lambda: redis.client().set(name, body, ex=seconds), None, lost=_LOST)
    return orjson.loads(body)


def invalidate(*tags: str) -> bool:
    """Forget all answers under these tags; to be called after the commit of what changed. Safe to repeat.

    Returns whether Redis took it. Where it did not, answers may be stale for as long as they are kept.
    """

    def begin() -> bool:
        with redis.client().pipeline(transaction=False) as pipeline:
            for tag in tags:
                pipeline.set(_generation_key(tag), _new_generation(), ex=_GENERATION_SECONDS)
            pipeline.execute()
        return True

    return redis.breaker.call(begin, default=False, lost=_LOST)


def _generation_key(tag: str) -> str:
    return f"guildhall:generation:{tag}"


def _new_generation() -> str:
    """Drawn and not counted, so that a generation that Redis lost never comes again."""
    return os.urandom(8).hex()


def _generations(tags: Sequence[str]) -> list[str]:
    """The present generation of each tag, in the order of their names."""
    with redis.client().pipeline(transaction=False) as pipeline:
        for tag in sorted(tags):
            pipeline.set(_generation_key(tag), _new_generation(), ex=_GENERATION_SECONDS, nx=True)
            pipeline.get(_generation_key(tag))
        answers = pipeline.execute()
    return [answer.decode() for answer in answers[1::2]]


class TolerantRedisCache(RedisCache):
    """Django's cache in Redis; where Redis is missing nothing is found, nothing is kept, and nobody waits."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        options = {**redis.CONNECTION_OPTIONS, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._tolerant(lambda: super(TolerantRedisCache, self).add(*args, **kwargs), default=False)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._tolerant(lambda: super(TolerantRedisCache, self).get(key, default, version), default=default)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._tolerant(lambda: super(TolerantRedisCache, self).set(*args, **kwargs), default=None)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._tolerant(lambda: super(TolerantRedisCache, self).touch(*args, **kwargs), default=False)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._tolerant(lambda: super(TolerantRedisCache, self).delete(*args, **kwargs), default=False)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._tolerant(lambda: super(TolerantRedisCache, self).get_many(*args, **kwargs), default={})

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return self._tolerant(lambda: super(TolerantRedisCache, self).has_key(*args, **kwargs), default=False)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """As Django's: a key that is not there can't be counted up.

        Raises:
            ValueError: there is no such key, which it is too without Redis.
        """
        count: int | None = self._tolerant(lambda: super(TolerantRedisCache, self).incr(key, delta, version), None)
        if count is None:
            raise ValueError(f"Key {key!r} not found.")
        return count

    def set_many(self, data: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return self._tolerant(lambda: super(TolerantRedisCache, self).set_many(data, *args, **kwargs), default=[*data])

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._tolerant(lambda: super(TolerantRedisCache, self).delete_many(*args, **kwargs), default=None)

    def clear(self) -> None:
        self._tolerant(super().clear, default=None)

    @staticmethod
    def _tolerant(call: Callable[[], Any], default: Result) -> Result:
        return redis.breaker.call(call, default, lost=_LOST)
