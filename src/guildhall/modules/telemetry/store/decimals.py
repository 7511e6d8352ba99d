"""Doubles as integers, wherever that is exact to the bit: decimals, single precision, or their bits. Pure.

Sensors print "-0.0" when it is a little below zero, so a zero with a sign is no reason to keep bits: of decimals with
such a zero, those with a sign are one less, and -1 is the zero.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guildhall.modules.telemetry.store.pieces import Floats, Ints, Mask, Pieces

#: Decimal places that are tried.
PLACES: Final = 10
#: What the integers are divided by, by the number of decimal places. Only these very numbers give the same bits back.
POWERS: Final = np.array([10.0**places for places in range(PLACES)])
EXACT: Final = 2**53
#: The same as integers.
FACTORS: Final = np.array([10**places for places in range(PLACES)], np.int64)
_PROBED: Final = 32
#: Shorter pieces are tried as a whole.
_SHORT: Final = 1024


class Kind(IntEnum):
    """How the numbers of a column are meant."""

    INTEGER = 0
    DECIMAL = 1
    SINGLE = 2
    DOUBLE = 3
    SIGNED = 4


#: Looking a member up in its class takes as long as arithmetic with a short array.
DECIMAL: Final = Kind.DECIMAL.value
SIGNED: Final = Kind.SIGNED.value
#: The bits of a zero with a sign; in single precision these.
_ZERO_WITH_SIGN: Final = np.int64(-(2**63))
_SINGLE_WITH_SIGN: Final = 2**31


@dataclass(frozen=True, slots=True)
class Numbers:
    """Integers that stand for a column: of each piece how they are meant, with how many decimal places."""

    kinds: NDArray[np.uint8]
    scales: NDArray[np.uint8]
    integers: Ints

    @classmethod
    def of_integers(cls, integers: Ints, pieces: Pieces) -> "Numbers":
        """Integers as themselves."""
        nothing = np.zeros(len(pieces), np.uint8)
        return cls(nothing, nothing, integers)

    @classmethod
    def of_doubles(cls, values: Floats, pieces: Pieces) -> "Numbers":
        """Each piece as decimals with the fewest places, else as single precision, else as bits."""
        values = np.ascontiguousarray(values)
        signs = values.view(np.int64) == _ZERO_WITH_SIGN
        if not signs.any():
            return cls._of_plain(values, pieces)
        return _with_signs(cls._of_plain(np.where(signs, 0.0, values), pieces), signs, values, pieces)

    @classmethod
    def _of_plain(cls, values: Floats, pieces: Pieces) -> "Numbers":
        if len(pieces) == 1 and len(values) <= _SHORT:
            kind, scale, integers = _alone(values, 0)
            return cls(np.array([kind], np.uint8), np.array([scale], np.uint8), integers)
        kinds = np.full(len(pieces), Kind.DECIMAL, np.uint8)
        scales = _probed(values, pieces)
        powers = pieces.spread(POWERS[np.minimum(scales, PLACES - 1)])
        integers, exact = _at_scale(values, powers)
        wrong = ~pieces.every(exact) | (scales == PLACES)
        for number in np.flatnonzero(wrong).tolist():
            head = int(pieces.heads[number])
            piece = slice(head, head + int(pieces.lengths[number]))
            kinds[number], scales[number], integers[piece] = _alone(values[piece], int(scales[number]) + 1)
        return cls(kinds, scales, integers)

    def plain(self, pieces: Pieces) -> "Numbers":
        """The same as decimals without signs of zeros, as far as they are decimals."""
        signed = self.kinds == SIGNED
        if not signed.any():
            return self
        kinds = np.where(signed, np.uint8(DECIMAL), self.kinds)
        return Numbers(kinds, self.scales, self.integers + ((self.integers < 0) & signed.repeat(pieces.lengths)))


def doubles(numbers: Numbers, pieces: Pieces) -> Floats:
    """The doubles for which these numbers stand, to the bit."""
    kinds, integers = numbers.kinds, numbers.integers
    if kinds.min() == kinds.max() == DECIMAL:
        decimals: Floats = integers / pieces.spread(POWERS[numbers.scales])
        return decimals
    found = np.empty(len(integers), np.float64)
    for kind in np.unique(kinds).tolist():
        mask = pieces.spread(kinds == kind)
        some = integers[mask]
        match kind:
            case Kind.DECIMAL:
                found[mask] = some / pieces.spread(POWERS[numbers.scales])[mask]
            case Kind.SIGNED:
                below = some < 0
                parts = np.where(below, ~some, some) / pieces.spread(POWERS[numbers.scales])[mask]
                found[mask] = np.negative(parts, out=parts, where=below)
            case Kind.SINGLE:
                found[mask] = some.astype(np.uint32).view(np.float32)
            case _:
                found[mask] = some.view(np.float64)
    return found


def _with_signs(numbers: Numbers, signs: Mask, values: Floats, pieces: Pieces) -> Numbers:
    """Numbers of these values, with the signs of zeros where they have any."""
    kinds, integers = numbers.kinds.copy(), numbers.integers.copy()
    kinds[np.logical_or.reduceat(signs, pieces.heads) & (kinds == DECIMAL)] = SIGNED
    of_each = kinds.repeat(pieces.lengths)
    integers[(of_each == SIGNED) & np.signbit(values)] -= 1
    integers[(of_each == Kind.SINGLE) & signs] = _SINGLE_WITH_SIGN
    integers[(of_each == Kind.DOUBLE) & signs] = _ZERO_WITH_SIGN
    return Numbers(kinds, numbers.scales, integers)


def _probed(values: Floats, pieces: Pieces) -> NDArray[np.uint8]:
    """The fewest places that do for some values of each piece; `PLACES` where none do."""
    scales = np.full(len(pieces), PLACES, np.uint8)
    left = np.arange(len(pieces))
    some = values[pieces.probes(_PROBED)]
    for scale, power in enumerate(POWERS.tolist()):
        _, exact = _at_scale(some, power)
        found = exact.all(axis=1)
        scales[left[found]] = scale
        if found.all():
            break
        left, some = left[~found], some[~found]
    return scales


def _alone(values: Floats, scale: int) -> tuple[Kind, int, Ints]:
    for places in range(scale, PLACES):
        integers, exact = _at_scale(values, POWERS[places])
        if exact.all():
            return Kind.DECIMAL, places, integers
    with np.errstate(over="ignore", invalid="ignore"):
        single = values.astype(np.float32)
        if _same(single.astype(np.float64), values).all():
            return Kind.SINGLE, 0, single.view(np.uint32).astype(np.int64)
    return Kind.DOUBLE, 0, values.view(np.int64)


def _at_scale(values: Floats, power: "Floats | float") -> tuple[Ints, Mask]:
    """The integers next to the values times the power, and where these say exactly the same."""
    with np.errstate(all="ignore"):
        rounded = np.rint(values * power)
        integers = rounded.astype(np.int64)
        # What is not finite fails here as it shall.
        exact = _same(integers / power, values)
    exact &= np.abs(rounded) < EXACT
    return integers, exact


def _same(one: Floats, other: Floats) -> Mask:
    found: Mask = one.view(np.int64) == other.view(np.int64)
    return found
