package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Signature types of C2SP signed-note.
const (
	typeEd25519     = 0x01
	typeCosignature = 0x04
)

// readLog reads a ledger's verifier; a witness's is refused.
func readLog(vkey string) (note.Verifier, error) {
	if _, err := publicKey(vkey, typeEd25519); err != nil {
		return nil, err
	}
	return note.NewVerifier(vkey)
}

// readWitness reads a witness's verifier; a ledger's is refused.
func readWitness(vkey string) (*cosigner, error) {
	public, err := publicKey(vkey, typeCosignature)
	if err != nil {
		return nil, err
	}
	// The library knows no key of this type, so that its name and id are looked at here.
	name, rest, _ := strings.Cut(vkey, "+")
	if name == "" || !utf8.ValidString(name) || strings.IndexFunc(name, unicode.IsSpace) >= 0 {
		return nil, errors.New("verifier: a key name is not empty and holds no space")
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), append([]byte{typeCosignature}, public...)...))
	if hex.EncodeToString(sum[:4]) != rest[:8] {
		return nil, errors.New("verifier: the key id is not that of this name and key")
	}
	return &cosigner{name, binary.BigEndian.Uint32(sum[:4]), public}, nil
}

// publicKey is what stands in a verifier of that type, in its one spelling.
func publicKey(vkey string, kind byte) (ed25519.PublicKey, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 || len(parts[1]) != 8 || strings.ToLower(parts[1]) != parts[1] {
		return nil, errors.New("verifier: name, key id and key joined by plus signs are expected")
	}
	typed, err := strictBase64(parts[2])
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || typed[0] != kind {
		return nil, errors.New("verifier: not an Ed25519 key for this use")
	}
	if isEverybodys(typed[1:]) {
		return nil, errors.New("verifier: a key under which anybody's signature is right")
	}
	return ed25519.PublicKey(typed[1:]), nil
}

// smallOrder are the y of the points of order 1, 2, 4 and 8, little end first, as published in the
// tables of libsodium and of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko, 2020).
var smallOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

func isEverybodys(public []byte) bool {
	y := append([]byte(nil), public...)
	y[31] &= 0x7f // the sign of x
	for _, known := range smallOrder {
		if hex.EncodeToString(y) == known {
			return true
		}
	}
	for i := 0; i < 16; i++ {
		y[i], y[31-i] = y[31-i], y[i]
	}
	field := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	return new(big.Int).SetBytes(y).Cmp(field) >= 0
}

// strictBase64 reads the one spelling of some bytes.
func strictBase64(text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || !bytes.Equal([]byte(base64.StdEncoding.EncodeToString(raw)), []byte(text)) {
		return nil, errors.New("not the one spelling in base 64")
	}
	return raw, nil
}
