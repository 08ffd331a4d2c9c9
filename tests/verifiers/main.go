// The program of a stranger: verifies an exported ledger with code that is not ours.
//
// Trees, tiles, proofs and notes are golang.org/x/mod/sumdb; what stands in this folder says
// where a ledger's bytes lie and reads what that library does not know.  Nothing here is
// taken from the package or its tests: only from the specification, docs/spec/ledger-v1.md.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

const usage = `usage: azukari-verify verify FOLDER VKEY [--witness VKEY]... [--proof FILE ENTRY]...
       azukari-verify judge            questions on stdin, one a line; answers on stdout

Prints JSON.  Exit status 0: everything holds; 1: something does not; 2: not understood.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, in io.Reader, out, speech io.Writer) int {
	if len(args) == 1 && args[0] == "judge" {
		return judge(in, out, speech)
	}
	asked, err := parse(args)
	if err != nil {
		fmt.Fprintf(speech, "azukari-verify: %v\n%s", err, usage)
		return 2
	}
	report, err := verify(asked)
	report.OK = err == nil
	status := 0
	if err != nil {
		report.Error = err.Error()
		fmt.Fprintf(speech, "azukari-verify: %v\n", err)
		status = 1
	}
	printed := json.NewEncoder(out)
	printed.SetEscapeHTML(false)
	printed.SetIndent("", "  ")
	if printed.Encode(report) != nil {
		return 1
	}
	return status
}

// asking is what one command line wants verified.
type asking struct {
	folder, vkey string
	witnesses    []string
	proofs       [][2]string // file of a proof, file of its entry
}

func parse(args []string) (asking, error) {
	if len(args) < 3 || args[0] != "verify" {
		return asking{}, errors.New("a folder and a verifier are expected")
	}
	asked := asking{folder: args[1], vkey: args[2]}
	rest := args[3:]
	for len(rest) > 0 {
		switch {
		case rest[0] == "--witness" && len(rest) > 1:
			asked.witnesses = append(asked.witnesses, rest[1])
			rest = rest[2:]
		case rest[0] == "--proof" && len(rest) > 2:
			asked.proofs = append(asked.proofs, [2]string{rest[1], rest[2]})
			rest = rest[3:]
		default:
			return asking{}, fmt.Errorf("%q is not expected here", rest[0])
		}
	}
	return asked, nil
}
