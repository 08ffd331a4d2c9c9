"""A small city in which every kind of signed document stands once, and stands right.

In their order they are a history: whoever pins the city's `enrol` and `order` keys and the keys of
its first officers may believe one after the other.  Follows ``docs/spec/documents-v1.md`` and knows
none of our code.
"""

from __future__ import annotations

import hashlib
from typing import Final

from tests.vectors.seal.second_writer import (
    DER,
    SPKI,
    Key,
    Vector,
    b64,
    canonical,
    crockford,
    fixed,
    p256,
)

AT: Final = 1_655_776_800_000
DAY: Final = 86_400_000
ENROL, ORDER, DEVICE = Key("enrol"), Key("order"), Key("receipt", "device")
PEOPLE: Final = {n: Key("person", n) for n in ("hanako", "taro", "yoko", "jiro", "kenji", "saburo")}
FOUNDERS: Final = ("hanako", "taro", "yoko")


def of(name: str) -> str:
    """The id of something in this city."""
    return crockford(fixed(f"paper {name}", 16))


def one_time(name: str) -> Vector:
    return {"id": of(name), "public": b64(p256(name).public_key().public_bytes(DER, SPKI))}


def person(name: str, party: str, roles: list[str], voucher: str, two: list[str]) -> Vector:
    return {
        "id": of(name),
        "party": of(party),
        "states_employer": of(party),
        "public": b64(PEOPLE[name].der),
        "roles": roles,
        "vouched_by": of(voucher),
        "enrolled_by": [of(one) for one in two],
        "enrolled_at": AT,
    }


def admitted(name: str, voucher: str, two: list[str]) -> list[Key]:
    return [ENROL, PEOPLE[name], *(PEOPLE[one] for one in dict.fromkeys((voucher, *two)))]


def city() -> list[tuple[str, str, Vector, list[Key]]]:
    """What it is called, its word, its fields but for ``v``, who signs it."""
    found: list[tuple[str, str, Vector, list[Key]]] = [
        (
            "the contractor",
            "party",
            {"id": of("contractor"), "name": "例示受託", "role": "contractor"},
            [ENROL],
        ),
        ("the city", "party", {"id": of("city"), "name": "架空市", "role": "city"}, [ENROL]),
    ]
    for name in FOUNDERS:
        two = [other for other in FOUNDERS if other != name]
        entry = person(name, "city", ["officer", "approver"], two[0], two)
        found.append((f"first officer {name}", "person", entry, admitted(name, two[0], two)))
    two = ["hanako", "taro"]
    for name, voucher, roles in (
        ("jiro", "hanako", ["officer"]),
        ("kenji", "jiro", ["holder"]),
        ("saburo", "jiro", ["operator"]),
    ):
        entry = person(name, "contractor", roles, voucher, two)
        found.append((name, "person", entry, admitted(name, voucher, two)))
    return [*found, *device(), *permits(), *words(), *travels(), *reviews(), *erased()]


def device() -> list[tuple[str, str, Vector, list[Key]]]:
    entry = {
        "id": of("device"),
        "party": of("contractor"),
        "public": b64(DEVICE.der),
        "one_time_keys": [one_time("key 1"), one_time("key 2")],
        "vouched_by": of("jiro"),
        "enrolled_by": [of("hanako"), of("taro")],
        "enrolled_at": AT,
    }
    more = {"id": of("batch"), "device": of("device"), "keys": [one_time("key 3")], "at": AT}
    hands = [PEOPLE[name] for name in ("jiro", "hanako", "taro")]
    return [
        ("the device", "device", entry, [ENROL, DEVICE, *hands]),
        ("a batch", "onetimekeys", more, [DEVICE]),
    ]


def permits() -> list[tuple[str, str, Vector, list[Key]]]:
    terms = {
        "columns": ["households.answer", "households.postal_code"],
        "purposes": ["answer eligibility enquiries"],
        "media": ["stick"],
        "expires_at": AT + 300 * DAY,
        "may_re_entrust": False,
        "depth": 0,
        "training": ["entrusted-data"],
        "approvers": 2,
        "device_key": "file",
    }
    link = {
        "id": of("agreement"),
        "parent": "",
        "replaces": "",
        "entrustor": of("city"),
        "processor": of("contractor"),
        "terms": terms,
        "from_at": AT,
    }
    sat = {
        "id": of("sheet"),
        "person": of("saburo"),
        "course": "entrusted-data",
        "course_sha256": hashlib.sha256(b"the text that was read").hexdigest(),
        "language": "ja",
        "answers": [{"question": "media", "answer": 2}, {"question": "loss", "answer": 0}],
        "passed_at": AT,
        "expires_at": AT + 300 * DAY,
    }
    order = {
        "id": of("order"),
        "purpose": "answer eligibility enquiries",
        "agreement": of("agreement"),
        "tables": [
            {
                "table": "households",
                "columns": {"answer": ["operator"], "postal_code": ["operator"]},
                "rows": 460000,
            }
        ],
        "carriers": 1,
        "medium": "stick",
        "media": ["M-0001"],
        "route": "by train",
        "holder": of("kenji"),
        "recipient": of("saburo"),
        "grant_by": of("jiro"),
        "device": of("device"),
        "device_holder": of("yoko"),
        "requester": of("taro"),
        "requested_at": AT,
        "receive_by": AT + DAY,
        "return_by": AT + 2 * DAY,
        "expires_at": AT + 3 * DAY,
    }
    approval = {
        "id": of("approval"),
        "order": of("order"),
        "order_sha256": hashlib.sha256(canonical({"v": 1, **order})).hexdigest(),
        "approver": of("hanako"),
        "at": AT,
        "expires_at": AT + DAY,
    }
    return [
        ("the agreement", "agreement", link, [ORDER, PEOPLE["hanako"], PEOPLE["jiro"]]),
        ("a pass", "training", sat, [ENROL, PEOPLE["saburo"]]),
        ("the order", "order", order, [ORDER, PEOPLE["taro"]]),
        ("an approval", "approval", approval, [PEOPLE["hanako"]]),
    ]


