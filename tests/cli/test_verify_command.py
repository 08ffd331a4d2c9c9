"""``azukari ledger verify`` and ``prove``: what a stranger finds out from files alone."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from azukari import settings
from azukari.cli import exits
from azukari.errors import NotFound
from azukari.ledger import tiles
from azukari.ledger.audit import verify_export
from azukari.ledger.checkpoint import Checkpoint, Signer, parse_vkey, sign_note, split_note
from azukari.ledger.cosign import Cosigner, cosign
from azukari.ledger.entry import Entry, encode
from azukari.ledger.tree import leaf_hash, root_of
from azukari.names import new_id
from azukari.seal.envelope import Use
from azukari.shelf import keyring


@pytest.fixture
def exported(run: Any, site: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "evidence"
    assert 0 == run("ledger", "export", folder, "--home", site.office).code
    return folder


def vkeys(exported: Path) -> list[str]:
    return [f"--vkey={exported / name / 'vkey'}" for name in ("office", "keys")]


def test_both_ledgers_of_an_export_are_verified_together(run: Any, exported: Path) -> None:
    ran = run("ledger", "verify", exported, *vkeys(exported), "--json")

    assert 0 == ran.code, ran.err
    told = json.loads(ran.out)
    assert {"office", "keys", "findings", "carriers"} == set(told)
    assert [] == told["findings"]


def test_attack_one_ledger_handed_out_as_both(run: Any, exported: Path) -> None:
    for which, other in (("office", "keys"), ("keys", "office")):
        twice = exported.with_name(which)
        for name in ("office", "keys"):
            shutil.copytree(exported / which, twice / name)

        assert 3 == run("ledger", "verify", twice, *vkeys(exported)).code
        only = f"--vkey={exported / other / 'vkey'}"
        assert 8 == run("ledger", "verify", twice, only).code


def test_attack_the_tail_of_one_ledger_kept_back(run: Any, site: Any, exported: Path) -> None:
    """An export of the keys' ledger from before the sealing, beside the office's of today."""
    home = settings.keys_home(site.office, settings.load(site.office))
    vkey = parse_vkey((exported / "keys" / "vkey").read_text().strip())
    signer = Signer(vkey.name, keyring.signing_key(home / "log.key", Use.LOG_KEYS).private)
    read = (exported / "keys").joinpath
    entries = verify_export(lambda path: _bytes(read(path)), vkey.vkey())
    shutil.rmtree(exported / "keys" / "tile")
    put(exported / "keys", whole(list(map(encode, entries[:8])), signer))

    ran = run("ledger", "verify", exported, *vkeys(exported), "--json")

    assert exits.NO == ran.code, ran.err
    whats = {finding["what"] for finding in json.loads(ran.out)["findings"]}
    assert "grant.issued is unpaired: no key.released" in whats
    assert any("of the other ledger, which has fewer" in what for what in whats)


def test_attack_a_release_after_its_revocation_in_an_export(run: Any, tmp_path: Path) -> None:
    key, carrier = Signer("a.example/keys", Ed25519PrivateKey.generate()), new_id()
    kinds = ("key.created", "carrier.revoked", "key.released")
    entries = [
        Entry(act=new_id(), at=1, by=new_id(), log=key.name, n={}, refs=(carrier,), type=kind, v=1)
        for kind in kinds
    ]
    put(tmp_path, whole(list(map(encode, entries)), key))

    ran = run("ledger", "verify", tmp_path, "--vkey", key.verifier().vkey(), "--json")

    assert exits.NO == ran.code
    told = json.loads(ran.out)
    assert [2, "a key was released after its revocation"] == [
        told["findings"][0][name] for name in ("index", "what")
    ]
    assert [{"carrier": carrier, "never_released": False, "revoked": 1, "released": 2}] == told[
        "carriers"
    ]


def test_never_released_needs_a_cosigned_root_past_the_revocation(run: Any, tmp_path: Path) -> None:
    key, carrier = Signer("a.example/keys", Ed25519PrivateKey.generate()), new_id()
    kinds = ("key.created", "carrier.revoked", "ledger.heartbeat")
    entries = [
        Entry(act=new_id(), at=1, by=new_id(), log=key.name, n={}, refs=(carrier,), type=kind, v=1)
        for kind in kinds
    ]
    witness = Cosigner("w.example", Ed25519PrivateKey.generate())
    vkey = key.verifier().vkey()
    policy = tmp_path / "policy"
    policy.write_text(f"log {vkey}\nwitness w {witness.witness().vkey()}\nquorum w\n")
    told = {}

    for size in (1, 2):
        found = whole(list(map(encode, entries)), key, size)
        text, _ = split_note(found["cosigned/0"])
        found["cosigned/0"] += f"{cosign(witness, text, 1)}\n".encode()
        put(tmp_path, found)
        asked = ("ledger", "verify", tmp_path, "--vkey", vkey, "--carrier", carrier)
        told[size] = [run(*asked, "--policy", policy), run(*asked)]

    early, late = (told[size][0] for size in (1, 2))
    assert exits.NO == early.code
    assert "not yet cosigned past the revocation, entry 1" in early.out
    assert 0 == late.code, late.err
    assert f"{carrier}: never released, revoked by entry 1" in late.out
    assert {exits.NO} == {told[size][1].code for size in told}


def test_a_head_that_was_kept_is_continued_by_what_is_exported_later(
    run: Any, site: Any, exported: Path, tmp_path: Path
) -> None:
    kept = [f"--kept={exported / name / 'checkpoint'}" for name in ("office", "keys")]
    sizes = {
        name: int((exported / name / "checkpoint").read_text().split("\n")[1])
        for name in ("office", "keys")
    }
    assert 0 == run("tick", "--home", site.office).code
    assert 0 == run("ledger", "export", tmp_path / "later", "--home", site.office).code

    ran = run("ledger", "verify", tmp_path / "later", *vkeys(exported), *kept, "--json")

    assert 0 == ran.code, ran.err
    told = json.loads(ran.out)
    assert {name: [size] for name, size in sizes.items()} == {
        name: told[name]["continues"] for name in sizes
    }
    assert told["office"]["size"] > sizes["office"]


def test_attack_a_history_that_does_not_continue_the_head_that_was_kept(
    run: Any, tmp_path: Path
) -> None:
    key = Signer("a.example/office", Ed25519PrivateKey.generate())
    lines = [
        encode(
            Entry(
                act=new_id(),
                at=i,
                by=new_id(),
                log=key.name,
                n={},
                refs=(),
                type="ledger.heartbeat",
                v=1,
            )
        )
        for i in range(4)
    ]
    asked = ("ledger", "verify", tmp_path / "given", "--vkey", key.verifier().vkey())
    heads = {"longer": lines, "another": [lines[1], lines[0], *lines[2:3]], "same": lines[:2]}
    for name, of in heads.items():
        put(tmp_path / name, whole(of, key))
    put(tmp_path / "given", whole(lines[:3], key))

    behind, fork, well, none = (
        run(*asked, *(() if name is None else ("--kept", tmp_path / name / "checkpoint")))
        for name in ("longer", "another", "same", None)
    )

    assert (18, 17, 0, 0) == (behind.code, fork.code, well.code, none.code)
    assert "3 entries are here, and the head that was kept has 4" in behind.err
    assert "another history: the head that was kept, of 3 entries" in fork.err
    assert "continues the 2 entries of a head that was kept" in well.out


def test_attack_a_head_that_was_kept_of_another_ledger_or_another_key(
    run: Any, exported: Path, tmp_path: Path
) -> None:
    """Else whoever mixes their files up is told that all is well."""
    (office, _), note = vkeys(exported), (exported / "office" / "checkpoint").read_bytes()
    text, _ = split_note(note)
    name = text.split("\n")[0]
    forged = tmp_path / "forged"
    forged.write_bytes(sign_note(Signer(name, Ed25519PrivateKey.generate()), text))

    other = run(
        "ledger", "verify", exported / "office", office, "--kept", exported / "keys" / "checkpoint"
    )
    false = run("ledger", "verify", exported / "office", office, "--kept", forged)

    assert (3, 8) == (other.code, false.code)


def test_an_entry_is_proved_to_people_without_any_home(
    run: Any, site: Any, exported: Path, tmp_path: Path
) -> None:
    proof, vkey = tmp_path / "5.tlog-proof", exported / "keys" / "vkey"

    made = run("ledger", "prove", 5, "--which", "keys", "--to", proof, "--home", site.office)

    assert 0 == made.code, made.err
    assert {"5.tlog-proof", "5.entry"} <= {path.name for path in tmp_path.iterdir()}
    for more in ((), ("--entry", tmp_path / "5.entry")):
        ran = run("ledger", "verify", "--proof", proof, *more, "--vkey", vkey, "--json")
        assert 0 == ran.code, ran.err
        assert 5 == json.loads(ran.out)["index"]


def test_attack_one_flipped_byte_anywhere_in_a_proof_or_its_entry(
    run: Any, site: Any, exported: Path, tmp_path: Path
) -> None:
    proof, vkey = tmp_path / "p.tlog-proof", (exported / "office" / "vkey").read_text().strip()
    run("ledger", "prove", 3, "--to", proof, "--home", site.office)

    for path in (proof, tmp_path / "p.entry"):
        good = path.read_bytes()
        for at in range(0, len(good), 7):
            path.write_bytes(good[:at] + bytes((good[at] ^ 1,)) + good[at + 1 :])
            ran = run("ledger", "verify", "--proof", proof, "--vkey", vkey)
            assert ran.code in (4, 8, 16), (path.name, at, ran)
            assert "" == ran.out
        path.write_bytes(good)


def test_attack_the_proof_of_another_entry(
    run: Any, site: Any, exported: Path, tmp_path: Path
) -> None:
    for n in (3, 4):
        run("ledger", "prove", n, "--to", tmp_path / f"{n}.tlog-proof", "--home", site.office)
    proof, entry = tmp_path / "3.tlog-proof", tmp_path / "4.entry"
    vkey = exported / "office" / "vkey"

    ran = run("ledger", "verify", "--proof", proof, "--entry", entry, "--vkey", vkey)

    assert (16, "") == (ran.code, ran.out)


def test_a_partys_evidence_is_verified_without_any_home(
    run: Any, site: Any, tmp_path: Path
) -> None:
    everybody = json.loads(run("party", "list", "--json", "--home", site.office).out)
    city = settings.load(site.office).city
    party = next(one for one in everybody if one["id"] != city)
    folder = tmp_path / "for-one"

    made = run(
        "ledger", "export", folder, "--party", party["name"], "--home", site.office, "--json"
    )
    ran = run("ledger", "verify", folder, *vkeys(folder), "--json")

    assert 0 == made.code, made.err
    assert 0 == ran.code, ran.err
    told = json.loads(made.out)
    assert len(json.loads(ran.out)) == told["office"]["entries"] + told["keys"]["entries"] > 0
    others = [one["id"] for one in everybody if one["id"] not in (city, party["id"])]
    given = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert [] == [other for other in others if other.encode() in given]
    assert 0 == len(list(folder.rglob("checkpoint")))


def whole(lines: list[bytes], key: Signer, cosigned: int | None = None) -> dict[str, bytes]:
    """The files of an export; and the head of fewer entries for a witness to sign."""
    tower, found = tiles.Tower(), dict[str, bytes]()
    full = list(tower.extend([leaf_hash(line) for line in lines]))
    for level, n, hashes in (*full, *tower.partial()):
        found[tiles.tile_path(level, n, len(hashes) // 32)] = hashes
    for n, width in tiles.bundles_of(len(lines)):
        at = n * tiles.WIDTH
        found[tiles.bundle_path(n, width)] = tiles.encode_bundle(lines[at : at + width])
    heads = {"checkpoint": len(lines)} | ({} if cosigned is None else {"cosigned/0": cosigned})
    found |= tiles.earlier(found, len(lines), heads.values())
    for path, size in heads.items():
        root = root_of([leaf_hash(line) for line in lines[:size]])
        found[path] = sign_note(key, Checkpoint(key.name, size, root).text())
    return found


def put(folder: Path, found: dict[str, bytes]) -> None:
    for path, content in found.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NotFound("it is missing")
    return path.read_bytes()


@pytest.mark.parametrize("which", ["checkpoint", "tile/entries/*.p/*", "tile/0/*.p/*"])
def test_attack_a_link_in_an_export_to_a_file_of_whoever_verifies(
    run: Any, exported: Path, tmp_path: Path, which: str
) -> None:
    path = next((exported / "keys").glob(which))
    path.rename(tmp_path / "own")
    path.symlink_to(tmp_path / "own")

    ran = run("ledger", "verify", exported, *vkeys(exported))

    assert "no regular file" in ran.err
    assert 0 != ran.code


@pytest.mark.parametrize("which", ["checkpoint", "tile/entries/*.p/*", "tile/0/*.p/*"])
def test_attack_a_file_in_an_export_that_is_longer_than_any_memory(
    run: Any, exported: Path, which: str
) -> None:
    path = next((exported / "keys").glob(which))
    os.truncate(path, 1 << 36)  # of holes, so that this disk holds it

    ran = run("ledger", "verify", exported, *vkeys(exported))

    assert "is longer than 67108864 bytes" in ran.err
    assert 0 != ran.code
