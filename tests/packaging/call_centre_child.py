"""A call centre's evening in a process of its own: open a carrier, answer two callers, erase.

Started by its test with only the packages that such a machine gets.  Prints JSON.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path


def main(home: str, medium: str, grant: str, now: str, caller: str, person: str) -> None:
    from azukari.desk import device, enquire, erase
    from azukari.seal.envelope import Use
    from azukari.shelf import keyring

    here = device.open_device(Path(home), lambda: int(now))
    document = Path(grant).read_bytes()
    path, passphrase = json.loads(person)
    hand = keyring.signing_key(Path(path), Use.PERSON, passphrase.encode())
    opened = enquire.open_carrier(here, Path(medium), document, hand)
    name, born, postal = json.loads(caller)
    asked = [
        enquire.Enquiry(name, date.fromisoformat(born), postal),
        enquire.Enquiry("架空　無子", date(1901, 1, 1), "0000000"),
    ]
    answers = opened.answer(asked)
    _, lines = erase.erase(here, opened.grant.carrier, [document], medium=Path(medium), first=0)
    here.close()
    loaded = sorted({module.partition(".")[0] for module in sys.modules})
    json.dump({"answers": answers, "lines": len(lines), "loaded": loaded}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
