package exec

import (
	"context"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// sortBlock is the rows whose words are made before the next key's turn: they stay in the cache.
const sortBlock = 512

// wordKey is a key of a sort that is a number for each row: how high its value ranks, in a few bits where values are few. Keys side by
// side make a word by which rows are ordered.
type wordKey struct {
	column *gatherColumn
	place  packedColumn
	number int         // of the column
	order  sortColumn  // of values that are words
	ranks  []uint64    // of codes
	low    uint64      // the least value
	null   uint64      // what a row without a value counts as: more than all
	left   int         // where it stands in the word: shifted left, or right where there is no room for all of it
	span   []wordRange // by unit
}

// wordRange is the least and the greatest of some values; the zero value is that of none.
type wordRange struct {
	low, high uint64
	some      bool
}

func (r *wordRange) add(o wordRange) {
	switch {
	case !o.some:
	case !r.some:
		*r = o
	default:
		r.low, r.high = min(r.low, o.low), max(r.high, o.high)
	}
}

// words says whether rec is to be sorted by words: all keys are columns of numbers or of coded text. Where other columns are text that is
// not coded, packed rows would take more memory than sorted pieces do; of a range of the order, where text is short, they may.
func (s *sortSpec) words(rec arrow.Record) bool {
	for _, arr := range rec.Columns() {
		if !isPlainText(arr) {
			continue
		}
		if !s.packText {
			return false
		}
		if _, offsets := bytesOf(arr); longest(offsets) > wordsText {
			return false
		}
	}
	for _, k := range s.keys {
		c, ok := k.Column()
		if !ok {
			return false
		}
		arr := rec.Column(c)
		if kind, _ := keyKindOf(arr.DataType()); kind != keyWord && kind != keyString && !batch.IsCoded(arr) || isPlainText(arr) {
			return false
		}
	}
	return true
}

// isPlainText says whether a column has text that is not coded.
func isPlainText(arr arrow.Array) bool {
	kind, _ := keyKindOf(arr.DataType())
	return kind == keyString && !batch.IsCoded(arr) && arr.NullN() < arr.Len()
}

// formOf is how words of a type are ordered.
func formOf(dt arrow.DataType) wordForm {
	switch dt.ID() {
	case arrow.BOOL:
		return formBool
	case arrow.DATE32:
		return formDate
	case arrow.FLOAT64:
		return formFloat
	case arrow.UINT64:
		return formUint
	default:
		return formInt
	}
}

// wordKeys makes keys of the sort's columns, which layout packs; nil where there can't be.
func wordKeys(env *Env, spec *sortSpec, columns []gatherColumn, layout *packedRows) ([]wordKey, error) {
	keys := make([]wordKey, len(spec.keys))
	for i, bound := range spec.keys {
		c, ok := bound.Column()
		if !ok {
			return nil, nil
		}
		k := &keys[i]
		*k = wordKey{column: &columns[c], place: layout.columns[c], number: c}
		if k.column.coded == nil {
			if kind, _ := keyKindOf(k.column.dt); kind != keyWord {
				return nil, nil
			}
			k.order.form = formOf(k.column.dt)
			if spec.descending[i] {
				k.order.flip = math.MaxUint64
			}
			continue
		}
		var err error
		if k.ranks, err = ranksOf(env, k.column.coded, spec.descending[i]); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// ranksOf says how high each of some words, which differ, ranks.
func ranksOf(env *Env, words arrow.ArrayData, descending bool) ([]uint64, error) {
	schema := arrow.NewSchema([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String}}, nil)
	spec, err := newSortSpec(schema, []plan.SortKey{{X: expr.Column{Name: "text"}, Descending: descending}})
	if err != nil {
		return nil, err
	}
	texts := array.MakeFromData(words)
	defer texts.Release()
	pieces := chunked(nil, array.NewRecord(schema, []arrow.Array{texts}, int64(texts.Len())))
	defer releaseRecords(pieces)
	ids, err := sortRecords(env, spec, pieces)
	if err != nil {
		return nil, err
	}
	ranks := make([]uint64, len(ids))
	for rank, id := range ids { // pieces are full: an id is the place of a word
		ranks[id] = uint64(rank)
	}
	return ranks, nil
}

// values maps values of the key, as they are stored, to what they count as.
func (k *wordKey) values(v []uint64) {
	if k.ranks != nil {
		for i, code := range v {
			v[i] = k.ranks[code]
		}
		return
	}
	switch form, flip, low := k.order.form, k.order.flip, k.low; form {
	case formFloat:
		for i, w := range v {
			v[i] = orderFloat(w, flip) - low
		}
	case formInt:
		for i, w := range v {
			v[i] = (w ^ signBit ^ flip) - low
		}
	default:
		for i, w := range v {
			v[i] = k.order.ordered(w) - low
		}
	}
}

// stored gives rows of a batch.
func (k *wordKey) stored(chunk, from int, out []uint64) {
	switch c := k.column; {
	case c.words != nil:
		copy(out, c.words[chunk][from:])
	case c.halves != nil:
		for i, h := range c.halves[chunk][from : from+len(out)] {
			out[i] = uint64(h)
		}
	default:
		bits := c.arrays[chunk].(*array.Boolean)
		for i := range out {
			out[i] = 0
			if bits.Value(from + i) {
				out[i] = 1
			}
		}
	}
}

// packed gives rows that are packed, width words each.
func (k *wordKey) packed(rows []uint64, width int, out []uint64) {
	if k.column.words != nil && !k.column.narrow {
		for i := range out {
			out[i] = rows[i*width+k.place.at]
		}
		return
	}
	halves := halvesOf(rows)[2*k.place.at+k.place.half:]
	for i := range out {
		out[i] = uint64(halves[i*2*width]) + k.column.least
	}
}

// mix puts values in their place in words.
func (k *wordKey) mix(words, values []uint64) {
	if k.left >= 0 {
		for i, v := range values {
			words[i] |= v << (k.left & 63)
		}
		return
	}
	for i, v := range values {
		words[i] |= v >> -k.left
	}
}

// measure finds what values a key has in a unit.
func (k *wordKey) measure(ctx context.Context, u *sortUnit) (r wordRange, err error) {
	var block [sortBlock]uint64
	for chunk := u.from; chunk < u.to; chunk++ {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		valid, n := k.column.valid[chunk], k.column.arrays[chunk].Len()
		for from := 0; from < n; from += sortBlock {
			v := block[:min(sortBlock, n-from)]
			k.stored(chunk, from, v)
			k.values(v)
			for i, w := range v {
				if !valid.null(from + i) {
					r.add(wordRange{w, w, true})
				}
			}
		}
	}
	return r, nil
}

// stand puts keys side by side, the first on the left. It gives the first that there is no room for all of: len(keys) where words tell all.
// false where a key has no number to spare for null.
func stand(keys []wordKey) (tied int, ok bool) {
	room := 64
	tied = len(keys)
	for i := range keys {
		k := &keys[i]
		high := k.bound()
		if k.column.nulls {
			if high == math.MaxUint64 {
				return 0, false
			}
			high++
			k.null = high
		}
		k.left = room - bits.Len64(high)
		if k.left < 0 {
			tied = min(tied, i)
		}
		room = max(0, k.left)
	}
	return tied, true
}

// bound is the greatest value; values become as low as they can.
func (k *wordKey) bound() uint64 {
	switch {
	case k.ranks != nil:
		return uint64(max(1, len(k.ranks)) - 1)
	case k.span == nil:
		return math.MaxUint64
	}
	all := wordRange{}
	for _, r := range k.span {
		all.add(r)
	}
	k.low = all.low
	return all.high - all.low
}
