package main

import (
	"encoding/json"
	"errors"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// entryLine is the expression of section 2 of the specification.
var entryLine = regexp.MustCompile(strings.NewReplacer(
	"ID", `[0-7][0-9a-hjkmnp-tv-z]{25}`,
	"NUM", `(?:0|[1-9][0-9]{0,15})`,
	"CNT", `[1-9][0-9]{1,15}`,
	"HEX", `[0-9a-f]{64}`,
	"KEY", `[a-z][a-z0-9_]{0,31}`,
	"LOG", `[a-z0-9][a-z0-9.-]*(?:/[a-z0-9][a-z0-9.-]*)*`,
	"TYPE", `[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+`,
).Replace(`\A\{"act":"ID","at":NUM,"by":"ID"(?:,"commit":"HEX")?(?:,"happened":NUM)?,"log":"LOG",` +
	`"n":\{((?:"KEY":CNT(?:,"KEY":CNT)*)?)\}(?:,"other":\{"origin":"LOG","root":"HEX","size":NUM\})?,` +
	`"refs":\[(?:"ID"(?:,"ID")*)?\],"type":"TYPE","v":1\}\z`))

// entry is what of an entry is held against the one before it.
type entry struct {
	At       int64
	Happened int64
	Log      string
	N        map[string]int64
	Other    struct {
		Origin string
		Size   int64
	}
	Refs []string
	Type string
}

// readEntry reads a line in its one spelling.
func readEntry(line []byte) (entry, error) {
	match := entryLine.FindSubmatch(line)
	if match == nil { // that it is not too long, its bundle has said
		return entry{}, errors.New("it is not in the form of an entry")
	}
	var read entry
	if err := json.Unmarshal(line, &read); err != nil {
		return entry{}, errors.New("it is not JSON")
	}
	numbers := []int64{read.At, read.Happened, read.Other.Size}
	names := make([]string, 0, len(read.N))
	for name, count := range read.N {
		names, numbers = append(names, name), append(numbers, count)
	}
	for _, number := range numbers {
		if number > maxNumber {
			return entry{}, errors.New("a number is larger than 2^53 - 1")
		}
	}
	sort.Strings(names)
	spelled := make([]string, len(names))
	for i, name := range names {
		spelled[i] = strconv.Quote(name) + ":" + strconv.FormatInt(read.N[name], 10)
	}
	if strings.Join(spelled, ",") != string(match[1]) {
		return entry{}, errors.New("n is not sorted, or names a count twice")
	}
	refs := map[string]bool{}
	for _, ref := range read.Refs {
		if refs[ref] {
			return entry{}, errors.New("refs names an id twice")
		}
		refs[ref] = true
	}
	for _, log := range []string{read.Log, read.Other.Origin} {
		if len(log) > 128 {
			return entry{}, errors.New("a log's name is too long")
		}
	}
	if len(read.Type) > 64 {
		return entry{}, errors.New("its type is too long")
	}
	return read, nil
}
