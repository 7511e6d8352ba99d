"""Many short arrays as one long one: arithmetic over all pieces at once, without a loop over them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)
#: From so many elements on it is worth looking whether they are all the same.
_LONG: Final = 10_000


@dataclass(frozen=True, slots=True)
class Pieces:
    """How an array is divided: piece n is [heads[n], heads[n] + lengths[n]). They are not empty and leave no gaps."""

    heads: Ints
    lengths: Ints

    @classmethod
    def of(cls, lengths: "Sequence[int] | Ints") -> Self:
        """Pieces of these lengths."""
        found = np.asarray(lengths, np.int64)
        return cls(found.cumsum() - found, found)

    @classmethod
    def where(cls, begins: Mask) -> Self:
        """A piece begins wherever this is true, as it has to be at the beginning."""
        (heads,) = begins.nonzero()
        lengths = np.empty_like(heads)
        np.subtract(heads[1:], heads[:-1], out=lengths[:-1])
        lengths[-1:] = len(begins) - heads[-1:]
        return cls(heads, lengths)

    def __len__(self) -> int:
        return len(self.heads)

    @property
    def total(self) -> int:
        """The length of the whole array."""
        return int(self.heads[-1] + self.lengths[-1]) if len(self.heads) else 0

    @property
    def ends(self) -> Ints:
        """Behind the last element of each piece."""
        return self.heads + self.lengths

    def spread(self, values: NDArray[T]) -> NDArray[T]:
        """What is said of each piece, said of each of its elements."""
        if len(values) > 1 and self.total > _LONG and (values == values[0]).all():
            return np.broadcast_to(values[:1], self.total)
        return values.repeat(self.lengths)

    def numbers(self) -> Ints:
        """Of each element, the number of its piece."""
        return np.repeat(np.arange(len(self.heads)), self.lengths)

    def every(self, mask: Mask) -> Mask:
        """For each piece, whether this is true of all its elements."""
        if mask.all():
            return np.ones(len(self.heads), bool)
        return np.logical_and.reduceat(mask, self.heads)

    def steps(self, values: Ints) -> Ints:
        """Differences between neighbours; 0 at the head of each piece."""
        found = np.empty_like(values)
        np.subtract(values[1:], values[:-1], out=found[1:])
        found[self.heads] = 0
        return found

    def accumulated(self, values: Ints) -> Ints:
        """Sums of all elements up to each one in its piece, wrapped at 64 bits."""
        found = values.cumsum()
        before = found[self.heads] - values[self.heads]
        found -= self.spread(before)
        return found

    def probes(self, count: int) -> Ints:
        """Positions of elements that lie evenly in each piece, a row for each; short pieces repeat some."""
        return self.heads[:, None] + np.arange(count) * self.lengths[:, None] // count

    def indices(self) -> Ints:
        """For pieces that lie anywhere: the positions of their elements, one piece behind the other."""
        moved = Pieces.of(self.lengths)
        return np.arange(moved.total) + moved.spread(self.heads - moved.heads)
