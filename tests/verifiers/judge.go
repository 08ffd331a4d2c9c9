package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"
)

// question is one line of what a test claims.  The first line has the entries; a line with tiles
// is about the whole tree at a size, one with a leaf or an old root about one proof alone.
type question struct {
	Entries []string // hexadecimal

	Size        int64
	Root        string
	Tiles       map[string]string   // path: SHA-256 of its bytes, partial tiles and bundles included
	Inclusion   map[int64][]string  // index: proof
	Consistency map[int64]oldClaims // old size: its root and proof

	Leaf, OldRoot string
	Index, Old    int64
	Proof         []string
}

type oldClaims struct {
	Root  string
	Proof []string
}

type answer struct {
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"`
	Count int    `json:"count"` // how much was compared
}

// judge answers every line; exit status 1 where it refused one.
func judge(in io.Reader, out, speech io.Writer) int {
	lines := bufio.NewReaderSize(in, 1<<20)
	printed := json.NewEncoder(out)
	var held tree
	var entries [][]byte
	status := 0
	for {
		line, end := lines.ReadBytes('\n')
		if end != nil && end != io.EOF {
			fmt.Fprintf(speech, "azukari-verify: %v\n", end)
			return 2
		}
		if len(line) == 0 {
			return status
		}
		var asked question
		read := json.NewDecoder(bytes.NewReader(line))
		read.DisallowUnknownFields()
		if err := read.Decode(&asked); err != nil {
			fmt.Fprintf(speech, "azukari-verify: %v\n", err)
			return 2
		}
		var count int
		var err error
		switch {
		case asked.Entries != nil:
			entries, err = unhex(asked.Entries)
			for i := 0; err == nil && i < len(entries); i++ {
				err = held.add(entries[i])
			}
			count = len(entries)
		case asked.Tiles != nil:
			count, err = held.agree(asked, entries)
		case asked.Leaf != "":
			count, err = 1, included(asked)
		default:
			count, err = 1, consistent(asked)
		}
		given := answer{err == nil, "", count}
		if err != nil {
			given.Error, status = err.Error(), 1
		}
		if printed.Encode(given) != nil {
			return 2
		}
	}
}

// agree holds everything claimed of a size against the tree here, and checks each proof.
func (t *tree) agree(asked question, entries [][]byte) (int, error) {
	root, err := t.rootAt(asked.Size)
	if err != nil {
		return 0, err
	}
	if hex.EncodeToString(root[:]) != asked.Root {
		return 0, errors.New("root: another")
	}
	count := 1
	want := map[string]string{}
	for _, tile := range tiles(asked.Size) {
		raw, err := tlog.ReadTileData(tile, t)
		if err != nil {
			return count, err
		}
		want[pathOf(tile)] = digest(raw)
		if tile.L == 0 {
			start := tile.N * 256
			want[bundlePath(tile)] = digest(join(entries[start : start+int64(tile.W)]))
		}
	}
	if len(want) != len(asked.Tiles) {
		return count, fmt.Errorf("tiles: %d are expected, not %d", len(want), len(asked.Tiles))
	}
	for path, sum := range want {
		if asked.Tiles[path] != sum {
			return count, fmt.Errorf("%s: another", path)
		}
		count++
	}
	for index, claimed := range asked.Inclusion {
		right, err := tlog.ProveRecord(asked.Size, index, t)
		if err != nil {
			return count, err
		}
		proof, err := hashes(claimed)
		if err != nil {
			return count, err
		}
		leaf := tlog.RecordHash(entries[index])
		if !same(right, proof) || tlog.CheckRecord(proof, asked.Size, root, index, leaf) != nil {
			return count, fmt.Errorf("inclusion of %d: another", index)
		}
		count++
	}
	for old, claimed := range asked.Consistency {
		right, err := tlog.ProveTree(asked.Size, old, t)
		if err != nil {
			return count, err
		}
		both, err := hashes(append([]string{claimed.Root}, claimed.Proof...))
		if err != nil {
			return count, err
		}
		if !same(right, both[1:]) || tlog.CheckTree(both[1:], asked.Size, root, old, both[0]) != nil {
			return count, fmt.Errorf("consistency with %d: another", old)
		}
		count++
	}
	return count, nil
}

func included(asked question) error {
	found, err := hashes(append([]string{asked.Root, asked.Leaf}, asked.Proof...))
	if err != nil {
		return err
	}
	return tlog.CheckRecord(found[2:], asked.Size, found[0], asked.Index, found[1])
}

func consistent(asked question) error {
	found, err := hashes(append([]string{asked.Root, asked.OldRoot}, asked.Proof...))
	if err != nil {
		return err
	}
	return tlog.CheckTree(found[2:], asked.Size, found[0], asked.Old, found[1])
}

func same(a, b []tlog.Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func hashes(texts []string) ([]tlog.Hash, error) {
	raw, err := unhex(texts)
	if err != nil {
		return nil, err
	}
	found := make([]tlog.Hash, len(raw))
	for i, one := range raw {
		if len(one) != tlog.HashSize {
			return nil, errors.New("a hash is not 32 bytes")
		}
		found[i] = *(*tlog.Hash)(one)
	}
	return found, nil
}

func unhex(texts []string) ([][]byte, error) {
	found := make([][]byte, len(texts))
	for i, text := range texts {
		raw, err := hex.DecodeString(text)
		if err != nil {
			return nil, err
		}
		found[i] = raw
	}
	return found, nil
}

func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
