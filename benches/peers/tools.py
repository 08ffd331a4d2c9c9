"""Programs that seal a file: age, gpg, 7z and gocryptfs, each through its own command line.

Each is run in the way that is kindest to it: no compression, a key file where it has one.  Nothing
here says who is faster or who opens; that is for the benches.
"""

from __future__ import annotations

import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import Final, Self

PASSWORD: Final = "kakuucity2022"  # invented, and made by a rule that somebody let slip

NEW_PASSWORD: Final = "another-one-altogether"


class Refused(Exception):
    """The program would not open it; its message says no more than that."""


class Tool(ABC):
    """One program with its key in a folder of its own."""

    name = ""
    program = ""
    version_option = "--version"
    password = True  # whether what opens it is a password that a person chose

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(mode=0o700, parents=True)
        self.secret = folder / "secret"
        self.secret.write_text(f"{PASSWORD}\n", encoding="utf-8")

    @classmethod
    def missing(cls) -> str:
        """Why it cannot be run here; empty where it can."""
        return "" if shutil.which(cls.program) else "it is not installed"

    @classmethod
    def version(cls) -> str:
        """Name and version, from its own mouth."""
        done = subprocess.run([cls.program, cls.version_option], capture_output=True, check=False)
        words = done.stdout.decode(errors="replace").replace(";", " ").split()
        number = next((word for word in words if word.strip("v")[:1].isdigit() and "." in word), "")
        return f"{cls.name} {number.strip('v')}".strip()

    @contextmanager
    def ready(self) -> Iterator[None]:
        """What a person does once before and once after, and is not measured."""
        yield

    @abstractmethod
    def seal(self, source: Path, sealed: Path) -> Path:
        """Seal a file; returns the file that would lie on the stick."""

    @abstractmethod
    def open(self, sealed: Path, back: Path) -> None:
        """Open it; `Refused` where the program says no."""

    def sealed_file(self, sealed: Path) -> Path:
        """Which file `seal` wrote for that name."""
        return sealed

    def forge(self, source: Path, sealed: Path) -> None:
        """Put a file of one's own in a sealed one's place, without anything secret."""
        shutil.copyfile(source, sealed)

    def copied(self, folder: Path) -> Self:
        """The same with a copy of everything that opens: what a finder of the whole bag has."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("S.*"))  # its sockets
        twin = copy(self)
        twin.folder, twin.secret = folder, folder / "secret"
        return twin

    def revoke(self) -> str:
        """What its owner can do after a loss, done; empty where it offers nothing."""
        return ""

    def close(self) -> None:  # noqa: B027  most programs leave nothing running
        """Leave nothing running."""


class Age(Tool):
    """age, to a key pair in a file."""

    name = program = "age"
    password = False

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.secret.unlink()
        _run("age-keygen", "-o", str(self.secret))
        lines = self.secret.read_text(encoding="utf-8").splitlines()
        self.public = next(s.split(": ")[1] for s in lines if s.startswith("# public key: "))

    def seal(self, source: Path, sealed: Path) -> Path:
        _run("age", "-r", self.public, "-o", str(sealed), str(source))
        return sealed

    def forge(self, source: Path, sealed: Path) -> None:
        # Whoever knows the public key may seal: age does not say who did.
        self.seal(source, sealed)

    def open(self, sealed: Path, back: Path) -> None:
        _run("age", "-d", "-i", str(self.secret), "-o", str(back), str(sealed))


class Gpg(Tool):
    """gpg with a passphrase, AES-256, without compressing."""

    name = program = "gpg"

    def seal(self, source: Path, sealed: Path) -> Path:
        how = ("--cipher-algo", "AES256", "-z", "0", "--symmetric")
        self._gpg("-o", str(sealed), *how, str(source))
        return sealed

    def open(self, sealed: Path, back: Path) -> None:
        self._gpg("-o", str(back), "--decrypt", str(sealed))

    def forge(self, source: Path, sealed: Path) -> None:
        # An OpenPGP message in clear is one that `--decrypt` reads too.
        self._gpg("-z", "0", "-o", str(sealed), "--store", str(source))

    def close(self) -> None:
        subprocess.run(["gpgconf", "--homedir", str(self.folder), "--kill", "all"], check=False)

    def _gpg(self, *arguments: str) -> None:
        asked = ("--pinentry-mode", "loopback", "--passphrase-file", str(self.secret))
        quiet = ("--homedir", str(self.folder), "--batch", "--yes", "--quiet", "--no-tty")
        _run("gpg", *quiet, *asked, *arguments)


class SevenZip(Tool):
    """7z with a password, names sealed as well, without compressing."""

    name = program = "7z"
    version_option = "i"

    def seal(self, source: Path, sealed: Path) -> Path:
        sealed.unlink(missing_ok=True)
        self._7z("a", "-t7z", "-mx=0", "-mhe=on", str(sealed), str(source))
        return sealed

    def open(self, sealed: Path, back: Path) -> None:
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        self._7z("x", f"-o{out}", str(sealed))
        found = sorted(out.iterdir()) if out.exists() else []
        if not found:
            raise Refused("nothing came out")
        found[0].replace(back)

    def forge(self, source: Path, sealed: Path) -> None:
        sealed.unlink(missing_ok=True)
        _run("7z", "a", "-bso0", "-bsp0", "-y", "-t7z", "-mx=0", str(sealed), str(source))

    def _7z(self, verb: str, *arguments: str) -> None:
        password = self.secret.read_text(encoding="utf-8").strip()
        _run("7z", verb, "-bso0", "-bsp0", "-y", f"-p{password}", *arguments)


class Gocryptfs(Tool):
    """gocryptfs: a folder of sealed files, seen in clear while it is mounted."""

    name = program = "gocryptfs"
    version_option = "-version"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cipher, self.plain = folder / "cipher", folder / "plain"
        self.cipher.mkdir()
        self.plain.mkdir()
        _run("gocryptfs", "-init", "-q", "-passfile", str(self.secret), str(self.cipher))
        self.names: dict[Path, str] = {}
        self._mounted = False

    @classmethod
    def missing(cls) -> str:
        if not Path("/dev/fuse").exists():
            return "there is no FUSE"
        return super().missing() or ("" if shutil.which("fusermount") else "there is no fusermount")

    @contextmanager
    def ready(self) -> Iterator[None]:
        if self._mounted:
            yield
            return
        mount = ("-q", "-nosyslog", "-passfile", str(self.secret))
        _run("gocryptfs", *mount, str(self.cipher), str(self.plain))
        self._mounted = True
        try:
            yield
        finally:
            _run("fusermount", "-u", str(self.plain))
            self._mounted = False

    def seal(self, source: Path, sealed: Path) -> Path:
        before = set(self.cipher.iterdir())
        with self.ready():
            _run("cp", "--reflink=never", str(source), str(self.plain / sealed.name))
        for found in set(self.cipher.iterdir()) - before:
            self.names[found] = sealed.name
        return self.sealed_file(sealed)

    def open(self, sealed: Path, back: Path) -> None:
        with self.ready():
            _run("cp", "--reflink=never", str(self.plain / self.names[sealed]), str(back))

    def copied(self, folder: Path) -> Self:
        twin = super().copied(folder)
        twin.cipher, twin.plain = folder / "cipher", folder / "plain"
        twin.names = {twin.cipher / path.name: name for path, name in self.names.items()}
        return twin

    def revoke(self) -> str:
        ask = f"{self.secret.read_text(encoding='utf-8')}{NEW_PASSWORD}\n{NEW_PASSWORD}\n"
        change = ["gocryptfs", "-passwd", "-q", str(self.cipher)]
        subprocess.run(change, input=ask.encode(), capture_output=True, check=False)
        self.secret.write_text(f"{NEW_PASSWORD}\n", encoding="utf-8")
        return "its password changed"

    def sealed_file(self, sealed: Path) -> Path:
        return next(path for path, name in self.names.items() if name == sealed.name)


TOOLS: Final[tuple[type[Tool], ...]] = (Age, Gpg, SevenZip, Gocryptfs)


def _run(*command: str) -> None:
    """Run it to its end; anything but success is `Refused`."""
    # Not through pipes: what gocryptfs leaves in the background would keep them open.
    quiet = subprocess.DEVNULL
    done = subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, check=False)
    if done.returncode:
        raise Refused(f"{command[0]} ended with {done.returncode}")
