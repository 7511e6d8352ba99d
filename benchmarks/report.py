"""The end of a benchmark: what was measured beside what is required, for people and for programs."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that was measured; `required` is the least it has to be, or with `at_most` the most it may be."""

    name: str
    measured: float
    unit: str
    required: float | None = None
    at_most: bool = False
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it is as required; None where nothing is."""
        if self.required is None:
            return None
        return self.measured <= self.required if self.at_most else self.measured >= self.required


def report(benchmark: str, figures: Sequence[Figure]) -> None:
    """Print a table, and below it the same as one line of JSON."""
    load = round(os.getloadavg()[0], 1)
    print(f"\n{benchmark}; load of the machine {load}, {os.cpu_count()} cores")
    for figure in figures:
        bound = "" if figure.required is None else f"{'≤' if figure.at_most else '≥'} {_number(figure.required)}"
        verdict = {True: "met", False: "NOT MET", None: ""}[figure.met]
        print(
            f"  {figure.name:<58}{_number(figure.measured):>12} {figure.unit:<12}{bound:>12}  {verdict:<8}{figure.note}"
        )
    found = [{**asdict(figure), "met": figure.met} for figure in figures]
    print(f"FIGURES {json.dumps({'benchmark': benchmark, 'load': load, 'figures': found})}", flush=True)


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
