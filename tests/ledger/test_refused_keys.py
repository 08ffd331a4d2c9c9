"""Keys that must be refused are refused twice: by our reader and by a stranger's."""

from __future__ import annotations

from typing import Final

import pytest
from tests.ledger.exports import LOG, SIGNER, WITNESSES, Stranger

from azukari.errors import AzukariError
from azukari.ledger.checkpoint import ED25519, parse_vkey, vkey_of
from azukari.ledger.cosign import COSIGNATURE, parse_witness
from azukari.ledger.policy import parse_policy

pytestmark = pytest.mark.real


PUBLIC: Final = SIGNER.verifier().public
VKEY: Final = SIGNER.verifier().vkey()
P: Final = 2**255 - 19
#: The y of every point of small order, and spellings of a y that are not reduced.
EVERYBODYS: Final = {
    **{f"y {y:x}": y for y in (0, 1, P - 1, P, P + 1, P + 18)},
    **{
        f"order 8, {given[:8]}": int.from_bytes(bytes.fromhex(given), "little")
        for given in (
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        )
    },
}


def faults(kind: int, other: int, public: bytes) -> dict[str, str]:
    """Keys that are none of that kind, each by what is wrong with it alone."""
    right = vkey_of(LOG, kind, public)
    _, key_id, _ = right.split("+", 2)
    assert key_id.upper() != key_id
    everybodys = {
        f"{what}, sign {sign}": vkey_of(LOG, kind, (y | sign << 255).to_bytes(32, "little"))
        for what, y in EVERYBODYS.items()
        for sign in (0, 1)
    }
    return everybodys | {
        "of the other kind": vkey_of(LOG, other, public),
        "of a kind nobody knows": vkey_of(LOG, 0x06, public),
        "wrong key id": right.replace(key_id, "00000000"),
        "wrong name": right.replace("office", "keys"),
        "key id in capitals": right.replace(key_id, key_id.upper()),
        "31 bytes": vkey_of(LOG, kind, public[:-1]),
        "33 bytes": vkey_of(LOG, kind, public + b"\0"),
        "no name": vkey_of("", kind, public),
        "a name with a space": vkey_of("a b", kind, public),
        "a name with a wide space": vkey_of("a\u3000b", kind, public),
        "no base 64": right[:-1] + "!",
        "a line feed": right + "\n",
        "nothing": "",
    }


LOG_FAULTS: Final = faults(ED25519, COSIGNATURE, PUBLIC)
WITNESS_FAULTS: Final = faults(COSIGNATURE, ED25519, WITNESSES[0].public)


@pytest.mark.parametrize("what", LOG_FAULTS)
def test_a_key_that_is_none_is_refused_by_both(stranger: Stranger, what: str) -> None:
    vkey = LOG_FAULTS[what]

    with pytest.raises(AzukariError, match="verifier"):
        parse_vkey(vkey)
    said = stranger.verify({}, vkey=vkey, witnesses=())["error"]
    assert said.startswith(("verifier: ", "malformed verifier", "invalid verifier"))


@pytest.mark.parametrize("what", WITNESS_FAULTS)
def test_a_witness_that_is_none_is_refused_by_both(stranger: Stranger, what: str) -> None:
    vkey = WITNESS_FAULTS[what]

    with pytest.raises(AzukariError, match="verifier"):
        parse_witness(vkey)
    assert stranger.verify({}, witnesses=(vkey,))["error"].startswith("--witness: ")


def test_one_key_in_two_places_is_refused_by_both(stranger: Stranger) -> None:
    """A ledger would vouch for itself, or one witness count twice."""
    itself = vkey_of("w.example", COSIGNATURE, PUBLIC)
    again = vkey_of("again.example", COSIGNATURE, WITNESSES[0].public)

    for vkeys in ((itself,), (WITNESSES[0].vkey(), again)):
        lines = "".join(f"witness w{n} {vkey}\n" for n, vkey in enumerate(vkeys))
        with pytest.raises(AzukariError, match="another line"):
            parse_policy(f"log {VKEY}\n{lines}quorum none\n".encode())
        assert "--witness: a key" in stranger.verify({}, witnesses=vkeys)["error"]
