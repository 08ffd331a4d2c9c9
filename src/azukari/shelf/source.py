"""Which program this is: one digest over the package's own files, as they lie on this machine.

The same for the same files wherever they are installed; a file changed, added or taken away makes
another.  What Python compiled from them is left aside, and so is everything that is not ours.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import azukari


def digest(root: Path | None = None) -> str:
    """SHA-256, hex: of each file its name inside the package and its content, in order of names."""
    root = Path(azukari.__file__).parent if root is None else root
    whole = hashlib.sha256()
    named = {
        path.relative_to(root).as_posix(): path
        for path in root.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name, path in sorted(named.items()):
        of_file = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{of_file}  {name}\n".encode())
    return whole.hexdigest()
