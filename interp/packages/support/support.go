package support

import (
	"crypto/hkdf"
	"crypto/pbkdf2"
	"database/sql"
	"database/sql/driver"
	"hash"
	"hash/maphash"
	"iter"
	"runtime"
	"unsafe"
	"weak"
)

// Pull runs seq until its next call of yield each time that next is called, as iter.Pull does; next is false after seq has
// returned.
func Pull(seq func(yield func() bool)) (next func() bool, stop func()) {
	step, stop := iter.Pull(func(yield func(struct{}) bool) {
		seq(func() bool { return yield(struct{}{}) })
	})
	return func() bool {
		_, ok := step()
		return ok
	}, stop
}

// MakeWeak is weak.Make: equal for pointers to the same object.
func MakeWeak(p unsafe.Pointer) unsafe.Pointer {
	w := weak.Make((*byte)(p))
	return *(*unsafe.Pointer)(unsafe.Pointer(&w))
}

// WeakValue is what MakeWeak got, nil when it has been collected.
func WeakValue(u unsafe.Pointer) unsafe.Pointer {
	w := *(*weak.Pointer[byte])(unsafe.Pointer(&u))
	return unsafe.Pointer(w.Value())
}

// AddCleanup calls f after p can't be reached any more.
func AddCleanup(p unsafe.Pointer, f func()) runtime.Cleanup {
	return runtime.AddCleanup((*byte)(p), func(f func()) { f() }, f)
}

// HashComparable is maphash.Comparable of any value.
func HashComparable(seed maphash.Seed, v any) uint64 { return maphash.Comparable(seed, v) }

// WriteComparable is maphash.WriteComparable of any value.
func WriteComparable(h *maphash.Hash, v any) { maphash.WriteComparable(h, v) }

// ExtractHKDF is hkdf.Extract.
func ExtractHKDF(h func() hash.Hash, secret, salt []byte) ([]byte, error) {
	return hkdf.Extract(h, secret, salt)
}

// ExpandHKDF is hkdf.Expand.
func ExpandHKDF(h func() hash.Hash, key []byte, info string, length int) ([]byte, error) {
	return hkdf.Expand(h, key, info, length)
}

// KeyHKDF is hkdf.Key.
func KeyHKDF(h func() hash.Hash, secret, salt []byte, info string, length int) ([]byte, error) {
	return hkdf.Key(h, secret, salt, info, length)
}

// KeyPBKDF2 is pbkdf2.Key.
func KeyPBKDF2(h func() hash.Hash, password string, salt []byte, iterations, length int) ([]byte, error) {
	return pbkdf2.Key(h, password, salt, iterations, length)
}

// DriverValue is what a database driver gets for v.
func DriverValue(v any) (driver.Value, error) { return sql.Null[any]{V: v, Valid: true}.Value() }

// Assign converts a column's value to what destination points to, as Scan does.
func Assign(destination, value any) error { return convertAssign(destination, value) }

// The library keeps this name for those who link to it.
//
//go:linkname convertAssign database/sql.convertAssign
func convertAssign(destination, value any) error