def words() -> list[tuple[str, str, Vector, list[Key]]]:
    """What somebody said afterwards."""
    stated = {"id": of("word"), "person": of("kenji"), "employer": of("contractor"), "at": AT}
    again = {
        "id": of("restoration"),
        "carrier": of("carrier"),
        "person": of("hanako"),
        "revocation": of("act"),
        "at": AT,
    }
    status = {
        "id": of("status"),
        "serial": 7,
        "at": AT,
        "suspended": [of("other agreement")],
        "left": [of("somebody")],
        "revoked": [],
    }
    suspension = {"id": of("suspension"), "agreement": of("other agreement"), "at": AT}
    return [
        ("their own word", "employment", stated, [PEOPLE["kenji"]]),
        ("of another agreement", "suspension", suspension, [ORDER]),
        ("the city's word", "status", status, [ORDER]),
        ("one of two", "restoration", again, [PEOPLE["hanako"]]),
    ]


def travels() -> list[tuple[str, str, Vector, list[Key]]]:
    sha256 = hashlib.sha256(b"an envelope").hexdigest()
    step = {
        "id": of("step"),
        "carrier": of("carrier"),
        "envelope_sha256": sha256,
        "giver": of("taro"),
        "taker": of("kenji"),
        "at": AT,
        "due_at": AT + DAY,
        "step": "hand-over",
    }
    receipt = {
        "id": of("receipt"),
        "device": of("device"),
        "carrier": of("carrier"),
        "first": 0,
        "length": 41,
        "head": hashlib.sha256(b"the last record").hexdigest(),
        "answered": 38,
        "one_time_keys_destroyed": [of("key 1")],
        "at": AT,
    }
    looked = {
        "id": of("inspection"),
        "carrier": of("carrier"),
        "envelope_sha256": sha256,
        "at": AT,
        "inspector": of("yoko"),
        "unchanged": False,
        "parts": {"0417": "unchanged", "2210": "missing"},
        "pages": {"READ-ME.txt": "unchanged"},
        "foreign": 1,
        "newest_file_at": AT,
    }
    lost = {
        "id": of("loss"),
        "carriers": ["C-7Q4M-2K"],
        "media": [],
        "bag": of("kenji"),
        "known_at": AT,
        "last_held_at": 0,
        "in_the_bag": "unknown",
        "by": of("jiro"),
        "at": AT,
    }
    return [
        ("a bag", "loss", lost, [PEOPLE["jiro"]]),
        ("a step", "handover", step, [PEOPLE["taro"], PEOPLE["kenji"]]),
        ("the device's statement", "receipt", receipt, [DEVICE]),
        ("of a found carrier", "inspection", looked, [PEOPLE["yoko"]]),
    ]


def reviews() -> list[tuple[str, str, Vector, list[Key]]]:
    asked = {
        "person": of("saburo"),
        "since": AT,
        "last_used_at": 0,
        "trained_until": AT + 300 * DAY,
    }
    said = {**asked, "employer": of("contractor"), "verdict": "keep"}
    period = {"agreement": of("agreement"), "from_at": AT, "to_at": AT + DAY, "at": AT + DAY}
    roster = {"id": of("roster"), "party": of("contractor"), "people": [asked], **period}
    answer = {"id": of("review"), "roster": of("roster"), "people": [said], **period}
    return [
        ("who is enrolled", "roster", roster, [ORDER]),
        ("the answer", "review", answer, [PEOPLE["jiro"], PEOPLE["hanako"]]),
    ]


def erased() -> list[tuple[str, str, Vector, list[Key]]]:
    asked = {
        "id": of("erasure"),
        "ledger": "ledger.kakuu.example/office",
        "rule": "notes",
        "until": AT - 5 * 366 * DAY,
        "entries": [17, 23, 41],
        "lines_sha256": hashlib.sha256(b"three entries").hexdigest(),
        "contacts": [of("somebody")],
        "because": "the year is over",
        "requester": of("hanako"),
        "at": AT,
        "expires_at": AT + 7 * DAY,
    }
    held = {
        "id": of("hold"),
        "about": [of("carrier")],
        "because": "the committee asks for it",
        "at": AT,
    }
    lifted = {
        "id": of("lift"),
        "hold": of("hold"),
        "because": "the committee has reported",
        "at": AT + DAY,
    }
    two = [PEOPLE["hanako"], PEOPLE["yoko"]]
    return [
        ("what goes", "erasure", asked, two),
        ("what stays", "hold", held, two),
        ("no longer", "lift", lifted, two),
    ]
