"""Build the kit: one folder that installs azukari on a machine without a network.

Wheels for Windows and Linux as the lock names them, two lists for pip with a hash each, one list
of everything in the folder, signed, and a page with two steps.  Not part of the package; the only
thing here that asks an index, and what it brings is believed for its hash in the lock alone.

    .venv/bin/python -m tools.kit --key release.key
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from email.parser import BytesParser
from importlib.metadata import requires
from pathlib import Path
from typing import Final

import jinja2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from tools import sshsig

CHECKOUT: Final = Path(__file__).parent.parent
LOCK: Final = CHECKOUT / "requirements" / "run.txt"
PAGES: Final = ("install.html", "install.txt")
SUMS, SIGNATURE, SIGNERS = "SHA256SUMS", "SHA256SUMS.sig", "allowed_signers"
WHO: Final = "azukari-kit"  # the signer's name and the signature's one use
#: A call centre has no database of the office, and its machine gets no program for one.
NOT_AT_A_CALL_CENTRE: Final = frozenset({"sqlalchemy"})

_PYTHON: Final = {"python_version": "3.11", "python_full_version": "3.11.0"}
_C: Final = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
#: machine -> what its Python says of itself, as far as dependencies ask.
MACHINES: Final[dict[str, dict[str, str]]] = {
    "windows": _PYTHON
    | _C
    | {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"}
    | {"platform_machine": "AMD64"},
    "linux": _PYTHON
    | _C
    | {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"}
    | {"platform_machine": "x86_64"},
}
#: machine -> the names wheels give it; Linux with glibc 2.28 or newer.
PLATFORMS: Final = {
    "windows": ["win_amd64"],
    "linux": [f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)]
    + ["manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"],
}

Locked = Mapping[str, tuple[str, list[str]]]  # package -> (version, its hashes)
Download = Callable[[str, Locked, Path], None]


def locked(text: str, machine: str) -> dict[str, tuple[str, list[str]]]:
    """What the lock says for one machine.

    Its conditions are decided here, because pip would decide them for the machine it runs on.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        said, *hashes = line.split("--hash=")
        wanted = Requirement(said)
        if wanted.marker is None or wanted.marker.evaluate(_environment(machine)):
            (version,) = wanted.specifier
            found[canonicalize_name(wanted.name)] = version.version, [h.strip() for h in hashes]
    return found


def closure(roots: Iterable[Requirement], machine: str) -> set[str]:
    """The packages these need on a machine, by what the installed ones say of themselves."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    waiting = [(wanted, "") for wanted in roots]
    while waiting:
        wanted, extra = waiting.pop()
        if wanted.marker and not wanted.marker.evaluate(_environment(machine) | {"extra": extra}):
            continue
        name = canonicalize_name(wanted.name)
        found.add(name)
        for own in {"", *wanted.extras}:
            if (name, own) not in seen:
                seen.add((name, own))
                waiting += [(Requirement(text), own) for text in requires(name) or ()]
    return found


def needs(wheel: Path, extras: Iterable[str] = ()) -> list[Requirement]:
    """What our wheel says it needs, with these extras."""
    with zipfile.ZipFile(wheel) as file:
        (paper,) = [n for n in file.namelist() if n.endswith(".dist-info/METADATA")]
        said = BytesParser().parsebytes(file.read(paper)).get_all("Requires-Dist") or []
    found = []
    for wanted in map(Requirement, said):
        if wanted.marker and "extra" in str(wanted.marker):
            if not any(wanted.marker.evaluate({"extra": extra}) for extra in extras):
                continue
            wanted.marker = None  # chosen
        found.append(wanted)
    return found


def at_a_call_centre(wheel: Path, machine: str) -> set[str]:
    """The packages a call centre's machine gets."""
    roots = [each for each in needs(wheel) if each.name not in NOT_AT_A_CALL_CENTRE]
    return closure(roots, machine)


def at_an_office(wheel: Path, machine: str) -> set[str]:
    """The packages of a machine that decides and rehearses."""
    return closure(needs(wheel, ["decide"]), machine)


def download(machine: str, wanted: Locked, folder: Path) -> None:
    """Fetch one wheel for each package, with the hashes of the lock, through pip."""
    lines = [
        " ".join([f"{name}=={version}", *(f"--hash={h}" for h in hashes)])
        for name, (version, hashes) in sorted(wanted.items())
    ]
    with tempfile.TemporaryDirectory() as scratch:
        listed = Path(scratch) / "wanted.txt"
        listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
        line = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        line += ["--require-hashes", "--only-binary=:all:", "--python-version", "3.11"]
        line += ["--implementation", "cp", "--dest", str(folder), "--requirement", str(listed)]
        line += [word for name in PLATFORMS[machine] for word in ("--platform", name)]
        if subprocess.run(line, check=False).returncode:
            raise SystemExit(f"kit: not every wheel for {machine} could be had")


