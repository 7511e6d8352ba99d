"""Samples of many keys as columns, as readers of formats hand them on. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Points:
    """Samples as columns: sample n belongs to the key `keys[slots[n]]`. `texts` counts fields that were text."""

    keys: list[str] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    texts: int = 0

    def __len__(self) -> int:
        return len(self.slots)
