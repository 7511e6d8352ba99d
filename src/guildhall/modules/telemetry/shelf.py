"""Finished buckets of weeks in Redis, where they may be missing. What a key stands for is said in `store.weeks`."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from guildhall.core.http import redis

#: So long a week is kept after it was summed up. What changes has another key at once, so this only bounds the room.
SECONDS: Final = 3600
#: Redis may hold a queue too, so an answer of more bytes is not put there.
MOST_BYTES: Final = 4 * 1024 * 1024
_AT_ONCE: Final = 1000
_PREFIX: Final = "guildhall:week:"
_LOST: Final = "kept buckets"


class Shelf:
    """What all processes of a site keep together. Rights are checked before anything is asked of it."""

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        """What is there under each of the keys; nothing where Redis is missing."""
        return [
            body
            for first in range(0, len(keys), _AT_ONCE)
            for body in self._get([_PREFIX + key for key in keys[first : first + _AT_ONCE]])
        ]

    def _get(self, keys: list[str]) -> list[bytes | None]:
        nothing: list[bytes | None] = [None] * len(keys)
        # The client gives bytes, as it is not told to decode them.
        return redis.breaker.call(lambda: cast("list[bytes | None]", redis.client().mget(keys)), nothing, lost=_LOST)

    def put(self, found: Mapping[str, bytes]) -> None:
        """Keep these for a while, if they are not too much."""
        if not found or sum(map(len, found.values())) > MOST_BYTES:
            return

        def put() -> None:
            with redis.client().pipeline(transaction=False) as pipeline:
                for key, body in found.items():
                    pipeline.set(_PREFIX + key, body, ex=SECONDS)
                pipeline.execute()

        redis.breaker.call(put, None, lost=_LOST)