def assemble(
    folder: Path, wheel: Path, key: Ed25519PrivateKey, *, tryout: bool, fetch: Download = download
) -> str:
    """Put the whole kit into an empty folder; returns the signing key's fingerprint."""
    text = LOCK.read_text(encoding="utf-8")
    sites: dict[str, set[str]] = {"office": set(), "call-centre": set()}
    for machine in MACHINES:
        lock = locked(text, machine)
        office, centre = at_an_office(wheel, machine), at_a_call_centre(wheel, machine)
        if missing := office - set(lock):
            raise SystemExit(f"kit: not in {LOCK.name} for {machine}: {', '.join(sorted(missing))}")
        fetch(machine, {name: lock[name] for name in office}, folder)
        sites["office"] |= office
        sites["call-centre"] |= centre
    shutil.copy(wheel, folder)
    for site, packages in sites.items():
        listed = for_pip(folder, {"azukari", *packages})
        (folder / f"{site}.txt").write_text(listed, encoding="utf-8", newline="\n")
    says = {"version": wheel.name.split("-")[1], "tryout": tryout}
    says |= {"who": WHO, "sums": SUMS, "signature": SIGNATURE, "signers": SIGNERS}
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    for name in PAGES:
        page = (Path(__file__).parent / f"kit_{name}").read_text(encoding="utf-8")
        made = environment.from_string(page).render(says)
        (folder / name).write_text(made + "\n", encoding="utf-8", newline="\n")
    sums = sums_of(folder)
    (folder / SUMS).write_bytes(sums)
    (folder / SIGNATURE).write_text(
        sshsig.signature(key, sums, WHO), encoding="ascii", newline="\n"
    )
    (folder / SIGNERS).write_text(sshsig.signer(key, WHO), encoding="ascii", newline="\n")
    return sshsig.fingerprint(key)


def for_pip(folder: Path, packages: Iterable[str]) -> str:
    """A list that makes pip take these wheels and no others: version and hash of each."""
    wheels: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.whl")):
        wheels.setdefault(parse_wheel_filename(path.name)[0], []).append(path)
    lines = []
    for name in sorted(packages):
        (version,) = {parse_wheel_filename(path.name)[1] for path in wheels[name]}
        hashes = (f"--hash=sha256:{_sha256(path)}" for path in wheels[name])
        lines.append(" ".join([f"{name}=={version}", *hashes]))
    return "\n".join(lines) + "\n"


def sums_of(folder: Path) -> bytes:
    """Hash and name of every file, as `sha256sum` writes them."""
    return b"".join(f"{_sha256(p)}  {p.name}\n".encode() for p in sorted(folder.iterdir()))


def main() -> None:
    """Build the wheel, then the kit around it; an earlier kit is replaced only by a whole one."""
    parser = argparse.ArgumentParser(description="Build the kit.")
    parser.add_argument("--key", type=Path, help="Ed25519 key; without it, one for a try-out")
    parser.add_argument("--out", type=Path, default=CHECKOUT / "dist" / "kit")
    asked = parser.parse_args()
    if asked.out.exists() and not (asked.out / SUMS).is_file():
        raise SystemExit(f"kit: {asked.out.name} is there and is no kit")
    key = sshsig.load_key(asked.key) if asked.key else Ed25519PrivateKey.generate()
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".kit-", dir=asked.out.parent) as scratch:
        line = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", scratch]
        if (built := subprocess.run(line, cwd=CHECKOUT, capture_output=True)).returncode:
            raise SystemExit(f"kit: the wheel was not built\n{built.stderr.decode()}")
        (wheel,) = Path(scratch).glob("*.whl")
        made = Path(scratch) / "kit"
        made.mkdir()
        said = assemble(made, wheel, key, tryout=asked.key is None)
        if asked.out.exists():
            shutil.rmtree(asked.out)
        made.rename(asked.out)
    if asked.key is None:
        print("kit: signed by a key made on the spot, which proves nothing: a try-out")
    print(f"kit: {asked.out}: signed by {said}")


def _environment(machine: str) -> dict[str, str]:
    return {name: str(value) for name, value in default_environment().items()} | MACHINES[machine]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
