"""The kit: installed without an index by what its page says, and nothing slips into it."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import zipfile
from html import unescape
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from packaging.utils import canonicalize_name, parse_wheel_filename
from tools import kit, sshsig

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
REAL = Path(__file__).parent.parent.parent / "dist" / "kit"
TAG = {"windows": "cp311-cp311-win_amd64", "linux": "cp311-cp311-manylinux_2_17_x86_64"}
#: Spelled so that this file does not name them either.
NOWHERE = re.compile(r"p[y]pi|pythonh[o]sted|/(?:work|root|tmp|home)/|https?:")
verifies = pytest.mark.skipif(
    shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed"
)


def pack(folder: Path, name: str, version: str, tag: str, note: str = "") -> Path:
    """A wheel with nothing in it but what it is called."""
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-{tag}.whl"
    paper = f"{stem}.dist-info"
    with zipfile.ZipFile(path, "w") as file:
        said = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {note}\n"
        file.writestr(f"{paper}/METADATA", said)
        wheel = f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
        file.writestr(f"{paper}/WHEEL", wheel)
        file.writestr(f"{paper}/RECORD", "")
    return path


def stand_ins(machine: str, wanted: kit.Locked, folder: Path) -> None:
    """Instead of an index: an empty wheel for everything the lock names."""
    for name, (version, _) in wanted.items():
        pack(folder, name, version, TAG[machine])


def lines(folder: Path, system: str, page: str = "install.txt") -> list[str]:
    """The commands a page gives for one system, in order, with the kit where it lies."""
    text = (folder / page).read_text("utf-8")
    other = "Windows" if system == "Linux" else "Linux"
    if page.endswith(".html"):
        parts = re.findall(rf"(?s)<h3>{system}.*?<pre>(.*?)</pre>", text)
        found = [unescape(line) for part in parts for line in part.splitlines()]
    else:
        parts = re.findall(rf"(?ms)^{system}[^\n]*:\n\n(.*?)(?=^{other}|^2\.|\Z)", text)
        found = [each[4:] for part in parts for each in part.splitlines() if each[:4] == "    "]
    return [f'KIT="{folder}"' if line.startswith("KIT=") else line for line in found]


def shell(commands: list[str], where: Path) -> subprocess.CompletedProcess[str]:
    """Type them, one after another, where `python3` is the Python of these tests."""
    names = where / "names"
    if not names.exists():
        names.mkdir()
        (names / "python3").symlink_to(Path(sys.executable).resolve())
    script = "\n".join(["set -e", *commands])
    environ = {"PATH": f"{names}:/usr/bin:/bin", "HOME": str(where), "LANG": "C.UTF-8"}
    return subprocess.run(
        ["/bin/sh", "-c", script], cwd=where, env=environ, text=True, capture_output=True
    )


@pytest.fixture(scope="session")
def whole(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kit with the real wheel of ours, and stand-ins for everybody else's."""
    folder = tmp_path_factory.mktemp("kit")
    kit.assemble(folder, wheel, KEY, tryout=False, fetch=stand_ins)
    return folder


@pytest.fixture
def given(whole: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(whole, tmp_path / "kit"))


@pytest.fixture
def install(tmp_path: Path) -> list[str]:
    """pip as the page calls it, into a new environment: a list is to be added."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    into = ["--python", str(tmp_path / "env" / "bin" / "python")]
    return [sys.executable, "-I", "-m", "pip", "--quiet", *into, "install", "--no-index"]


def by_list(install: list[str], folder: Path, site: str) -> subprocess.CompletedProcess[str]:
    line = [*install, "--find-links", str(folder), "--require-hashes"]
    line += ["--no-deps"] if site == "call-centre" else []
    line += ["-r", str(folder / f"{site}.txt")]
    return subprocess.run(line, cwd=folder.parent, text=True, capture_output=True)


def in_it(tmp_path: Path) -> set[str]:
    found = (tmp_path / "env").rglob("*.dist-info")
    return {path.name.partition("-")[0].replace("_", "-").lower() for path in found}


# --- what is in it


def test_every_file_is_on_the_list_and_the_list_is_true(whole: Path) -> None:
    said = dict(line.split()[::-1] for line in (whole / kit.SUMS).read_text().splitlines())
    there = {path.name for path in whole.iterdir()} - {kit.SUMS, kit.SIGNATURE, kit.SIGNERS}

    assert there == set(said)
    for name, digest in said.items():
        assert hashlib.sha256((whole / name).read_bytes()).hexdigest() == digest


def test_windows_gets_what_only_windows_needs(wheel: Path) -> None:
    """It has no time zones of its own, and days are counted as a city's days."""
    assert "tzdata" in kit.at_a_call_centre(wheel, "windows")
    assert "tzdata" not in kit.at_a_call_centre(wheel, "linux")


