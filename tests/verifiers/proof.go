package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// proven is a proof that holds.
type proven struct {
	File  string `json:"file"`
	Index int64  `json:"index"`
	Size  int64  `json:"size"`
}

var proofHead = regexp.MustCompile(`\Ac2sp\.org/tlog-proof@v1\nindex (0|[1-9][0-9]{0,15})((?:\n[A-Za-z0-9+/=]+)*)\z`)

// checkProof verifies a .tlog-proof of an entry, and holds its head against the export's entries.
func (e *export) checkProof(file, entryFile string, witnesses []*cosigner) (proven, []word, error) {
	fail := func(err error) (proven, []word, error) {
		return proven{}, nil, fmt.Errorf("%s: %w", file, err)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return fail(errors.New("it cannot be read"))
	}
	line, err := os.ReadFile(entryFile)
	if err != nil {
		return proven{}, nil, fmt.Errorf("%s: it cannot be read", entryFile)
	}
	top, checkpoint, _ := strings.Cut(string(raw), "\n\n")
	match := proofHead.FindStringSubmatch(top)
	if match == nil {
		return fail(errors.New("it is not in the form of a tlog-proof"))
	}
	index, err := strconv.ParseInt(match[1], 10, 64)
	if err != nil {
		return fail(errors.New("its index is no number"))
	}
	var path tlog.RecordProof
	for _, each := range strings.Fields(match[2]) {
		hash, err := readHash(each)
		if err != nil {
			return fail(err)
		}
		path = append(path, hash)
	}
	old, err := openHead([]byte(checkpoint), e.log, witnesses)
	if err != nil {
		return fail(err)
	}
	if err := tlog.CheckRecord(path, old.size, old.root, index, tlog.RecordHash(line)); err != nil {
		return fail(fmt.Errorf("the entry is not number %d of %d: %w", index, old.size, err))
	}
	if old.size > e.head.size {
		return fail(errors.New("its head has more entries than the ledger here"))
	}
	if err := e.tree.continues(old.size, old.root); err != nil {
		return fail(err)
	}
	return proven{file, index, old.size}, old.words, nil
}
