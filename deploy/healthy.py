"""Exits with 0 where every argument is well: an address answers with 200, a file exists.

Without arguments it asks for this container's metrics and, where one is named, for the file that says it is ready.
"""

import os
import sys
from pathlib import Path
from urllib.request import urlopen

TIMEOUT_S = 4


def is_well(sign: str) -> bool:
    """Whether this address answers or this file exists."""
    if not sign.startswith("http://"):
        return Path(sign).exists()
    try:
        with urlopen(sign, timeout=TIMEOUT_S) as answer:  # noqa: S310 — the scheme was looked at.
            return bool(answer.status == 200)  # noqa: PLR2004
    except OSError:
        return False


if __name__ == "__main__":
    usual = [f"http://127.0.0.1:{os.environ.get('METRICS_PORT', '9100')}/metrics"]
    if ready := os.environ.get("GUILDHALL_READY_FILE"):
        usual.append(ready)
    sys.exit(not all(is_well(sign) for sign in sys.argv[1:] or usual))
