package main

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// cosigner verifies cosignatures (C2SP tlog-cosignature, Ed25519); it is a note.Verifier.
type cosigner struct {
	name   string
	id     uint32
	public ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.id }

// Verify says whether a signature, a time and 64 bytes, is this witness's word on a text.
func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(signature)
	if at > math.MaxInt64 {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", at, text)
	return ed25519.Verify(c.public, []byte(signed), signature[8:])
}

// patience is how far a witness's clock may be ahead of ours.
const patience = 2 * time.Minute

// isAhead says whether a cosignature is of a time that has not come.
func isAhead(at uint64) bool {
	return at > uint64(time.Now().Add(patience).Unix())
}
