"""The unprivileged account that servers drop to when root starts them, and what that account can reach."""

import os
import pwd
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from guildhall.stack.errors import ServerError

#: Tried in this order; the second exists on every Linux and macOS machine.
CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """A row of the system's account database."""

    name: str
    uid: int
    gid: int

    @classmethod
    def for_servers(cls, data: Path) -> Self | None:
        """The account to drop to, or None where the current one is unprivileged already.

        The owner of data that is there already is kept, since it alone can read them.
        """
        if os.geteuid() != 0:
            return None
        if data.exists() and (owner := data.stat().st_uid) != 0:
            try:
                return cls._from_row(pwd.getpwuid(owner))
            except KeyError:
                raise ServerError(
                    f"{data} belongs to uid {owner}, which has no account on this machine; "
                    f"`chown -R nobody {data}` gives it to one that has"
                ) from None
        for name in CANDIDATES:
            try:
                return cls._from_row(pwd.getpwnam(name))
            except KeyError:
                continue
        raise ServerError(f"root needs one of the accounts {', '.join(CANDIDATES)} to run PostgreSQL; create one")

    @classmethod
    def _from_row(cls, row: pwd.struct_passwd) -> Self:
        return cls(row.pw_name, row.pw_uid, row.pw_gid)

    def may(self, path: Path, bit: int) -> bool:
        """Whether the permission bit (4 read, 2 write, 1 search or run) of this one path is given to the account."""
        status = path.stat()
        if status.st_uid == self.uid:
            shift = 6
        elif status.st_gid == self.gid:
            shift = 3
        else:
            shift = 0
        return bool(stat.S_IMODE(status.st_mode) >> shift & bit)

    def reaches(self, path: Path) -> bool:
        """Whether every folder above the path, as far as it exists, lets the account through."""
        return all(self.may(parent, 1) for parent in path.absolute().parents if parent.exists())

    def own(self, path: Path) -> None:
        """Make the account the owner of this one path."""
        os.chown(path, self.uid, self.gid)
