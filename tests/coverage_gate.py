"""Fails where less than 90 % of the lines of any module were run by the tests; `make test` calls it after them."""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path, PurePath

FLOOR = 90.0
#: Packages whose own packages are the modules.
CONTAINERS = ("core", "modules", "services")


def module_of(path: str) -> str:
    """`guildhall/core/accounts/models.py` belongs to `core/accounts`, `guildhall/web/apps.py` to `web`."""
    parts = PurePath(path).parts
    parts = parts[parts.index("guildhall") + 1 :]
    depth = 2 if parts[0] in CONTAINERS and len(parts) > 2 else 1
    return "/".join(parts[:depth])


def main() -> int:
    """Print a line for each module; returns the exit code."""
    report = Path(".build/coverage.json")
    report.parent.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-m", "coverage", "json", "--quiet", "-o", report], check=True)
    lines: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for path, file in json.loads(report.read_text())["files"].items():
        counted = lines[module_of(path)]
        counted[0] += file["summary"]["covered_lines"]
        counted[1] += file["summary"]["num_statements"]
    poor = []
    print(f"\n{'module':<28}{'lines':>8}{'run':>8}")
    for module, (covered, total) in sorted(lines.items()):
        if not total:
            continue
        percent = 100 * covered / total
        print(f"{module:<28}{total:>8}{percent:>7.1f}%")
        if percent < FLOOR:
            poor.append(module)
    if poor:
        print(f"\nunder {FLOOR:g} % of lines: {', '.join(poor)}", file=sys.stderr)
    return 1 if poor else 0


if __name__ == "__main__":
    raise SystemExit(main())
