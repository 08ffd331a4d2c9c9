"""Sealing and opening a city in column groups beside plain Parquet, and any file beside ``cp``.

Both sides write to files on disk and neither waits for the disk; ours pads all parts of a table to
one size step, hashes every file and, opening, reads the padding back.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from azukari.carrier.groups import Group, groups
from azukari.carrier.tables import ROW_GROUP, read_parquet, write_parquet
from azukari.names import new_id
from azukari.roll.select import COLUMNS, EXTRACT_SCHEMA
from azukari.seal.stream import LENGTH_BYTES, SealedReader, SealingWriter, part_key, size_step
from benches import Row, side_by_side

FILE_STEP: Final = 1 << 28
BLOCK: Final = 1 << 20
PERSONS_PER_HOUSEHOLD: Final = 465_177 / 224_100
CHARACTERS: Final = 600  # of names, about as many as carry most of a city's


@dataclass(frozen=True)
class Part:
    """A part of a bench's carrier: where it lies and what opens it."""

    name: str
    key: bytes
    path: Path


def run(residents: int, repeat: int) -> list[Row]:
    """Four rows: seal and open a city, seal and open a file without structure."""
    with tempfile.TemporaryDirectory(prefix="azukari-bench-") as folder:
        return [*city(residents, repeat, Path(folder)), *file(repeat, Path(folder))]


def city(residents: int, repeat: int, folder: Path) -> list[Row]:
    """The extract of a call centre, one row per household, in its column groups."""
    table = invent(round(residents / PERSONS_PER_HOUSEHOLD))
    split = groups("extract", {name: sorted(c.roles) for name, c in COLUMNS.items()})
    carrier, plain = new_id(), folder / "plain.parquet"
    parts = part_list(carrier, len(split), folder)

    write, read = plain_parquet(table, plain)
    sealed_s, written_s = side_by_side(repeat, lambda: seal(table, carrier, parts, split), write)
    back = {name: one.column(name) for one in open_all(carrier, parts) for name in one.column_names}
    if any(not back[name].equals(read().column(name)) for name in table.column_names):
        raise SystemExit("benches: sealing: a column did not come back as it was")
    opened_s, read_s = side_by_side(repeat, lambda: open_all(carrier, parts), read)
    work = f"a city in {len(split)} column groups, {table.nbytes >> 20} MiB of columns"
    against = "plain Parquet, one file, same zstd"
    return [
        Row(
            f"seal {work}", "Parquet into the sealing sink", sealed_s, against, written_s, "≤ 1.3×"
        ),
        Row(f"open {work}", "every part, whole", opened_s, against, read_s, "≤ 1.3×"),
    ]


