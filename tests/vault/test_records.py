"""The office's rows: by name, in the caller's transaction, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from azukari.errors import Conflict, NotFound
from azukari.names import new_id
from azukari.seal.documents import Party, Suspension
from azukari.shelf.database import open_database, transaction
from azukari.vault import records, schema

CARRIER = {
    "act": "a",
    "order_id": "o",
    "roll": "r",
    "state": "sealed",
    "medium": "/media/stick",
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(tmp_path / "office.db", schema.metadata)
    yield engine
    engine.dispose()


def party(name: str) -> Party:
    return Party(id=new_id(), name=name, role="x")


def test_documents_come_back_oldest_first_by_word_and_subject(office: Engine) -> None:
    one, two = party("a"), party("b")
    other = Suspension(id=new_id(), agreement="x", at=0)
    with transaction(office) as tx:
        records.keep_document(tx, one, b"one", about="order")
        records.keep_document(tx, other, b"other")
        records.keep_document(tx, two, b"two", about="order")

        assert [b"one", b"other", b"two"] == records.documents(tx)
        assert [b"one", b"two"] == records.documents(tx, Party)
        assert [b"one", b"two"] == records.documents(tx, Party, Suspension, about="order")
        assert [] == records.documents(tx, Suspension, about="order")
        assert b"two" == records.document(tx, two.id)


def test_a_document_is_kept_once(office: Engine) -> None:
    one = party("a")
    with transaction(office) as tx:
        assert not records.has_document(tx, one.id, b"one")
        records.keep_document(tx, one, b"one")
        assert records.has_document(tx, one.id, b"one")
        with pytest.raises(Conflict):
            records.has_document(tx, one.id, b"another")
    with pytest.raises(Conflict), transaction(office) as tx:
        records.keep_document(tx, one, b"one")


def test_what_is_not_there_is_not_found(office: Engine) -> None:
    with transaction(office) as tx:
        with pytest.raises(NotFound):
            records.document(tx, new_id())
        with pytest.raises(NotFound):
            records.carrier(tx, "C-0000-00")


def test_a_carrier_is_known_by_its_id_and_its_label_in_any_case(office: Engine) -> None:
    identifier = new_id()
    with transaction(office) as tx:
        tx.execute(schema.carrier.insert().values(id=identifier, label="C-7Q4M-2K", **CARRIER))
        records.change_carrier(tx, identifier, state="lost")

        for name in (identifier, "C-7Q4M-2K", "c-7q4m-2k"):
            assert (identifier, "lost") == (
                records.carrier(tx, name).id,
                records.carrier(tx, name).state,
            )
        assert 1 == len(records.carriers(tx))


def test_a_label_is_given_once(office: Engine) -> None:
    with transaction(office) as tx:
        tx.execute(schema.carrier.insert().values(id=new_id(), label="C-7Q4M-2K", **CARRIER))
    with pytest.raises(Conflict), transaction(office) as tx:
        tx.execute(schema.carrier.insert().values(id=new_id(), label="C-7Q4M-2K", **CARRIER))


def test_late_is_what_is_due_and_not_done_nor_told_to_everybody(office: Engine) -> None:
    with transaction(office) as tx:
        for subject, at in (("b", 20), ("a", 10), ("c", 30)):
            records.set_due(tx, subject, "return", at)

        assert ["a"] == [row.subject for row in records.late(tx, 20)]
        assert ["a", "b", "c"] == [row.subject for row in records.late(tx, 31)]
        records.settle(tx, "a", 15)
        records.settle(tx, "b", 15, "receive")
        assert ["b", "c"] == [row.subject for row in records.late(tx, 31)]
        tx.execute(schema.due.update().where(schema.due.c.subject == "b").values(next_at=None))
        assert ["c"] == [row.subject for row in records.late(tx, 31)]


def test_no_column_is_named_after_a_value_of_a_resident() -> None:
    """Rolls and determinations lie sealed in files beside; no table here is made for people."""
    named = {f"{table.name}.{column.name}" for table in schema.metadata.tables.values()
             for column in table.columns}  # fmt: skip
    forbidden = ("kana", "address", "birth", "postal", "household", "resident")

    assert [] == [name for name in named if any(word in name for word in forbidden)]
