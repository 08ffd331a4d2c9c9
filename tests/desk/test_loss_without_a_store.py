"""A loss while the checkpoint store is away: recorded, and told as what it is."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from azukari.errors import AzukariError
from azukari.ledger.entry import decode
from azukari.shelf import checkpoints
from azukari.shelf.database import transaction
from azukari.shelf.together import Together


@pytest.fixture
def stored(at_six: Any, tmp_path: Path) -> Path:
    """The folder of the store, of an office that runs with one."""
    office, folder = at_six.office, tmp_path / "store"
    store = checkpoints.Store(folder, office.book.verifier())
    with transaction(office.engine) as tx:
        store.put_back(office.book.checkpoint(tx))
    kept = checkpoints.opened(office.engine, office.book, folder)
    settle = checkpoints.settling(office.engine, office.book, kept)
    at_six.office = replace(office, store=kept, acts=Together(office.engine, settle))
    return folder


@pytest.mark.real
@pytest.mark.parametrize("away", ["pulled out", "emptied"])
def test_attack_a_store_taken_away_holds_no_loss_up(at_six: Any, stored: Path, away: str) -> None:
    shutil.rmtree(stored)
    if away == "pulled out":
        stored.write_bytes(b"")

    told = at_six.lose()

    assert told.revoked
    with transaction(at_six.office.engine) as tx:
        book = at_six.office.book
        types = [decode(line).type for line in book.entries(tx, 0, book.head(tx).size)]
    assert {"carrier.lost", "incident.opened"} <= set(types)
    # It is no secret: whatever is asked next says so.
    with pytest.raises(AzukariError), at_six.office.act():
        pass
