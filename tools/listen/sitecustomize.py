"""What a program that a watched test started lends to the watch: the rolls that it takes in.

Python runs this at the start of every program that finds the folder on its path; `tools.watch` puts
it there, with a folder for the rolls in ``AZUKARI_WATCH_ROLLS``.  Nothing here is imported before
the program itself imports the intake, and nothing that the program does is done otherwise.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

FOLDER = os.environ.get("AZUKARI_WATCH_ROLLS", "")
LISTENED: Final = "azukari.roll.intake"
DOOR: Final = "take_in"


class _Listener(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the intake as others find it, and listens at its one door once it is there."""

    def find_spec(self, name: str, *_where: Any) -> ModuleSpec | None:
        if name != LISTENED:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            self._loader = spec.loader
            spec.loader = self
        return spec

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        taking = getattr(module, DOOR)

        def take_in(*given: Any, **named: Any) -> Any:
            taken = taking(*given, **named)
            if FOLDER:
                _lend(taken.roll)
            return taken

        setattr(module, DOOR, take_in)


def _lend(roll: Any) -> None:
    """Leave the roll in the folder, whole or not at all: this program may be about to be killed."""
    import pickle
    import secrets

    whole = os.path.join(FOLDER, secrets.token_hex(16))  # noqa: PTH118  paths may be counted
    try:
        with open(whole + ".part", "wb") as file:  # noqa: PTH123  the same
            pickle.dump(roll, file)
        os.rename(whole + ".part", whole)  # noqa: PTH104  the same
    except OSError as err:
        # A test took the disk away; whoever reads the folder learns that a roll is missing.
        print(f"azukari: a roll was not lent to the watch: {err.strerror}", file=sys.stderr)


if FOLDER:
    sys.meta_path.insert(0, _Listener())
