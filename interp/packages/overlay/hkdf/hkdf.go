package hkdf

import (
	"hash"

	"github.com/rivulet-go/rivulet/interp/packages/support"
)

// Extract derives a pseudorandom key from a secret and a salt.
func Extract[H hash.Hash](h func() H, secret, salt []byte) ([]byte, error) {
	return support.ExtractHKDF(func() hash.Hash { return h() }, secret, salt)
}

// Expand derives a key of keyLength bytes from one of Extract.
func Expand[H hash.Hash](h func() H, pseudorandomKey []byte, info string, keyLength int) ([]byte, error) {
	return support.ExpandHKDF(func() hash.Hash { return h() }, pseudorandomKey, info, keyLength)
}

// Key derives a key of keyLength bytes from a secret, a salt and what it is for.
func Key[Hash hash.Hash](h func() Hash, secret, salt []byte, info string, keyLength int) ([]byte, error) {
	return support.KeyHKDF(func() hash.Hash { return h() }, secret, salt, info, keyLength)
}
