"""``azukari witness`` and its sticks: what an attacker with the office's machine gets past them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from azukari.cli import exits
from azukari.cli.witness import WORDS
from azukari.errors import Refused
from azukari.ledger.checkpoint import ED25519, Signer, sign_note, vkey_of
from azukari.ledger.cosign import COSIGNATURE
from azukari.ledger.tree import root_of
from azukari.ledger.witnessing import decode_request, encode_request
from azukari.rehearse.clock import ms
from azukari.seal import documents as doc
from azukari.seal.envelope import SigningKey, Use, base64_of
from azukari.shelf import keyring
from azukari.witness.alarm import What

pytestmark = pytest.mark.real

AT = ms("2022-06-21 20:35")
NAME = "committee.example/w1"


@dataclass
class Desk:
    """An office, a committee member's laptop, and one stick between them."""

    site: Any
    run: Any
    folder: Path
    vkey: str = ""
    logs: dict[str, str] | None = None
    now: int = AT

    @property
    def home(self) -> Path:
        return self.folder / "committee"

    @property
    def stick(self) -> Path:
        return self.folder / "stick"

    def office(self, *words: object, **more: Any) -> Any:
        return self.run(*words, "--home", self.site.office, now=lambda: self.now, **more)

    def witness(self, *words: object) -> Any:
        return self.run("witness", *words, "--home", self.home, now=lambda: self.now)

    def request(self, which: str, *more: object) -> Path:
        made = self.office("ledger", "cosign-request", NAME, "--to", self.stick, *more)
        assert made.code == 0, made.err
        return self.stick / f"committee.example_w1-{which}.request"

    def back(self, which: str) -> Any:
        """There and back again."""
        answer = self.stick / f"{which}.answer"
        answer.unlink(missing_ok=True)
        ran = self.witness("cosign", self.request(which), "--out", answer)
        assert ran.code == 0, ran.err
        return self.office("ledger", "take-cosignature", answer)

    def seen(self, which: str) -> dict[str, Any]:
        """What the witness says of one ledger."""
        told = json.loads(self.witness("status", "--json").out)["logs"]
        found: dict[str, Any] = next(one for one in told if one["log"].endswith(f"/{which}"))
        return found

    def policy(self) -> Path:
        path = self.folder / "policy.txt"
        logs = "".join(f"log {vkey}\n" for vkey in (self.logs or {}).values())
        path.write_text(f"{logs}witness w {self.vkey}\nquorum w\n", encoding="utf-8")
        return path

    def tick(self, hours: int) -> None:
        for _ in range(hours):
            self.now += 3_600_000
            assert self.office("tick").code == 0


