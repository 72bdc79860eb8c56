package expr

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// Member says whether the integer X is one of Keys. It is what a join knows, once it has its build side, of the rows that find a partner.
type Member struct {
	X    Expr
	Keys *KeySet
}

// KeySet is integers as a bitmap from the least of them on. It is immutable once it is in an expression.
type KeySet struct {
	Least int64
	Bits  []uint64
}

// Has says whether key is in the set.
func (s *KeySet) Has(key int64) bool {
	at := uint64(key) - uint64(s.Least)
	return at>>6 < uint64(len(s.Bits)) && s.Bits[at>>6]>>(at&63)&1 != 0
}

// Add puts in a key that lies within the bitmap.
func (s *KeySet) Add(key int64) {
	at := uint64(key) - uint64(s.Least)
	s.Bits[at>>6] |= 1 << (at & 63)
}

// sparse is of which part of the keys that there could be a set has few.
const sparse = 0.25

// Share is which part of the keys that lie between the least and the greatest are in the set.
func (s *KeySet) Share() float64 { return float64(s.Len()) / float64(max(1, 64*len(s.Bits))) }

// Sparse says whether a set has so few of the keys that there could be that it pays to look at it before anything that compares columns.
func (s *KeySet) Sparse() bool { return s.Share() < sparse }

// Both is the keys that are in another set as well.
func (s *KeySet) Both(other *KeySet) *KeySet {
	both := &KeySet{Least: s.Least, Bits: make([]uint64, len(s.Bits))}
	for i, w := range s.Bits {
		both.Bits[i] = w & other.from(s.Least+int64(64*i))
	}
	return both
}

// from is which of 64 keys from one on are in the set.
func (s *KeySet) from(least int64) (w uint64) {
	if before := uint64(s.Least) - uint64(least); least < s.Least { // only the last of them can be
		if before < 64 && len(s.Bits) > 0 {
			w = s.Bits[0] << before
		}
		return w
	}
	at := uint64(least) - uint64(s.Least)
	word, shift := at>>6, at&63
	if word < uint64(len(s.Bits)) {
		w = s.Bits[word] >> shift
	}
	if word+1 < uint64(len(s.Bits)) {
		w |= s.Bits[word+1] << (64 - shift)
	}
	return w
}

// Greatest is the greatest key; Least where there is none.
func (s *KeySet) Greatest() int64 {
	for i, w := range slices.Backward(s.Bits) {
		if w != 0 {
			return s.Least + int64(64*i+bits.Len64(w)-1)
		}
	}
	return s.Least
}

// Len is how many keys there are.
func (s *KeySet) Len() int {
	n := 0
	for _, w := range s.Bits {
		n += bits.OnesCount64(w)
	}
	return n
}

func (Member) expr() {}

// Children is X.
func (e Member) Children() []Expr { return []Expr{e.X} }

// String is for Explain: no text is read back as a set.
func (e Member) String() string { return fmt.Sprintf("member(%s, %d keys)", e.X, e.Keys.Len()) }

type memberNode struct {
	x    node
	keys *KeySet
}

func (b *binder) member(e Member) (node, error) {
	x, err := b.bind(e.X)
	if err != nil {
		return nil, err
	}
	if x.typ().ID() != arrow.INT64 || e.Keys == nil {
		return nil, errorOf(ErrType, "%s: %s is not in a set of int64", e, typeName(x.typ()))
	}
	return &memberNode{x, e.Keys}, nil
}

func (m *memberNode) typ() arrow.DataType { return arrow.FixedWidthTypes.Boolean }

func (m *memberNode) eval(b *block) (arrow.Array, error) {
	a, err := m.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	v := values[int64](a)
	buf, out := newBits(b.mem, b.rows)
	members(out, v, m.keys)
	return makeArray(m.typ(), b.rows, validity(b.mem, a), buf), nil
}

// members looks keys up, in words of 64 rows.
func members(out []byte, v []int64, keys *KeySet) {
	least, set := uint64(keys.Least), keys.Bits
	for i := wideMembers(out, v, keys.Least, set); i < len(v); i += 64 {
		block := v[i:min(i+64, len(v))]
		var w uint64
		for j, key := range block {
			if at := uint64(key) - least; at>>6 < uint64(len(set)) {
				w |= set[at>>6] >> (at & 63) & 1 << uint(j)
			}
		}
		putWord(out, i, len(v), w)
	}
}
