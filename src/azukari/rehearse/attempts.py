"""What an attacker has in hand, and how an attempt is judged.

An attempt that ends in one of our errors was *refused*, with its reason; one that goes through
*opened*, and fails the run.  An attempt that ends in anything else is a fault of ours and is not
caught here.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from azukari.desk import device as devices
from azukari.desk import enquire
from azukari.errors import AzukariError
from azukari.rehearse.clock import StoryClock
from azukari.rehearse.night import Night
from azukari.shelf import machine
from azukari.shelf.folder import Folder

INSIDE_WINDOW: Final = "2022-06-21 19:45"
NIGHT: Final = "2022-06-22 02:30"
REFUSED, OPENED, LIMIT = "refused", "opened", "known limit"


@dataclass(frozen=True)
class Attack:
    """One attack as it went."""

    name: str
    outcome: str
    reason: str
    noticed_by: str = ""  # who would tell of it; empty: nobody but whoever refused it


class NothingFound(AzukariError):
    """An attempt that looked for something and found nothing; its message says how hard."""


def attempt(name: str, because: str, deed: Callable[[], str], *, noticed_by: str = "") -> Attack:
    """Try; ``deed`` returns what it got hold of, or is refused.

    ``because`` must stand in the refusal (a class of our errors, or a reason's code): an attack
    that is refused by luck, for another reason than the guard it tries, counts as opened.
    """
    try:
        got = deed()
    except AzukariError as error:
        reason = str(error) if isinstance(error, NothingFound) else _said(error)
        if because in _said(error):
            return Attack(name, REFUSED, reason, noticed_by)
        return Attack(name, OPENED, f"refused for another reason than {because}: {reason}")
    return Attack(name, OPENED, got)


def _said(error: AzukariError) -> str:
    return f"{type(error).__name__}: {error}"


class Hands:
    """Copies of what lay in the bag and of the device, in a folder that goes away afterwards."""

    def __init__(self, night: Night) -> None:
        self.night = night
        self._folder = Path(tempfile.mkdtemp(prefix="attack-", dir=night.out))
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder)

    def carrier(self, which: int = 0) -> Folder:
        """A copy of a carrier's folder; files are links until they are replaced."""
        return Folder(self._copy(self.night.bag[which], copy=machine.link_or_copy))

    def device(self) -> Path:
        """A copy of the device's home as it stood before anything was erased."""
        return self._copy(self.night.out / "copies" / "call-centre")

    def home(self, path: Path) -> Path:
        """A copy of any site."""
        return self._copy(path)

    def read(
        self,
        folder: Folder,
        *,
        home: Path | None = None,
        grant: bytes | None = None,
        by: str = "operator",
        at: str = INSIDE_WINDOW,
    ) -> str:
        """Open a folder as the call centre would, with everything in order but what was changed."""
        clock = StoryClock(at)
        device = devices.open_device(home or self.device(), clock.now)
        try:
            hand = self.night.house.cast.signer(by)
            opened = enquire.open_carrier(device, folder.root, grant or self.night.grant, hand)
            return f"{opened.table.num_rows:,} rows in clear"
        finally:
            device.close()

    def _copy(self, source: Path, copy: Callable[[str, str], object] = shutil.copy2) -> Path:
        self._count += 1
        target = self._folder / str(self._count)
        shutil.copytree(source, target, copy_function=copy)
        return target


def replace(path: Path, data: bytes) -> None:
    """Put other bytes in a file's place; the linked original stays as it is."""
    path.unlink(missing_ok=True)
    path.write_bytes(data)


def flip_bit(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
