"""What `guildhall doctor` says of findings that a whole stack does not bring about quickly."""

import pytest

from guildhall.modules.telemetry.store.journal import TAIL_BYTES, TAIL_S, Tail
from guildhall.stack import doctor


@pytest.mark.parametrize(
    ("tail", "good"),
    [
        (Tail(0, 0), True),
        (Tail(TAIL_S, TAIL_BYTES), True),
        (Tail(TAIL_S + 1, 0), False),
        (Tail(0, TAIL_BYTES + 1), False),
    ],
)
def test_sealing_that_is_behind_is_to_be_mended(tail, good):
    finding = doctor.sealing(tail)
    assert (finding.subject, finding.good) == ("sealing", good)


def test_sealing_says_how_much_waits():
    assert doctor.sealing(Tail(90.4, 3 * 1024**2)).text == "3.0 MiB wait, the oldest for 90 s"
    # As after the clock was set back.
    assert doctor.sealing(Tail(-5.0, 0)).text == "0.0 MiB wait, the oldest for 0 s"
