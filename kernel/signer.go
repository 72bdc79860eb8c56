package kernel

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// signer signs with HMAC-SHA256, in lower-case hex. An empty key turns signing off.
type signer struct{ key []byte }

func newSigner(key string) signer { return signer{key: []byte(key)} }

func (s signer) sum(parts [][]byte) []byte {
	h := hmac.New(sha256.New, s.key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func (s signer) sign(parts [][]byte) []byte {
	if len(s.key) == 0 {
		return nil
	}
	sum := s.sum(parts)
	return hex.AppendEncode(make([]byte, 0, 2*len(sum)), sum)
}

// verify compares in constant time.
func (s signer) verify(signature []byte, parts [][]byte) bool {
	if len(s.key) == 0 {
		return true
	}
	return hmac.Equal(signature, s.sign(parts))
}
