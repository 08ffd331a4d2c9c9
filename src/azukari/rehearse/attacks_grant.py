"""Attacks of somebody who also got hold of the grant's paper, or of a device.

Each is on copies; the two that open are known limits, and each has its paragraph.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import msgspec

from azukari.carrier import manifest as manifests
from azukari.errors import AzukariError
from azukari.rehearse.attempts import LIMIT, NIGHT, Attack, Hands, attempt, flip_bit
from azukari.seal import grant as grants
from azukari.seal.envelope import SigningKey, Use, peek, unbase64
from azukari.seal.stream import SealedReader
from azukari.shelf import keyring


def with_grant(hands: Hands) -> Iterator[Attack]:
    """Every attack of somebody who also got hold of the grant's paper, or of a device."""
    night = hands.night
    own = night.out / "sites" / "call-centre"
    yield attempt("grant on another device", "WrongKey", lambda: _another_device(hands))
    yield attempt(
        "grant after its end", "window_outside_order", lambda: hands.read(hands.carrier(), at=NIGHT)
    )
    yield attempt("grant with edited dates", "BadSignature", lambda: _edited(hands))
    yield attempt(
        "copied grant after erase",
        "WrongKey",
        lambda: hands.read(hands.carrier(), home=hands.home(own), at="2022-06-22 09:30"),
    )
    yield attempt(
        "clock set back on the device",
        "ClockBehind",
        lambda: hands.read(hands.carrier(), home=hands.device(), at="2022-06-21 17:30"),
    )
    yield attempt("one bit flipped past every digest", "Damaged", lambda: _past(hands, flip=True))
    yield attempt("another part's key past every digest", "WrongKey", lambda: _past(hands))
    yield attempt(
        "grant used on the backup",
        "carrier_is_bound_to_another_content",
        lambda: hands.read(hands.carrier(1)),
    )
    yield _limit(
        "enrolled device with its outstanding grant inside its window",
        lambda: hands.read(hands.carrier()),
    )
    yield _limit(
        "device folder rolled back",
        # After the erasing: yesterday's copy of the device, and the clock set to yesterday.
        lambda: hands.read(hands.carrier(), home=hands.device(), at="2022-06-21 20:00"),
    )


def _another_device(hands: Hands) -> str:
    """A device of the attacker's own, with everything of the real one but its one-time keys."""
    home = hands.device()
    for path in (home / "one-time").iterdir():
        path.unlink()
    return hands.read(hands.carrier(), home=home)


def _edited(hands: Hands) -> str:
    """The dates stand inside; whoever seals new ones to the device has no grant key to sign."""
    night = hands.night
    outer = msgspec.json.decode(peek(night.grant)[1], type=grants.SealedGrant)
    body = grants.GrantBody(
        1,
        outer.grant,
        night.main.carrier,
        manifests.envelope_hash(night.main.envelope),
        night.order.id,
        night.house.device,
        night.house.cast.people["operator"],
        night.house.cast.signer("operator").public.id,
        "operator",
        [],
        0,
        1 << 45,
        "",
        0,
        "",
    )
    private = keyring.one_time_key(hands.device() / "one-time" / f"{outer.key}.key")
    public = grants.p256_der(private.public_key())
    document = grants.seal_grant(body, outer.key, public, SigningKey.generate(Use.GRANT))
    return hands.read(hands.carrier(), grant=document, at=NIGHT)


def _past(hands: Hands, *, flip: bool = False) -> str:
    """Straight to the sealed stream with a real key, as if nobody compared any digest."""
    night, folder = hands.night, hands.carrier()
    outer = msgspec.json.decode(peek(night.grant)[1], type=grants.SealedGrant)
    private = keyring.one_time_key(hands.device() / "one-time" / f"{outer.key}.key")
    keys = {k.part: unbase64(k.key) for k in grants.open_grant(outer, private).parts}
    part = next(name for name in keys if name != manifests.MANIFEST_PART)
    page = msgspec.json.decode(peek(folder.envelope())[1], type=manifests.Envelope)
    data = folder.part(part).read_bytes()
    key = keys[part] if flip else keys[manifests.MANIFEST_PART]
    changed = io.BytesIO(flip_bit(data, len(data) // 2) if flip else data)
    commit = bytes.fromhex(page.part(part).commit)
    reader = SealedReader(changed, key, page.carrier, part, commit=commit)
    return f"{len(reader.readall()):,} bytes in clear"


def _limit(name: str, deed: Callable[[], str]) -> Attack:
    """A known limit must be what we say it is: if it is refused, the page is wrong."""
    try:
        got = deed()
    except AzukariError as error:
        return Attack(name, "refused", f"{type(error).__name__}: {error}")
    return Attack(name, LIMIT, f"{got}; see docs/security.md, “{name}”")
