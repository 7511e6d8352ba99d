"""Starting a child process that cannot outlive its parent."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
# Loaded once here, because nothing may be imported between fork and exec.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def dies_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` after which the kernel sends the signal to the child when its parent dies, however it dies.

    It runs after the change of uid, which would clear the setting. Where the kernel has no such service (macOS), the
    child only leaves the terminal's process group.
    """
    parent = os.getpid()

    def prepare() -> None:
        # A group of its own keeps Ctrl-C of the terminal from reaching the child before the ordered stop does.
        os.setpgid(0, 0)
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
            if os.getppid() != parent:
                os._exit(1)

    return prepare
