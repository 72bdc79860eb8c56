package pbkdf2

import (
	"hash"

	"github.com/rivulet-go/rivulet/interp/packages/support"
)

// Key derives a key of keyLength bytes from a password, with iter iterations.
func Key[Hash hash.Hash](h func() Hash, password string, salt []byte, iter, keyLength int) ([]byte, error) {
	return support.KeyPBKDF2(func() hash.Hash { return h() }, password, salt, iter, keyLength)
}