def file(repeat: int, folder: Path) -> list[Row]:
    """A file that just fills a size step, and one that fills half of its step."""
    sizes = (FILE_STEP - LENGTH_BYTES, FILE_STEP // 2)
    return [row for size in sizes for row in file_of(size, repeat, folder)]


def file_of(size: int, repeat: int, folder: Path) -> list[Row]:
    source, copy, carrier = folder / "source", folder / "copy", new_id()
    source.write_bytes(np.random.default_rng(size).bytes(size))
    (part,) = part_list(carrier, 1, folder)
    cp = command("cp", "--reflink=never", str(source), str(copy))
    work, step = f"a file of {size / (1 << 20):.0f} MiB", f"{size_step(size) >> 20} MiB sealed"
    sealed_s, copied_s = side_by_side(repeat, lambda: seal_file(source, carrier, part), cp)
    opened_s, again_s = side_by_side(repeat, lambda: open_file(copy, carrier, part), cp)
    full = size_step(size) == size + LENGTH_BYTES
    goal = "0.6 of cp: ≤ 1.67×" if full else "–, half of it is padding"
    return [
        Row(f"seal {work}", step, sealed_s, "cp", copied_s, goal),
        Row(f"open {work}", step, opened_s, "cp", again_s, goal),
    ]


def part_list(carrier: str, count: int, folder: Path) -> list[Part]:
    key = b"\x5a" * 32
    names = [f"{number:04}" for number in range(count)]
    return [Part(n, part_key(key, carrier, n), folder / f"{n}.azs") for n in names]


def seal(table: pa.Table, carrier: str, parts: list[Part], split: tuple[Group, ...]) -> None:
    """Every group into its part, all padded to one step as on a carrier."""
    with written(carrier, parts) as writers:
        for writer, group in zip(writers, split, strict=True):
            write_parquet(table.select(list(group.columns)), writer, group.table)
        step = max(size_step(writer.content_bytes) for writer in writers)
        for writer in writers:
            writer.finish(step)


def open_all(carrier: str, parts: list[Part]) -> list[pa.Table]:
    tables = []
    for part in parts:
        with part.path.open("rb") as raw:
            tables.append(read_parquet(SealedReader(raw, part.key, carrier, part.name)))
    return tables


@contextmanager
def written(carrier: str, parts: list[Part]) -> Iterator[list[SealingWriter]]:
    files = [part.path.open("wb") for part in parts]
    yield [SealingWriter(f, p.key, carrier, p.name) for f, p in zip(files, parts, strict=True)]
    for one in files:
        one.close()


def plain_parquet(table: pa.Table, path: Path) -> tuple[Callable[[], None], Callable[[], pa.Table]]:
    """Write and read as somebody would who seals nothing."""
    few = [name for name in ("answer", "reason") if name in table.column_names]

    def write() -> None:
        pq.write_table(
            table,
            path,
            compression="zstd",
            compression_level=1,
            use_dictionary=few,
            write_statistics=False,
            row_group_size=ROW_GROUP,
        )

    return write, lambda: pq.read_table(path)


def seal_file(source: Path, carrier: str, part: Part) -> None:
    block = memoryview(bytearray(BLOCK))
    with source.open("rb", buffering=0) as raw, written(carrier, [part]) as (writer,):
        while size := raw.readinto(block):
            writer.write(block[:size])
        writer.finish()


def open_file(copy: Path, carrier: str, part: Part) -> None:
    block = memoryview(bytearray(BLOCK))
    with part.path.open("rb", buffering=0) as raw, copy.open("wb", buffering=0) as out:
        reader = SealedReader(raw, part.key, carrier, part.name)
        while size := reader.readinto(block):
            out.write(block[:size])


def command(*words: str) -> Callable[[], Any]:
    return lambda: subprocess.run(words, check=True)


def invent(households: int, seed: int = 1) -> pa.Table:
    """An extract of random people: as long and as repetitive as a city's, and nobody's."""
    rng = np.random.default_rng(seed)
    sizes = 1 + rng.poisson(PERSONS_PER_HOUSEHOLD - 1, households)
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32))
    people = int(sizes.sum())
    kanji = [chr(0x4E00 + 17 * n) for n in range(CHARACTERS)]
    kana = [chr(0x30A2 + n) for n in range(80)]
    birth = pa.array(rng.integers(-14_000, 19_000, people).astype(np.int32), pa.int32())
    listed = pa.ListArray.from_arrays
    answer = rng.choice(np.array(["eligible", "not_eligible", "undecided"]), households)
    columns = {
        "name_forms": listed(offsets, words(rng, kanji, people, 4)),
        "kana_forms": listed(offsets, words(rng, kana, people, 7)),
        "birth_dates": listed(offsets, birth.cast(pa.date32())),
        "postal_code": pa.array(
            np.char.add("66", rng.integers(10_000, 10_400, households).astype("U5"))
        ),
        "answer": pa.array(answer),
        "reason": pa.array(np.where(answer == "eligible", "all_exempt", "taxed_member")),
    }
    return pa.table([columns[field.name] for field in EXTRACT_SCHEMA], schema=EXTRACT_SCHEMA)


def words(rng: np.random.Generator, letters: list[str], count: int, length: int) -> pa.Array:
    """Words of some letters, the early ones more often, as in names."""
    ranks = np.minimum(rng.geometric(6 / len(letters), (count, length)) - 1, len(letters) - 1)
    found = np.array(letters)[ranks].view(f"U{length}").ravel()
    return pa.array(found)
