package exec

import (
	"encoding/binary"
	"math/bits"
)

// Hashes decide which partition a spilled row goes to, so they are the same in every process: no random seed.
// Multiply and fold of a 128-bit product, as in wyhash (https://github.com/wangyi-fudan/wyhash).
const (
	hashSeed1 = 0x9E3779B97F4A7C15
	hashSeed2 = 0xD6E8FEB86659FD93
	hashSeed3 = 0xA0761D6478BD642F
	nullHash  = 0xE7037ED1A0B428DB
)

func fold(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a, b)
	return hi ^ lo
}

func hashWord(v uint64) uint64 { return fold(v^hashSeed2, hashSeed1) }

func hashWords(a, b uint64) uint64 { return fold(a^hashSeed1, b^hashSeed2) }

func hashBytes(b []byte) uint64 {
	n := len(b)
	seed := uint64(n) ^ hashSeed3
	var lo, hi uint64
	switch {
	case n > 16:
		p := b
		for len(p) > 16 {
			seed = fold(binary.LittleEndian.Uint64(p)^hashSeed1, binary.LittleEndian.Uint64(p[8:])^seed)
			p = p[16:]
		}
		lo, hi = binary.LittleEndian.Uint64(b[n-16:]), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 8:
		lo, hi = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		lo, hi = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		lo = uint64(b[0])<<16 | uint64(b[n>>1])<<8 | uint64(b[n-1])
	}
	return fold(hashSeed2^seed, fold(lo^hashSeed1, hi^seed))
}