@pytest.fixture
def desk(site: Any, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("AZUKARI_PERSON", str(site.persons))
    made = Desk(site, run, tmp_path)
    init = run("init", "--site", "witness", "--name", NAME, "--home", made.home, "--json")
    made.vkey = json.loads(init.out)["vkey"]
    secret = site.secrets["officer"]
    added = made.office(
        "ledger", "witnesses", "add", made.vkey, "--as", "officer", "--json", person_fd=secret
    )
    made.logs = json.loads(added.out)["logs"]
    for which, vkey in json.loads(added.out)["logs"].items():
        (tmp_path / f"{which}.vkey").write_text(f"{vkey}\n")
        more = [] if which == "office" else ["--no-heartbeat"]
        assert made.witness("add-log", tmp_path / f"{which}.vkey", *more).code == 0
    return made


def test_a_laptop_needs_neither_database_nor_web_nor_the_rest_of_the_house() -> None:
    code = (
        "import sys; import azukari.cli.witness;"
        "print([m for m in ('sqlalchemy', 'litestar', 'granian', 'duckdb', 'pyarrow',"
        " 'azukari.desk', 'azukari.vault', 'azukari.keys') if m in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_a_witness_has_a_key_a_memory_and_settings_and_nothing_else(desk: Desk) -> None:
    found = {path.relative_to(desk.home).as_posix() for path in desk.home.rglob("*")}

    assert found - {"work.lock"} == {"azukari.toml", "keys", "keys/witness.key", "memory.json"}


def test_the_key_is_one_line(desk: Desk) -> None:
    assert f"{desk.vkey}\n" == desk.witness("key").out


@pytest.mark.parametrize("words", [["key"], ["status"], ["cosign", "x"], ["add-log", "a+b+c"]])
def test_an_office_is_no_witness(words: list[str], desk: Desk) -> None:
    assert desk.office("witness", *words).code == 5


def test_a_witness_is_no_office(desk: Desk) -> None:
    assert desk.run("ledger", "head", "--home", desk.home).code == 5


def test_json_of_a_status_has_every_number(desk: Desk) -> None:
    desk.back("office")

    office, keys = desk.seen("office"), desk.seen("keys")

    assert json.loads(desk.witness("status", "--json").out)["alarms"] == []
    assert (office["cosigned_at"], office["heartbeat"]) == (AT, True)
    assert (keys["size"], keys["cosigned_at"], keys["heartbeat"]) == (0, None, False)


def test_days_by_stick_with_a_tick_are_no_alarm(desk: Desk) -> None:
    for _ in range(3):
        desk.tick(24)
        assert desk.back("office").code == 0

        assert desk.witness("status").code == 0


def test_a_lost_answer_is_asked_for_again_from_where_the_witness_says(desk: Desk) -> None:
    """The stick with the answer was lost; the office does not know what was cosigned."""
    assert desk.witness("cosign", desk.request("office")).code == 0
    size = desk.seen("office")["size"]
    desk.tick(21)

    refused = desk.witness("cosign", desk.request("office"))
    again = desk.request("office", "--which", "office", "--old", size)

    assert refused.code == 11
    assert f"--old {size}" in refused.err
    assert desk.witness("cosign", again, "--out", desk.stick / "answer").code == 0
    assert desk.office("ledger", "take-cosignature", desk.stick / "answer").code == 0


def test_old_needs_the_ledger_it_is_of(desk: Desk) -> None:
    ran = desk.office("ledger", "cosign-request", NAME, "--to", desk.stick, "--old", 1)

    assert ran.code == 3


def test_an_answer_is_never_written_over_another(desk: Desk) -> None:
    request = desk.request("office")
    desk.stick.joinpath("answer").write_text("something")

    assert desk.witness("cosign", request, "--out", desk.stick / "answer").code == 11
    assert desk.stick.joinpath("answer").read_text() == "something"


def test_every_alarm_has_words_in_both_languages() -> None:
    assert set(What) == set(WORDS)
    for ja, en in WORDS.values():
        assert not ja.isascii()
        assert en.isascii()


# --- attacks by whoever has the office's machine


def test_rollback_a_copy_of_everything_put_back_cannot_ask_further(desk: Desk) -> None:
    """HOME, the keys' home and the checkpoint store as they were: nothing there remembers."""
    image = desk.folder / "image"
    shutil.copytree(desk.site.out, image)
    desk.tick(21)
    desk.back("office")
    size = desk.seen("office")["size"]
    shutil.rmtree(desk.site.out)
    shutil.copytree(image, desk.site.out)

    refused = desk.witness("cosign", desk.request("office"))
    ahead = desk.office(
        "ledger", "cosign-request", NAME, "--to", desk.stick, "--which", "office", "--old", size
    )

    assert (11, 18) == (refused.code, ahead.code)
    assert f"{size} entries were cosigned before, and " in refused.err
    assert "the city has forgotten" in refused.err
    assert f"{NAME} cosigned {size} entries of the ledger office" in ahead.err


def test_fork_shown_to_the_witness_convicts_whoever_signed_it(desk: Desk) -> None:
    """The administrator has the ledger's key, and signs another history of the same size."""
    desk.back("office")
    told = json.loads(desk.office("ledger", "head", "--json").out)
    log = keyring.signing_key(desk.site.office / "keys" / "log.key", Use.LOG_OFFICE)
    origin, size = told["origin"], told["size"]
    root = told["root"].replace(told["root"][0], "B" if told["root"][0] != "B" else "C", 1)
    forged = sign_note(Signer(origin, log.private), f"{origin}\n{size}\n{root}\n")
    desk.stick.joinpath("forged").write_bytes(encode_request(size, [], forged))

    ran = desk.witness("cosign", desk.stick / "forged")
    status = desk.witness("status")

    assert ran.code == 17
    assert "it convicts whoever signed it" in ran.err
    assert exits.NO == status.code
    assert "ALARM forked" in status.out
    [kept] = (desk.home / "evidence").glob("*.request")
    assert forged == decode_request(kept.read_bytes()).checkpoint
    assert desk.back("office").code == 0
    assert exits.NO == desk.witness("status").code, "a fork is never forgotten"


def test_a_stopped_tick_is_noticed_though_old_heads_are_brought_again(desk: Desk) -> None:
    desk.back("office")
    for _ in range(3):
        desk.now += 9 * 3_600_000
        assert desk.back("office").code == 0

    status = desk.witness("status", "--json")

    assert exits.NO == status.code
    assert ["silent"] == [one["what"] for one in json.loads(status.out)["alarms"]]


def test_a_clock_of_the_witness_set_back_is_noticed(desk: Desk) -> None:
    desk.back("office")
    desk.now -= 3_600_000

    assert "ALARM clock" in desk.witness("status").out
    assert desk.witness("cosign", desk.request("keys")).code == 14


def test_wrong_file_on_the_stick_is_refused(desk: Desk) -> None:
    desk.stick.mkdir()
    for raw in (
        b"",
        b"old 0\n",
        b"x" * 99_999,
        desk.site.office.joinpath("office.db").read_bytes(),
    ):
        desk.stick.joinpath("file").write_bytes(raw)

        assert desk.witness("cosign", desk.stick / "file").code == 4
        assert desk.office("ledger", "take-cosignature", desk.stick / "file").code in (4, 8)


# --- what an auditor makes of it


def exported(desk: Desk) -> Path:
    folder = desk.folder / "evidence"
    assert desk.office("ledger", "export", folder).code == 0
    return folder


def verify(desk: Desk, which: str, *more: object) -> Any:
    folder = desk.folder / "evidence"
    words = ["ledger", "verify", folder / which, "--vkey", desk.folder / f"{which}.vkey"]
    return desk.run(*words, *more, now=lambda: desk.now)


def test_an_export_carries_older_cosigned_heads_and_says_how_far_they_reach(desk: Desk) -> None:
    desk.back("office")
    desk.tick(21)
    folder = exported(desk) / "office"

    told = json.loads(verify(desk, "office", "--policy", desk.policy(), "--json").out)

    assert told["witnessed"] < told["size"] < 256
    assert (folder / f"tile/0/000.p/{told['witnessed']}").is_file()
    assert (folder / f"tile/entries/000.p/{told['witnessed']}").is_file()


def test_one_ledger_that_is_cosigned_claims_nothing_of_the_other(desk: Desk) -> None:
    """The other may be cosigned by nobody: which row applies is told of both or not at all."""
    desk.back("office")
    exported(desk)

    one = verify(desk, "office", "--policy", desk.policy(), "--json")
    both = desk.run(
        *("ledger", "verify", desk.folder / "evidence", "--policy", desk.policy()),
        *(f"--vkey={desk.folder / f'{which}.vkey'}" for which in ("office", "keys")),
        now=lambda: desk.now,
    )

    assert (0, 8) == (one.code, both.code)
    assert json.loads(one.out).keys().isdisjoint({"setup", "holds"})
    assert "/keys: too few witnesses" in both.err


def test_a_strangers_program_verifies_what_was_exported_and_proved(
    desk: Desk, go_verifier: Path
) -> None:
    """With another entry in the proof's place, and with an entry changed, it says no."""
    desk.back("office")
    desk.tick(21)
    folder = exported(desk) / "office"
    proof = desk.folder / "2.tlog-proof"
    assert desk.office("ledger", "prove", "2", "--to", proof).code == 0

    def stranger(entry: Path) -> tuple[int, dict[str, Any]]:
        vkey = (desk.folder / "office.vkey").read_text().strip()
        words: list[str | Path] = [
            "verify",
            folder,
            vkey,
            "--witness",
            desk.vkey,
            "--proof",
            proof,
            entry,
        ]
        ran = subprocess.run([go_verifier, *words], capture_output=True, text=True, check=False)
        return ran.returncode, json.loads(ran.stdout)

    entry = proof.with_suffix(".entry")
    status, said = stranger(entry)
    assert (0, True) == (status, said["ok"]), said
    cosigned = said["cosigned"][0]["size"]
    assert [{"witness": NAME, "size": cosigned, "time": AT // 1000}] == said["cosigned"]
    assert [(2, cosigned)] == [(one["index"], one["size"]) for one in said["proofs"]]
    assert cosigned < said["size"]

    status, said = stranger(desk.folder / "office.vkey")
    assert (1, f"{proof}: the entry is not number 2") == (status, said["error"].split(" of ")[0])

    bundle = next((folder / "tile/entries").glob("000.p/*"))
    bundle.write_bytes(bundle.read_bytes().replace(b'"v":1', b'"v":2', 1))
    assert stranger(entry)[0] == 1


def test_a_ledger_that_no_witness_cosigned_fails_the_policy(desk: Desk) -> None:
    desk.back("office")
    exported(desk)

    ran = verify(desk, "keys", "--policy", desk.policy())

    assert ran.code == 8
    assert "too few witnesses" in ran.err
    assert verify(desk, "keys").code == 0


def test_cosigned_heads_taken_away_from_an_export_are_missed(desk: Desk) -> None:
    desk.back("office")
    desk.tick(21)
    shutil.rmtree(exported(desk) / "office" / "cosigned")

    assert verify(desk, "office", "--policy", desk.policy()).code == 8


def test_a_head_hidden_under_another_name_is_refused(desk: Desk) -> None:
    """It would be counted for a witness, and never held against the files of its size."""
    desk.back("office")
    heads = exported(desk) / "office" / "cosigned"
    (heads / "0").rename(heads / "7")

    ran = verify(desk, "office", "--policy", desk.policy())

    assert ran.code == 3, ran.err
    assert "cosigned: files 0, 1, 2" in ran.err


def test_history_rewritten_after_a_witness_signed_is_a_fork_to_the_auditor(desk: Desk) -> None:
    """A whole other history, signed with the true key; the cosigned head is left beside it."""
    desk.back("office")
    folder = exported(desk) / "office"
    log = keyring.signing_key(desk.site.office / "keys" / "log.key", Use.LOG_OFFICE)
    origin = json.loads(desk.office("ledger", "head", "--json").out)["origin"]
    for path in [p for p in folder.rglob("*") if p.is_file() and p.parent.name != "cosigned"]:
        path.unlink()
    shutil.rmtree(folder / "tile", ignore_errors=True)
    (folder / "checkpoint").write_bytes(
        sign_note(Signer(origin, log.private), f"{origin}\n0\n{_empty()}\n")
    )

    ran = verify(desk, "office", "--policy", desk.policy())
    assert ran.code == 18
    assert "signed by this ledger and in the name of committee.example/w1, and 0 are" in ran.err
    shutil.rmtree(folder / "cosigned")
    assert verify(desk, "office").code == 0, "without a witness nobody could tell"


def _empty() -> str:
    return base64_of(root_of([]))


def test_an_export_says_what_the_office_proposes_and_nobody_reads_it_unasked(desk: Desk) -> None:
    desk.back("office")
    proposed = exported(desk).joinpath("policy")

    assert desk.office("ledger", "policy").out == proposed.read_text()
    assert 0 == verify(desk, "office", "--policy", proposed).code
    proposed.write_text("quorum nobody\n")
    assert 0 == verify(desk, "office").code


def test_a_policy_that_asks_nobody_claims_nothing(desk: Desk) -> None:
    desk.back("office")
    exported(desk)
    policy = desk.folder / "none.txt"
    policy.write_text("quorum none\n")

    told = json.loads(verify(desk, "office", "--policy", policy, "--json").out)

    assert told["witnessed"] is None
    assert "setup" not in told


def test_the_audit_with_a_policy_needs_both_ledgers_cosigned(desk: Desk) -> None:
    desk.back("office")

    half = desk.office("ledger", "audit", "--policy", desk.policy(), "--json")
    desk.back("keys")
    whole = desk.office("ledger", "audit", "--policy", desk.policy(), "--json")

    told = json.loads(half.out)
    assert (exits.NO, "one machine, no witness") == (half.code, told["setup"])
    assert [("keys", "too few witnesses of the policy cosigned it")] == [
        (one["ledger"], one["what"]) for one in told["findings"]
    ]
    assert (0, "one machine + a witness elsewhere") == (whole.code, json.loads(whole.out)["setup"])


def test_the_city_s_signed_policy_is_believed_under_its_root_alone(desk: Desk) -> None:
    secret = desk.site.secrets["officer"]
    desk.back("office")
    exported(desk)
    desk.folder.joinpath("two").write_bytes(b"a passphrase of the root\n" + secret + b"\n")
    issued = desk.office(
        "trust", "issue", "--root", "city-root", "--new", "--to", desk.folder / "out",
        "--as", "officer", person_fd=b"a passphrase of the root\n" + secret,
    )  # fmt: skip
    assert issued.code == 0, issued.err
    signed, root = desk.folder / "out" / "policy.json", desk.folder / "out" / "city-root.pub"

    assert verify(desk, "office", "--policy", signed, "--root", root).code == 0
    assert verify(desk, "office", "--policy", signed).code == 3
    other = SigningKey.generate(Use.ROOT)
    root.write_text(base64_of(other.public.der))
    assert verify(desk, "office", "--policy", signed, "--root", root).code == 8


def test_a_key_of_small_order_is_no_witness_and_no_ledger(desk: Desk) -> None:
    point = (1).to_bytes(32, "little")
    secret = desk.site.secrets["officer"]

    assert desk.witness("add-log", vkey_of("ledger.example", ED25519, point)).code == 4
    assert 4 == desk.office(
        "ledger", "witnesses", "add", vkey_of("w.example", COSIGNATURE, point), "--as", "officer",
        person_fd=secret,
    ).code  # fmt: skip


# --- a public site


def test_a_public_site_holds_two_files_of_the_city_and_takes_newer_ones(desk: Desk) -> None:
    both = b"a passphrase of the root\n" + desk.site.secrets["officer"]

    def issued(name: str, *more: str) -> Path:
        words = ["trust", "issue", "--root", "city-root", *more, "--as", "officer"]
        assert desk.office(*words, "--to", desk.folder / name, person_fd=both).code == 0
        [bundle] = (desk.folder / name).glob("trust-*.json")
        return bundle

    bundle, home = issued("out", "--new"), desk.folder / "public"
    root = desk.folder / "out" / "city-root.pub"
    words = ["--root", root, "--trust", bundle, "--city", "0" * 26]
    desk.now += 60_000
    newer = issued("later")

    def take(file: Path) -> int:
        code: int = desk.run("in", file, "--home", home, now=lambda: desk.now).code
        return code

    assert desk.run("init", "--site", "public", *words, "--home", home).code == 0
    assert {p.name for p in home.iterdir()} == {"azukari.toml", "root.pub", "trust.json"}
    assert take(newer) == 0
    assert newer.read_bytes() == (home / "trust.json").read_bytes()
    assert take(newer) == 0, "known already"
    assert take(bundle) == 11
    assert take(desk.site.office / "azukari.toml") == 4


def test_a_public_site_keeps_the_newest_word_on_who_no_longer_counts(desk: Desk) -> None:
    both = b"a passphrase of the root\n" + desk.site.secrets["officer"]
    words = ["trust", "issue", "--root", "city-root", "--new", "--as", "officer"]
    desk.office(*words, "--to", desk.folder / "out", person_fd=both)
    [bundle] = (desk.folder / "out").glob("trust-*.json")
    home, root = desk.folder / "public", desk.folder / "out" / "city-root.pub"
    given = ["--root", root, "--trust", bundle, "--city", "0" * 26]
    assert desk.run("init", "--site", "public", *given, "--home", home).code == 0
    key = keyring.signing_key(desk.site.office / "keys" / "order.key", Use.ORDER)

    def status(serial: int, signer: SigningKey = key, left: tuple[str, ...] = ()) -> int:
        word = doc.Status(
            id="1" * 26, serial=serial, at=desk.now, suspended=[], left=list(left), revoked=[]
        )
        path = desk.folder / "status.json"
        path.write_bytes(doc.issue(word, signer))
        code: int = desk.run("in", path, "--home", home, now=lambda: desk.now).code
        return code

    assert status(2) == 0
    kept = (home / "status.json").read_bytes()
    assert status(2) == 0, "known already"
    assert status(1) == 11, "older"
    assert status(2, left=("2" * 26,)) == 11, "another one with its serial"
    assert status(3, SigningKey.generate(Use.ORDER)) == 8, "another key"
    assert kept == (home / "status.json").read_bytes()
    assert status(3, left=("2" * 26,)) == 0
    assert kept != (home / "status.json").read_bytes()


def test_a_public_site_has_no_use_for_anybody_s_documents(desk: Desk) -> None:
    both = b"a passphrase of the root\n" + desk.site.secrets["officer"]
    words = ["trust", "issue", "--root", "city-root", "--new", "--as", "officer"]
    desk.office(*words, "--to", desk.folder / "out", person_fd=both)
    [bundle] = (desk.folder / "out").glob("trust-*.json")
    home, root = desk.folder / "public", desk.folder / "out" / "city-root.pub"
    given = ["--root", root, "--trust", bundle, "--city", "0" * 26]
    assert desk.run("init", "--site", "public", *given, "--home", home).code == 0
    order = desk.office("order", "show", desk.site.order, "--to", desk.folder / "post")
    assert order.code == 0, order.err
    [file] = (desk.folder / "post").glob("order-*.json")

    ran = desk.run("in", file, "--home", home, now=lambda: desk.now)

    assert exits.CODES[Refused] == ran.code
    assert "post_for_another_site" in ran.err
