package main

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	maxNumber    = 1<<53 - 1
	maxNoteBytes = 1_000_000
)

// head is a checkpoint whose signatures were verified.
type head struct {
	origin string
	size   int64
	root   tlog.Hash
	words  []word
}

// word is one witness's cosignature of a head.
type word struct {
	Witness string `json:"witness"`
	Size    int64  `json:"size"`
	Time    uint64 `json:"time"`
}

var checkpointText = regexp.MustCompile(`\A([^\n]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/=]+)\n\z`)

// openHead reads a signed note: signed by the log, and perhaps by witnesses.
func openHead(raw []byte, log note.Verifier, witnesses []*cosigner) (head, error) {
	if err := checkLines(raw, log, witnesses); err != nil {
		return head{}, err
	}
	known := []note.Verifier{log}
	for _, each := range witnesses {
		known = append(known, each)
	}
	opened, err := note.Open(raw, note.VerifierList(known...))
	if err != nil {
		return head{}, err
	}
	found, err := readHead(opened.Text)
	if err != nil {
		return head{}, err
	}
	signed := false
	for _, each := range opened.Sigs {
		if each.Name == log.Name() && each.Hash == log.KeyHash() {
			signed = true
			continue
		}
		blob, err := base64.StdEncoding.DecodeString(each.Base64)
		if err != nil {
			return head{}, err
		}
		if at := binary.BigEndian.Uint64(blob[4:]); !isAhead(at) {
			found.words = append(found.words, word{each.Name, found.size, at})
		}
	}
	if !signed {
		return head{}, errors.New("it is not signed by the ledger")
	}
	if found.origin != log.Name() {
		return head{}, errors.New("it is the head of another ledger")
	}
	return found, nil
}

func readHead(text string) (head, error) {
	match := checkpointText.FindStringSubmatch(text)
	if match == nil {
		return head{}, errors.New("three lines, origin, size and root, are expected")
	}
	size, err := strconv.ParseInt(match[2], 10, 64)
	if err != nil || size > maxNumber {
		return head{}, errors.New("its size is no number")
	}
	root, err := readHash(match[3])
	if err != nil {
		return head{}, err
	}
	return head{origin: match[1], size: size, root: root}, nil
}

// checkLines refuses what the library lets pass: two signatures by one key, a second spelling of a
// signature, a very long note.  Everything else about a note the library refuses.
func checkLines(raw []byte, log note.Verifier, witnesses []*cosigner) error {
	if len(raw) > maxNoteBytes {
		return errors.New("it is too long")
	}
	at := strings.LastIndex(string(raw), "\n\n")
	if at < 0 {
		return errors.New("a text, an empty line and signature lines are expected")
	}
	known := map[string]bool{fmt.Sprint(log.Name(), " ", log.KeyHash()): false}
	for _, each := range witnesses {
		known[fmt.Sprint(each.Name(), " ", each.KeyHash())] = false
	}
	lines := strings.Split(strings.TrimSuffix(string(raw[at+2:]), "\n"), "\n")
	for _, line := range lines {
		words := strings.Split(line, " ")
		if len(words) != 3 {
			return errors.New("a line is not a signature line")
		}
		blob, err := strictBase64(words[2])
		if err != nil || len(blob) < 5 {
			return errors.New("a signature is not the one spelling in base 64")
		}
		key := fmt.Sprint(words[1], " ", binary.BigEndian.Uint32(blob))
		if seen, mine := known[key]; mine && seen {
			return errors.New("two signatures by one key")
		} else if mine {
			known[key] = true
		}
	}
	return nil
}

func readHash(text string) (tlog.Hash, error) {
	raw, err := strictBase64(text)
	if err != nil || len(raw) != tlog.HashSize {
		return tlog.Hash{}, errors.New("a hash is not 32 bytes in base 64")
	}
	return *(*tlog.Hash)(raw), nil
}
