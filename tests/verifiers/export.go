package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

var emptyRoot = tlog.Hash(sha256.Sum256(nil))

const maxCosigned = 256

// export is a ledger's folder while it is read.
type export struct {
	folder string
	log    note.Verifier
	tree   tree
	lines  [][]byte
	head   head

	at      int64
	instant map[string]bool // the lines of the newest instant
	tiles   int
}

func (e *export) read(path string) ([]byte, error) {
	raw, err := os.ReadFile(filepath.Join(e.folder, filepath.FromSlash(path)))
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("%s: it is missing", path)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: it cannot be read", path)
	}
	return raw, nil
}

// readHead opens the checkpoint.
func (e *export) readHead(witnesses []*cosigner) error {
	raw, err := e.read("checkpoint")
	if err != nil {
		return err
	}
	if e.head, err = openHead(raw, e.log, witnesses); err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// readEntries reads every bundle, and grows the tree by its entries.
func (e *export) readEntries() error {
	e.instant = map[string]bool{}
	for start := int64(0); start < e.head.size; start += 256 {
		width := e.head.size - start
		if width > 256 {
			width = 256
		}
		path := bundlePath(tlog.Tile{H: height, N: start / 256, W: int(width)})
		raw, err := e.read(path)
		if err != nil {
			return err
		}
		lines, err := split(raw, int(width))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for i, line := range lines {
			if err := e.take(line); err != nil {
				return fmt.Errorf("%s: entry %d: %w", path, start+int64(i), err)
			}
		}
	}
	return nil
}

// take holds an entry against those before it, and adds it.
func (e *export) take(line []byte) error {
	one, err := readEntry(line)
	if err != nil {
		return err
	}
	if one.Log != e.head.origin {
		return fmt.Errorf("it belongs to another ledger")
	}
	if one.At < e.at {
		return fmt.Errorf("it is older than the entry before")
	}
	if one.At > e.at {
		e.at, e.instant = one.At, map[string]bool{}
	}
	if e.instant[string(line)] {
		return fmt.Errorf("it repeats an earlier entry")
	}
	e.instant[string(line)] = true
	e.lines = append(e.lines, line)
	return e.tree.add(line)
}

// checkTree holds every tile and the root against the entries, then has the library derive the
// entries' hashes from nothing but the signed root and the tiles: the second is never all there is.
func (e *export) checkTree() error {
	if err := e.checkTiles(tiles(e.head.size)); err != nil {
		return err
	}
	root, err := e.tree.rootAt(e.head.size)
	if err != nil {
		return err
	}
	if root != e.head.root {
		return fmt.Errorf("checkpoint: its root is not that of the entries")
	}
	reader := tlog.TileHashReader(tlog.Tree{N: e.head.size, Hash: e.head.root}, tileFiles{e.read})
	for start := 0; start < len(e.lines); start += 4096 {
		var indexes []int64
		for i := start; i < start+4096 && i < len(e.lines); i++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, int64(i)))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for i, hash := range hashes {
			if hash != tlog.RecordHash(e.lines[start+i]) {
				return fmt.Errorf("entry %d: the tiles have another", start+i)
			}
		}
	}
	return nil
}

func (e *export) checkTiles(wanted []tlog.Tile) error {
	for _, tile := range wanted {
		raw, err := e.read(pathOf(tile))
		if err != nil {
			return err
		}
		if err := e.tree.checkTile(tile, raw); err != nil {
			return err
		}
		e.tiles++
	}
	return nil
}

// checkCosigned opens every cosigned head, and finds the partial tiles of its size.
func (e *export) checkCosigned(witnesses []*cosigner) ([]word, error) {
	found, err := os.ReadDir(filepath.Join(e.folder, "cosigned"))
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("cosigned: it cannot be read")
	}
	if len(found) > maxCosigned {
		return nil, fmt.Errorf("cosigned: more than %d heads", maxCosigned)
	}
	words := e.head.words
	for n := range found {
		path := "cosigned/" + strconv.Itoa(n)
		raw, err := e.read(path)
		if err != nil {
			return nil, err
		}
		old, err := openHead(raw, e.log, witnesses)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if old.size > e.head.size {
			return nil, fmt.Errorf("%s: it has more entries than the ledger", path)
		}
		if err := e.tree.continues(old.size, old.root); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if err := e.checkPartial(old.size); err != nil {
			return nil, err
		}
		words = append(words, old.words...)
	}
	return words, nil
}

func (e *export) checkPartial(size int64) error {
	for _, tile := range tiles(size) {
		if tile.W == 256 {
			continue
		}
		if err := e.checkTiles([]tlog.Tile{tile}); err != nil {
			return err
		}
		if tile.L > 0 {
			continue
		}
		path := bundlePath(tile)
		raw, err := e.read(path)
		if err != nil {
			return err
		}
		if !bytes.Equal(raw, join(e.lines[size-int64(tile.W):size])) {
			return fmt.Errorf("%s: it is not the beginning of its bundle", path)
		}
	}
	return nil
}

// split takes a bundle of entries apart.
func split(raw []byte, width int) ([][]byte, error) {
	var lines [][]byte
	for len(raw) > 0 {
		if len(raw) < 2 {
			return nil, fmt.Errorf("it is cut off")
		}
		length := int(raw[0])<<8 | int(raw[1])
		if len(raw) < 2+length {
			return nil, fmt.Errorf("it is cut off")
		}
		lines = append(lines, raw[2:2+length])
		raw = raw[2+length:]
	}
	if len(lines) != width {
		return nil, fmt.Errorf("%d entries are expected, not %d", width, len(lines))
	}
	return lines, nil
}

func join(lines [][]byte) []byte {
	var raw []byte
	for _, line := range lines {
		raw = append(raw, byte(len(line)>>8), byte(len(line)))
		raw = append(raw, line...)
	}
	return raw
}

func base64Of(hash tlog.Hash) string { return base64.StdEncoding.EncodeToString(hash[:]) }