@pytest.mark.parametrize("machine", kit.MACHINES)
def test_all_that_is_needed_is_in_the_lock(wheel: Path, machine: str) -> None:
    lock = kit.locked(kit.LOCK.read_text("utf-8"), machine)

    assert kit.at_a_call_centre(wheel, machine) < kit.at_an_office(wheel, machine) <= set(lock)
    assert all(hashes for _, hashes in lock.values())


def test_what_is_not_in_the_lock_is_not_fetched(
    wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = kit.LOCK.read_text("utf-8")
    short = tmp_path / "short.txt"
    short.write_text(text[: text.index("msgspec==")] + text[text.index("numpy==") :], "utf-8")
    monkeypatch.setattr(kit, "LOCK", short)

    with pytest.raises(SystemExit, match=r"not in short\.txt for windows: msgspec"):
        kit.assemble(tmp_path, wheel, KEY, tryout=False, fetch=stand_ins)


def test_conditions_of_the_lock_are_decided_for_the_machine_it_is_for() -> None:
    text = (
        "a==1 ; sys_platform == 'win32' \\\n    --hash=sha256:aa\n    # via b\n"
        "b==2 ; sys_platform == 'linux' \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"
        "c==3 ; python_full_version >= '3.12' \\\n    --hash=sha256:dd\n"
    )

    assert {"a": ("1", ["sha256:aa"])} == kit.locked(text, "windows")
    assert {"b": ("2", ["sha256:bb", "sha256:cc"])} == kit.locked(text, "linux")


def test_the_pages_name_no_place_of_ours_and_lead_nowhere(whole: Path) -> None:
    """pip reads pages in a folder of wheels, too: one with links would be a source."""
    for path in (path for path in whole.iterdir() if path.suffix != ".whl"):
        assert not NOWHERE.search(path.read_text("utf-8")), path.name
    assert "href" not in (whole / "install.html").read_text("utf-8")


@pytest.mark.parametrize("system", ["Linux", "Windows"])
def test_both_pages_give_the_same_commands(whole: Path, system: str) -> None:
    assert 6 == len(lines(whole, system))
    assert lines(whole, system) == lines(whole, system, "install.html")


@pytest.mark.parametrize("tryout", [True, False])
def test_a_try_out_is_called_one(wheel: Path, tmp_path: Path, tryout: bool) -> None:
    kit.assemble(tmp_path, wheel, KEY, tryout=tryout, fetch=stand_ins)

    for page in kit.PAGES:
        assert tryout == ("try-out" in (tmp_path / page).read_text("utf-8"))
        assert "Windows での動作は試験していません" in (tmp_path / page).read_text("utf-8")


def test_a_folder_that_is_no_kit_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine").write_text("mine")
    monkeypatch.setattr(sys, "argv", ["kit", "--out", str(tmp_path)])

    with pytest.raises(SystemExit, match="is no kit"):
        kit.main()

    assert "mine" == (tmp_path / "mine").read_text()


# --- step 1


@verifies
def test_the_first_step_tells_the_signer_and_that_nothing_was_changed(
    whole: Path, tmp_path: Path
) -> None:
    said = shell(lines(whole, "Linux")[:3], tmp_path)

    assert 0 == said.returncode, said.stderr
    assert sshsig.fingerprint(KEY) in said.stdout.splitlines()[0]
    assert "whole" == said.stdout.splitlines()[1]


@verifies
def test_openssh_signs_the_same_bytes(whole: Path, tmp_path: Path) -> None:
    private = KEY.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    (tmp_path / "key").write_bytes(private)
    (tmp_path / "key").chmod(0o600)
    shutil.copy(whole / kit.SUMS, tmp_path / "list")

    line = ["ssh-keygen", "-q", "-Y", "sign", "-f", "key", "-n", kit.WHO, "list"]
    subprocess.run(line, cwd=tmp_path, check=True, capture_output=True)

    assert (tmp_path / "list.sig").read_text() == (whole / kit.SIGNATURE).read_text()


@verifies
def test_a_changed_list_is_noticed(given: Path, tmp_path: Path) -> None:
    listed = (given / kit.SUMS).read_bytes()
    (given / kit.SUMS).write_bytes(listed.replace(b"0", b"1", 1))

    said = shell(lines(given, "Linux")[:2], tmp_path)

    assert 0 != said.returncode
    assert "Good" not in said.stdout


@verifies
def test_a_list_signed_by_somebody_else_shows_another_fingerprint(
    given: Path, tmp_path: Path
) -> None:
    """Whoever changes the folder can sign it too; what they cannot do is be the one you know."""
    other = Ed25519PrivateKey.generate()
    listed = (given / kit.SUMS).read_bytes()
    (given / kit.SIGNATURE).write_text(sshsig.signature(other, listed, kit.WHO))
    refused = shell(lines(given, "Linux")[:2], tmp_path)
    (given / kit.SIGNERS).write_text(sshsig.signer(other, kit.WHO))

    said = shell(lines(given, "Linux")[:2], tmp_path)

    assert 0 != refused.returncode
    assert sshsig.fingerprint(KEY) not in said.stdout
    assert sshsig.fingerprint(other) in said.stdout


def test_a_changed_file_is_named(given: Path, tmp_path: Path) -> None:
    (given / "office.txt").write_text("evil==1\n")

    said = shell([lines(given, "Linux")[i] for i in (0, 2)], tmp_path)

    assert "['office.txt']" == said.stdout.strip()


def test_a_program_slipped_into_the_kit_does_not_run_before_it_is_verified(
    given: Path, tmp_path: Path
) -> None:
    """A module named like one of Python's own would run in the very command that verifies."""
    for name in ("hashlib.py", "sys.py", "pip.py"):
        (given / name).write_text("raise SystemExit('slipped in')\n")

    said = shell(["cd kit", *(lines(given, "Linux")[i] for i in (0, 2))], tmp_path)

    assert "whole" == said.stdout.strip(), said.stderr


# --- step 2: pip installs into an environment, which takes its seconds


@pytest.mark.real
@pytest.mark.parametrize("site", ["office", "call-centre"])
def test_a_site_gets_what_is_on_its_list_and_nothing_else(
    whole: Path, wheel: Path, install: list[str], tmp_path: Path, site: str
) -> None:
    listed = {line.partition("==")[0] for line in (whole / f"{site}.txt").read_text().splitlines()}

    said = by_list(install, whole, site)

    assert 0 == said.returncode, said.stderr
    assert listed == in_it(tmp_path)
    assert ("sqlalchemy" in listed) == (site == "office")


@pytest.mark.real
def test_a_changed_wheel_is_not_installed(given: Path, install: list[str], tmp_path: Path) -> None:
    (old,) = given.glob("msgspec-*manylinux*.whl")
    version = old.name.split("-")[1]
    pack(given, "msgspec", version, TAG["linux"], note="changed")

    said = by_list(install, given, "office")

    assert "DO NOT MATCH THE HASHES" in said.stderr
    assert not in_it(tmp_path)


@pytest.mark.real
def test_a_newer_wheel_slipped_into_the_kit_is_not_installed(
    given: Path, install: list[str], tmp_path: Path
) -> None:
    pack(given, "azukari", "99.0", "py3-none-any")
    pack(given, "click", "99.0", "py3-none-any")

    said = by_list(install, given, "office")

    assert 0 == said.returncode, said.stderr
    names = {path.name for path in (tmp_path / "env").rglob("*.dist-info")}
    assert not [name for name in names if "99.0" in name]


@pytest.mark.real
def test_the_plain_name_is_enough_where_the_folder_is_trusted(
    whole: Path, install: list[str], tmp_path: Path
) -> None:
    line = [*install, "--find-links", str(whole), "azukari"]

    subprocess.run(line, cwd=tmp_path, check=True, capture_output=True)

    assert {"azukari", "sqlalchemy"} <= in_it(tmp_path)
    assert "duckdb" not in in_it(tmp_path)


# --- the real one


@pytest.mark.real
@pytest.mark.skipif(not REAL.is_dir(), reason="no kit here: make kit builds one")
def test_the_program_runs_after_the_two_steps_of_the_page(tmp_path: Path) -> None:
    said = shell(lines(REAL, "Linux"), tmp_path)

    assert 0 == said.returncode, said.stderr
    assert re.search(r"(?m)^azukari \d+\.\d+\.\d+$", said.stdout)


@pytest.mark.real
@pytest.mark.skipif(not REAL.is_dir(), reason="no kit here: make kit builds one")
@pytest.mark.parametrize("machine", kit.MACHINES)
def test_every_wheel_finds_what_it_needs_in_the_kit(machine: str) -> None:
    """By the papers of the wheels themselves, which for Windows nobody here has installed."""
    listed = (REAL / "office.txt").read_text("utf-8")
    there = {line.partition("==")[0] for line in listed.splitlines()}
    mark = "win_amd64" if machine == "windows" else "manylinux"
    ours = [p for p in REAL.glob("*.whl") if mark in p.name or p.name.endswith("-any.whl")]

    assert {parse_wheel_filename(path.name)[0] for path in ours} >= there - {"tzdata"}
    for path in ours:
        for wanted in kit.needs(path):
            if wanted.marker is None or wanted.marker.evaluate(kit.MACHINES[machine]):
                assert canonicalize_name(wanted.name) in there, f"{path.name}: {wanted}"
