"""Tiles and bundles: their names, their bytes, and the tree read through them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from azukari.errors import BadFormat, LedgerBroken
from azukari.ledger.tiles import (
    WIDTH,
    Nodes,
    Tower,
    bundle_path,
    bundles_of,
    decode_bundle,
    earlier,
    encode_bundle,
    parse_path,
    partials_of,
    split_tile,
    tile_path,
    tiles_of,
)
from azukari.ledger.tree import Frontier, leaf_hash, root_at, root_of

LEAVES = [leaf_hash(b"entry %d" % i) for i in range(66_000)]


@pytest.mark.parametrize(
    "path, level, n, width",
    [
        ("tile/0/000", 0, 0, 256),
        ("tile/0/x001/067", 0, 1067, 256),
        ("tile/0/x001/x234/067", 0, 1234067, 256),
        ("tile/2/005.p/17", 2, 5, 17),
        ("tile/entries/x999/000.p/1", None, 999000, 1),
    ],
)
def test_a_path_is_spelled_as_the_specification_has_it(
    path: str, level: int | None, n: int, width: int
) -> None:
    made = bundle_path(n, width) if level is None else tile_path(level, n, width)

    assert path == made
    assert (level, n, width) == parse_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/0/001.p/256",
        "tile/0/001.p/0",
        "tile/0/001.p/01",
        "tile/0/001.p/300",
        "tile/0/1067",
        "tile/-1/000",
        "tile/entries/../000",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/٠٠١",
        "checkpoint",
    ],
)
def test_a_path_in_another_spelling_is_refused(path: str) -> None:
    with pytest.raises(BadFormat, match="tile"):
        parse_path(path)


@pytest.mark.parametrize("n, width", [(-1, 256), (0, 0), (0, 257)])
def test_a_tile_that_cannot_be_has_no_path(n: int, width: int) -> None:
    with pytest.raises(BadFormat, match="tile"):
        tile_path(0, n, width)


@pytest.mark.parametrize(
    "size, tiles",
    [
        (0, []),
        (1, ["tile/0/000.p/1"]),
        (256, ["tile/0/000", "tile/1/000.p/1"]),
        (300, ["tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"]),
    ],
)
def test_a_ledger_has_these_tiles(size: int, tiles: list[str]) -> None:
    assert tiles == [tile_path(*tile) for tile in tiles_of(size)]


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**25))
def test_at_any_size_each_level_has_one_partial_tile_at_most(size: int) -> None:
    partial = {level: width for level, _, width in tiles_of(size) if width < WIDTH}

    assert partial == {level: rest for level in range(4) if (rest := (size >> 8 * level) % WIDTH)}
    assert size == sum(width for _, width in bundles_of(size))


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**25))
def test_the_partial_tiles_of_any_size_are_its_tiles_that_are_not_full(size: int) -> None:
    assert [tile for tile in tiles_of(size) if tile[2] < WIDTH] == list(partials_of(size))


def test_every_smaller_size_finds_its_own_files_once_they_are_cut() -> None:
    """From the files of 600 entries come those of every smaller size, byte for byte."""
    lines = [b"entry %d" % i for i in range(600)]

    def files(size: int) -> dict[str, bytes]:
        tower = Tower()
        made = {tile_path(*t[:2]): t[2] for t in tower.extend([leaf_hash(x) for x in lines[:size]])}
        made |= {tile_path(n, m, len(h) // 32): h for n, m, h in tower.partial()}
        return made | {
            bundle_path(n, width): encode_bundle(lines[256 * n : min(256 * n + width, size)])
            for n, width in bundles_of(size)
        }

    whole = files(600)
    for size in range(601):
        assert files(size).items() <= (whole | earlier(whole, 600, [size])).items()
    assert ["tile/1/000.p/1"] == list(earlier(whole, 600, [0, 256, 512, 600]))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=20))
def test_any_bundle_is_read_back_as_it_was_written(entries: list[bytes]) -> None:
    assert entries == decode_bundle(encode_bundle(entries), len(entries))


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60), st.integers(1, 20))
def test_any_bytes_are_refused_or_the_one_spelling_of_a_bundle(junk: bytes, width: int) -> None:
    try:
        entries = decode_bundle(junk, width)
    except BadFormat:
        return
    assert junk == encode_bundle(entries)


@pytest.mark.parametrize(
    "bundle, why",
    [
        (b"", "2 entries are expected, not 0"),
        (b"\0\1a", "2 entries are expected, not 1"),
        (b"\0\1a\0\1b\0\1c", "2 entries are expected, not 3"),
        (b"\0\1a\0\2b", "cut off"),
        (b"\0\1a\0\1b\0", "cut off"),
        (b"\0\1a\0\1b\0\1", "cut off"),
        (b"\0", "cut off"),
    ],
)
def test_a_bundle_with_more_or_less_is_refused(bundle: bytes, why: str) -> None:
    with pytest.raises(BadFormat, match=why):
        decode_bundle(bundle, 2)


def test_a_bundle_that_cannot_be_is_not_written() -> None:
    with pytest.raises(BadFormat, match="1 to 256"):
        encode_bundle([b""] * 257)
    with pytest.raises(BadFormat, match="longer than 65535"):
        encode_bundle([bytes(65_536)])


@pytest.mark.parametrize("step", [1, 100, 256, 1000])
def test_a_tower_has_the_tiles_and_the_root_of_its_leaves(step: int) -> None:
    size = 1_100
    tower, tiles = Tower(), {}
    for at in range(0, size, step):
        for level, n, hashes in tower.extend(LEAVES[at : min(at + step, size)]):
            tiles[tile_path(level, n)] = hashes
    for level, n, hashes in tower.partial():
        tiles[tile_path(level, n, len(hashes) // 32)] = hashes
    frontier = Frontier()
    frontier.extend(LEAVES[:size])

    assert sorted(tiles) == sorted(tile_path(*tile) for tile in tiles_of(size))
    assert b"".join(LEAVES[256:512]) == tiles["tile/0/001"]
    assert frontier.to_bytes() == tower.frontier().to_bytes()


def test_a_third_level_begins_at_65536_entries() -> None:
    tower = Tower()

    full = tower.extend(LEAVES)
    partial = {level: (n, split_tile(hashes)) for level, n, hashes in tower.partial()}

    assert len(full) == 257 + 1
    assert (0, [root_of(LEAVES[:65_536])]) == partial[2]
    assert (1, [root_of(LEAVES[65_536:65_792])]) == partial[1]
    assert root_of(LEAVES) == tower.frontier().root()


def test_nodes_are_read_through_tiles_and_each_tile_once() -> None:
    size, asked = 700, []
    tower = Tower()
    tiles = {(level, n): hashes for level, n, hashes in tower.extend(LEAVES[:size])}
    tiles |= {(level, n): hashes for level, n, hashes in tower.partial()}

    def tile(level: int, n: int, width: int) -> bytes:
        asked.append((level, n))
        assert len(tiles[level, n]) == 32 * width
        return tiles[level, n]

    nodes = Nodes(size, tile)

    assert all(root_of(LEAVES[:old]) == root_at(old, nodes) for old in (0, 1, 255, 256, 257, 700))
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("tile", [b"", bytes(31), bytes(32 * 255)])
def test_a_tile_of_the_wrong_length_is_named(tile: bytes) -> None:
    with pytest.raises(LedgerBroken, match="tile 0/0"):
        Nodes(256, lambda level, n, width: tile)(0, 0)


def test_a_node_past_the_end_is_refused() -> None:
    with pytest.raises(LedgerBroken):
        Nodes(3, lambda level, n, width: b"".join(LEAVES[:3]))(0, 3)
