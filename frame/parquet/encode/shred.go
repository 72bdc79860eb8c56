package encode

import (
	"errors"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// validity is which values of an array are not null, as bits from the first on and as places.
type validity struct {
	bits []byte
	at   []int32
}

// nullsOf is the validity of an array, nil where nothing is null.
func nullsOf(arr arrow.Array) *validity {
	n := arr.Len()
	if arr.NullN() == 0 && !wordsHaveNulls(arr) {
		return nil
	}
	v := &validity{bits: make([]byte, (n+7)/8), at: make([]int32, 0, n)}
	if arr.DataType().ID() != arrow.NULL && !wordsHaveNulls(arr) {
		bitutil.CopyBitmap(arr.NullBitmapBytes(), arr.Data().Offset(), n, v.bits, 0)
		for k, b := range v.bits {
			for ; b != 0; b &= b - 1 {
				v.at = append(v.at, int32(8*k+bits.TrailingZeros8(b)))
			}
		}
		return v
	}
	for i := range n {
		if !isNull(arr, i) {
			v.bits[i/8] |= 1 << (i % 8)
			v.at = append(v.at, int32(i))
		}
	}
	return v
}

func wordsHaveNulls(arr arrow.Array) bool {
	d, ok := arr.(*array.Dictionary)
	return ok && d.Dictionary().NullN() > 0
}

func isNull(arr arrow.Array, i int) bool {
	if d, ok := arr.(*array.Dictionary); ok && d.IsValid(i) {
		return d.Dictionary().IsNull(d.GetValueIndex(i))
	}
	return arr.DataType().ID() == arrow.NULL || arr.IsNull(i)
}

// shredder makes levels of nested arrays, by the method of Melnik et al., Dremel (2010).
type shredder struct {
	leaves []shredded // in the order of the schema
}

// shredded is what comes out for one leaf.
type shredded struct {
	*leaf
	arr        arrow.Array
	at         []int32
	defs, reps []uint32
}

func newShredder(leaves []*leaf) *shredder {
	s := &shredder{leaves: make([]shredded, len(leaves))}
	for i, l := range leaves {
		s.leaves[i].leaf = l
	}
	return s
}

// shred takes the rows of a field's array. The result is valid until the next call.
func (s *shredder) shred(n *node, arr arrow.Array) error {
	for i := range s.leaves {
		l := &s.leaves[i]
		l.arr, l.at, l.defs, l.reps = nil, l.at[:0], l.defs[:0], l.reps[:0]
		if l.at == nil {
			l.at = []int32{} // nil would be all
		}
	}
	for i := range arr.Len() {
		if _, err := s.visit(n, arr, i, 0, 0); err != nil {
			return err
		}
	}
	return nil
}

// visit takes the value i of an array of the node n, whose first leaf is first; it gives the leaf behind. An item of a list that is not the
// first has its repetition level, others that of what they are in.
func (s *shredder) visit(n *node, arr arrow.Array, i, rep, first int) (int, error) {
	if isNull(arr, i) {
		if !n.optional {
			return 0, errors.New("it has nulls, which its schema says there are none of")
		}
		return s.absent(n, n.def-1, rep, first), nil
	}
	if n.leaf != nil {
		l := &s.leaves[first]
		l.arr = arr
		l.at = append(l.at, int32(i))
		l.put(n.def, rep)
		return first + 1, nil
	}
	switch a := arr.(type) {
	case *array.Struct:
		for k, c := range n.children {
			var err error
			if first, err = s.visit(c, a.Field(k), i, rep, first); err != nil {
				return 0, err
			}
		}
		return first, nil
	case array.ListLike:
		items := n.children[0]
		from, to := a.ValueOffsets(i)
		if from == to {
			return s.absent(n, n.def, rep, first), nil
		}
		last := first
		for j := int(from); j < int(to); j++ {
			var err error
			if last, err = s.item(items, a.ListValues(), j, rep, first); err != nil {
				return 0, err
			}
			rep = items.rep
		}
		return last, nil
	}
	return 0, errors.New("its array is not of its type")
}

// item takes an item of a list, or a key of a map with its value.
func (s *shredder) item(items *node, values arrow.Array, j, rep, first int) (int, error) {
	if len(items.children) == 1 {
		return s.visit(items.children[0], values, j, rep, first)
	}
	pair, ok := values.(*array.Struct)
	if !ok {
		return 0, errors.New("its array is not of its type")
	}
	for k, c := range items.children {
		var err error
		if first, err = s.visit(c, pair.Field(k), j, rep, first); err != nil {
			return 0, err
		}
	}
	return first, nil
}

// absent notes for every leaf below n that there is nothing, from the level def on.
func (s *shredder) absent(n *node, def, rep, first int) int {
	if n.leaf != nil {
		s.leaves[first].put(def, rep)
		return first + 1
	}
	for _, c := range n.children {
		first = s.absent(c, def, rep, first)
	}
	return first
}

func (l *shredded) put(def, rep int) {
	l.defs = append(l.defs, uint32(def))
	if l.rep > 0 {
		l.reps = append(l.reps, uint32(rep))
	}
}
