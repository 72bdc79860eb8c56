package exec

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

const (
	nullOrder = math.MaxUint64 // also the largest int: ties at it look at validity
	nanOrder  = math.MaxUint64 - 1

	infinity = 0x7FF0000000000000 // the bits of +Inf
)

// sortKeys is the keys of one batch; prepare makes them ready to compare.
type sortKeys struct {
	spec    *sortSpec
	arrays  []arrow.Array // evaluated, owned
	valid   validity      // of the only key
	text    []byte        // of the only key
	offsets []int32

	prefix []uint64
	rows   []byte // sortRows: the encoded rows
	ends   []int  // where they begin, and the end
}

func (s *sortSpec) keysOf(env *Env, rec arrow.Record) (*sortKeys, error) {
	// No key calls a function, which a cancel would have to stop: frame makes such keys columns first.
	arrays, err := evalAll(context.Background(), env, s.keys, rec)
	if err != nil {
		return nil, err
	}
	k := &sortKeys{spec: s, arrays: arrays}
	if s.mode != sortRows {
		k.valid = validityOf(arrays[0])
	}
	if s.mode == sortText {
		k.text, k.offsets = bytesOf(arrays[0])
	}
	return k, nil
}

func (k *sortKeys) release() {
	releaseArrays(k.arrays)
	k.arrays = nil
}

// prepare makes all rows comparable.
func (k *sortKeys) prepare(rows int) {
	k.prefix = sized(k.prefix, rows)
	switch k.spec.mode {
	case sortWord:
		orderWords(k.arrays[0], k.spec.descending[0], k.prefix)
	case sortText:
		k.textPrefixes()
	default:
		k.encode()
		return
	}
	if !k.valid.all() {
		for i := range k.prefix {
			if k.valid.null(i) {
				k.prefix[i] = nullOrder
			}
		}
	}
}

// compareTie compares rows whose prefixes are equal.
func (k *sortKeys) compareTie(i int, o *sortKeys, j int) int {
	if k.spec.mode == sortRows {
		return bytes.Compare(k.rows[k.ends[i]:k.ends[i+1]], o.rows[o.ends[j]:o.ends[j+1]])
	}
	left, right := k.valid.null(i), o.valid.null(j)
	switch {
	case left && right:
		return 0
	case left:
		return 1
	case right:
		return -1
	case k.spec.mode == sortWord:
		return 0
	}
	a, b := k.text[k.offsets[i]:k.offsets[i+1]], o.text[o.offsets[j]:o.offsets[j+1]]
	if k.spec.descending[0] {
		return bytes.Compare(b, a)
	}
	return bytes.Compare(a, b)
}

func (k *sortKeys) textPrefixes() {
	flip := uint64(0)
	if k.spec.descending[0] {
		flip = math.MaxUint64
	}
	for i := range k.prefix {
		k.prefix[i] = bytesPrefix(k.text[k.offsets[i]:k.offsets[i+1]]) ^ flip
	}
}

// bytesPrefix is the first eight bytes as a number that orders as the bytes do.
func bytesPrefix(b []byte) uint64 {
	if len(b) >= 8 {
		return binary.BigEndian.Uint64(b)
	}
	var p uint64
	for i, c := range b {
		p |= uint64(c) << (56 - 8*i)
	}
	return p
}

// orderWords maps the rows of a word column to numbers that order as the values do, ascending or descending.
func orderWords(arr arrow.Array, descending bool, out []uint64) {
	flip := uint64(0)
	if descending {
		flip = math.MaxUint64
	}
	switch a := arr.(type) {
	case *array.Boolean:
		for i := range out {
			out[i] = flip
			if a.Value(i) {
				out[i] = 1 ^ flip
			}
		}
	case *array.Date32:
		for i, v := range a.Date32Values()[:len(out)] {
			out[i] = uint64(int64(v)) ^ signBit ^ flip
		}
	case *array.Float64:
		for i, w := range rawWords(a)[:len(out)] {
			out[i] = orderFloat(w, flip)
		}
	case *array.Uint64:
		for i, w := range rawWords(a)[:len(out)] {
			out[i] = w ^ flip
		}
	default:
		for i, w := range rawWords(a)[:len(out)] {
			out[i] = w ^ signBit ^ flip
		}
	}
}

// orderFloat orders floats: negative numbers have all bits inverted, positive ones the sign (IEEE 754 totalOrder).
func orderFloat(w, flip uint64) uint64 {
	if size := w &^ signBit; size-1 >= infinity {
		if size != 0 {
			return nanOrder
		}
		w = 0
	}
	return w ^ (uint64(int64(w)>>63) | signBit) ^ flip
}

// encode writes the rows such that bytes.Compare orders them: for each key a byte (0 valid, 1 null) and,
// where valid, words big-endian, strings with 0 escaped as 0 255 and ended by 0 0; inverted where descending.
func (k *sortKeys) encode() {
	k.rows, k.ends = k.rows[:0], sized(k.ends, len(k.prefix)+1)
	k.ends[0] = 0
	words := make([][]uint64, len(k.arrays))
	for c, arr := range k.arrays {
		if kind, _ := keyKindOf(arr.DataType()); kind == keyWord {
			words[c] = make([]uint64, len(k.prefix))
			orderWords(arr, k.spec.descending[c], words[c])
		}
	}
	for i := range k.prefix {
		for c, arr := range k.arrays {
			switch {
			case arr.IsNull(i) || arr.DataType().ID() == arrow.NULL:
				k.rows = append(k.rows, 1)
			case words[c] != nil:
				k.rows = binary.BigEndian.AppendUint64(append(k.rows, 0), words[c][i])
			default:
				k.rows = appendOrdered(append(k.rows, 0), arr, i, k.spec.descending[c])
			}
		}
		k.ends[i+1] = len(k.rows)
		k.prefix[i] = bytesPrefix(k.rows[k.ends[i]:])
	}
}

func appendOrdered(dst []byte, arr arrow.Array, row int, descending bool) []byte {
	at := len(dst)
	switch a := arr.(type) {
	case *array.Decimal128:
		v := a.Value(row)
		dst = binary.BigEndian.AppendUint64(dst, uint64(v.HighBits())^signBit)
		dst = binary.BigEndian.AppendUint64(dst, v.LowBits())
	default:
		data, offsets := bytesOf(arr)
		for _, c := range data[offsets[row]:offsets[row+1]] {
			dst = append(dst, c)
			if c == 0 {
				dst = append(dst, 0xFF)
			}
		}
		dst = append(dst, 0, 0)
	}
	if descending {
		for i := range dst[at:] {
			dst[at+i] ^= 0xFF
		}
	}
	return dst
}

// sortTies orders the entries of equal prefix by the rest of their keys, then by input order.
func sortTies(spec *sortSpec, keys []*sortKeys, entries []sortEntry) {
	for from := 0; from < len(entries); {
		to := from + 1
		for to < len(entries) && entries[to].prefix == entries[from].prefix {
			to++
		}
		if to-from > 1 && (spec.mode != sortWord || entries[from].prefix == nullOrder) {
			slices.SortFunc(entries[from:to], func(a, b sortEntry) int {
				k, o := keys[a.row>>chunkBits], keys[b.row>>chunkBits]
				if c := k.compareTie(int(a.row&(chunkRows-1)), o, int(b.row&(chunkRows-1))); c != 0 {
					return c
				}
				return cmp.Compare(a.row, b.row)
			})
		}
		from = to
	}
}
