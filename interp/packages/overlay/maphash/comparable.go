package maphash

import (
	"hash/maphash"

	"github.com/rivulet-go/rivulet/interp/packages/support"
)

// Comparable is a hash of v, the same for equal values.
func Comparable[T comparable](seed maphash.Seed, v T) uint64 { return support.HashComparable(seed, v) }

// WriteComparable adds x to what h has hashed.
func WriteComparable[T comparable](h *maphash.Hash, x T) { support.WriteComparable(h, x) }
