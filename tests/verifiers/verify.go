package main

import (
	"errors"
	"fmt"
	"sort"
)

// report is what is printed.
type report struct {
	OK       bool     `json:"ok"`
	Error    string   `json:"error,omitempty"`
	Log      string   `json:"log"`
	Size     int64    `json:"size"`
	Root     string   `json:"root"`
	Tiles    int      `json:"tiles"`    // read and found right
	Cosigned []word   `json:"cosigned"` // the longest head of each witness
	Proofs   []proven `json:"proofs"`
}

// verify checks everything that was asked; the first fault ends it, and names its file.
func verify(asked asking) (report, error) {
	found := report{Cosigned: []word{}, Proofs: []proven{}}
	log, err := readLog(asked.vkey)
	if err != nil {
		return found, err
	}
	public, err := publicKey(asked.vkey, typeEd25519)
	if err != nil {
		return found, err
	}
	keys := map[string]bool{string(public): true}
	var witnesses []*cosigner
	for _, vkey := range asked.witnesses {
		one, err := readWitness(vkey)
		if err != nil {
			return found, fmt.Errorf("--witness: %w", err)
		}
		if keys[string(one.public)] {
			return found, errors.New("--witness: a key that was given before")
		}
		keys[string(one.public)] = true
		witnesses = append(witnesses, one)
	}
	ledger := export{folder: asked.folder, log: log}
	if err := ledger.readHead(witnesses); err != nil {
		return found, err
	}
	found.Log, found.Size, found.Root = ledger.head.origin, ledger.head.size, base64Of(ledger.head.root)
	if err := ledger.readEntries(); err != nil {
		return found, err
	}
	if err := ledger.checkTree(); err != nil {
		return found, err
	}
	words, err := ledger.checkCosigned(witnesses)
	if err != nil {
		return found, err
	}
	for _, each := range asked.proofs {
		one, more, err := ledger.checkProof(each[0], each[1], witnesses)
		if err != nil {
			return found, err
		}
		found.Proofs = append(found.Proofs, one)
		words = append(words, more...)
	}
	found.Tiles, found.Cosigned = ledger.tiles, longest(words)
	if len(witnesses) > 0 && len(words) == 0 {
		return found, errors.New("none of these witnesses cosigned this ledger")
	}
	return found, nil
}

// longest keeps of each witness the longest head, and of those the newest word.
func longest(words []word) []word {
	best := map[string]word{}
	for _, one := range words {
		known, seen := best[one.Witness]
		if !seen || one.Size > known.Size || one.Size == known.Size && one.Time > known.Time {
			best[one.Witness] = one
		}
	}
	kept := make([]word, 0, len(best))
	for _, one := range best {
		kept = append(kept, one)
	}
	sort.Slice(kept, func(i, j int) bool { return kept[i].Witness < kept[j].Witness })
	return kept
}
