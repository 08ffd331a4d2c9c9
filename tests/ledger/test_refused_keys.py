"""Keys that must be refused are refused twice: by our reader and by a stranger's."""

from __future__ import annotations

import base64
from typing import Final

import pytest
from tests.ledger.exports import LOG, SIGNER, WITNESSES, Stranger

from azukari.errors import AzukariError
from azukari.ledger.checkpoint import parse_vkey, vkey_of
from azukari.ledger.cosign import COSIGNATURE, parse_witness
from azukari.ledger.policy import parse_policy

pytestmark = pytest.mark.real


def typed(kind: int, public: bytes, name: str = LOG) -> str:
    return vkey_of(name, kind, public)


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
KEY_FAULTS: Final[dict[str, str]] = {
    "a witness's": typed(COSIGNATURE, PUBLIC),
    "of a type nobody knows": typed(0x06, PUBLIC),
    "wrong key id": VKEY.replace(VKEY.split("+")[1], "00000000"),
    "wrong name": VKEY.replace("office", "keys"),
    "key id in capitals": VKEY.replace(VKEY.split("+")[1], VKEY.split("+")[1].upper()),
    "31 bytes": typed(1, PUBLIC[:-1]),
    "33 bytes": typed(1, PUBLIC + b"\0"),
    "no name": typed(1, PUBLIC, ""),
    "a name with a space": typed(1, PUBLIC, "a b"),
    "a name with a wide space": typed(1, PUBLIC, "a\u3000b"),
    "no base 64": VKEY[:-1] + "!",
    "a line feed": VKEY + "\n",
    "nothing": "",
    **{
        f"{what}, sign {sign}": typed(1, (y | sign << 255).to_bytes(32, "little"))
        for what, y in EVERYBODYS.items()
        for sign in (0, 1)
    },
}


@pytest.mark.parametrize("what", KEY_FAULTS)
def test_a_key_that_is_none_is_refused_by_both(stranger: Stranger, what: str) -> None:
    vkey = KEY_FAULTS[what]
    if "key id in capitals" == what:
        assert vkey != VKEY

    with pytest.raises(AzukariError, match="verifier"):
        parse_vkey(vkey)
    assert stranger.verify({}, vkey=vkey, witnesses=())["error"].startswith(
        ("verifier: ", "malformed verifier", "invalid verifier")
    )


@pytest.mark.parametrize("what", [what for what in KEY_FAULTS if what != "a witness's"])
def test_a_witness_that_is_none_is_refused_by_both(stranger: Stranger, what: str) -> None:
    given = KEY_FAULTS[what]
    if "sign" in what:  # the same point as a witness's key
        given = typed(COSIGNATURE, base64.b64decode(given.split("+", 2)[2])[1:])

    with pytest.raises(AzukariError, match="verifier"):
        parse_witness(given)
    assert stranger.verify({}, witnesses=(given,))["error"].startswith("--witness: ")


def test_one_key_in_two_places_is_refused_by_both(stranger: Stranger) -> None:
    """A ledger would vouch for itself, or one witness count twice."""
    itself = vkey_of("w.example", COSIGNATURE, PUBLIC)
    again = vkey_of("again.example", COSIGNATURE, WITNESSES[0].public)

    for vkeys in ((itself,), (WITNESSES[0].vkey(), again)):
        lines = "".join(f"witness w{n} {vkey}\n" for n, vkey in enumerate(vkeys))
        with pytest.raises(AzukariError, match="another line"):
            parse_policy(f"log {VKEY}\n{lines}quorum none\n".encode())
        assert "--witness: a key" in stranger.verify({}, witnesses=vkeys)["error"]
