package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // of a tile: 256 hashes

// tree keeps every hash of a growing tree; it is a tlog.HashReader.
type tree struct {
	size   int64
	hashes []tlog.Hash
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(t.hashes)) {
			return nil, errors.New("a hash past the end of the tree")
		}
		found[i] = t.hashes[index]
	}
	return found, nil
}

func (t *tree) add(line []byte) error {
	made, err := tlog.StoredHashes(t.size, line, t)
	if err != nil {
		return err
	}
	t.hashes = append(t.hashes, made...)
	t.size++
	return nil
}

// rootAt is the root the tree had at a size.
func (t *tree) rootAt(size int64) (tlog.Hash, error) {
	if size == 0 {
		return emptyRoot, nil // the library has no root for it
	}
	return tlog.TreeHash(size, t)
}

// continues says by a proof of consistency that the tree began with that one.
func (t *tree) continues(size int64, root tlog.Hash) error {
	if size == 0 {
		if root != emptyRoot {
			return errors.New("its root is not that of no entries")
		}
		return nil
	}
	whole, err := t.rootAt(t.size)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(t.size, size, t)
	if err != nil {
		return err
	}
	if tlog.CheckTree(proof, t.size, whole, size, root) != nil {
		return fmt.Errorf("another history of %d entries", size)
	}
	return nil
}

// tiles are the tiles of the tree at a size: of those that the library names, which have every
// width that a tile ever had, the full ones and the widest of each level.
func tiles(size int64) []tlog.Tile {
	var kept []tlog.Tile
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if tile.W == 1<<height || int64(tile.W) == size>>(height*tile.L)&(1<<height-1) {
			kept = append(kept, tile)
		}
	}
	return kept
}

// pathOf is where a tile lies; the library names its height too, which here is always the same.
func pathOf(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

// bundlePath is where the entries of a tile of level 0 lie.
func bundlePath(tile tlog.Tile) string {
	return strings.Replace(pathOf(tile), "tile/0/", "tile/entries/", 1)
}

// tileFiles reads tiles as the library asks for them; it is a tlog.TileReader.
type tileFiles struct{ read func(string) ([]byte, error) }

func (f tileFiles) Height() int { return height }

func (f tileFiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(wanted))
	for i, tile := range wanted {
		raw, err := f.read(pathOf(tile))
		if err != nil {
			return nil, err
		}
		found[i] = raw
	}
	return found, nil
}

func (f tileFiles) SaveTiles([]tlog.Tile, [][]byte) {}

// checkTile holds a tile's file against the tree.
func (t *tree) checkTile(tile tlog.Tile, raw []byte) error {
	right, err := tlog.ReadTileData(tile, t)
	if err != nil {
		return err
	}
	if !bytes.Equal(right, raw) {
		return fmt.Errorf("%s: it is not the tile of its entries", pathOf(tile))
	}
	return nil
}
