package exec

import (
	"github.com/apache/arrow/go/v17/arrow"
)

// codedBits is the most bits that the codes of a key take together: the places of its groups take 4 MiB.
const codedBits = 20

// codedTable gives each distinct key a number as groupTable does, for keys of few values: each column codes its values
// as small numbers, and the codes of a row side by side are the place of its group. Nothing is hashed or compared but
// text, on its way to a code.
//
//	key: │ code of column 1 │ code of column 0 │ ─► groups[key]
type codedTable struct {
	mem    allocator
	coders []coder
	fields []codedField
	groups slab[uint32] // + 1; 0 is none
	keys   slab[uint32] // of the groups
	rows   []uint32     // the keys of a batch
}

// codedField is where in a key the code of a column lies.
type codedField struct{ shift, bits uint }

func (f codedField) of(key uint32) uint32 { return key >> f.shift & (1<<f.bits - 1) }

// coder codes the values of a column; null is 0.
type coder interface {
	// prepare looks at a batch: codes take so many bits with its values among them. Fits is false where that is too many.
	prepare(arr arrow.Array) (bits uint, fits bool)
	// moved is the code of a value, which was code before, from the next settle on.
	moved(code uint32) uint32
	settle()
	// put adds the codes of the batch that was prepared to keys.
	put(arr arrow.Array, keys []uint32, shift uint)
	// column gives the values of codes back.
	column(mem allocator, keys []uint32, f codedField) (arrow.Array, error)
	bytes() int64
	reset()
}

// newCodedTable is nil where there are no columns, or some type has too many values.
func newCodedTable(mem allocator, types []arrow.DataType) *codedTable {
	if len(types) == 0 {
		return nil
	}
	t := &codedTable{mem: mem, groups: newSlab[uint32](mem), keys: newSlab[uint32](mem)}
	for _, dt := range types {
		switch kind, err := keyKindOf(dt); {
		case err == nil && kind == keyString:
			t.coders = append(t.coders, &textCoder{dt: dt, slots: newSlab[textSlot](mem), words: newSlab[[2]uint64](mem)})
		case err == nil && kind == keyWord && dt.ID() != arrow.FLOAT64:
			t.coders = append(t.coders, newIntCoder(dt))
		default:
			return nil
		}
	}
	t.fields = make([]codedField, len(types))
	return t
}

func (t *codedTable) len() int { return len(t.keys.vals) }

// assign implements keyTable.
func (t *codedTable) assign(keys []arrow.Array, rows int, out []uint32) (bool, error) {
	fields, shift := make([]codedField, len(keys)), uint(0)
	for i, c := range t.coders {
		bits, fits := c.prepare(keys[i])
		fields[i] = codedField{shift, bits}
		if shift += bits; !fits || shift > codedBits {
			return false, nil
		}
	}
	t.settle(fields, shift)
	t.rows = sized(t.rows, rows)
	clear(t.rows)
	for i, c := range t.coders {
		c.put(keys[i], t.rows, fields[i].shift)
	}
	t.keys.reserve(min(t.len()+rows, len(t.groups.vals)))
	groups, mask := t.groups.vals, uint32(len(t.groups.vals)-1)
	out = out[:rows]
	for i, key := range t.rows {
		at := &groups[key&mask]
		if *at == 0 {
			t.keys.vals = append(t.keys.vals, key)
			*at = uint32(t.len())
		}
		out[i] = *at - 1
	}
	return true, nil
}

// settle moves the groups to where the coders want them.
func (t *codedTable) settle(fields []codedField, bits uint) {
	keys := t.keys.vals
	same := len(t.groups.vals) == 1<<bits
	for i, c := range t.coders {
		same = same && fields[i] == t.fields[i] && c.moved(1) == 1
	}
	if !same {
		for g, key := range keys {
			next := uint32(0)
			for i, c := range t.coders {
				next |= c.moved(t.fields[i].of(key)) << fields[i].shift
			}
			keys[g] = next
		}
		t.groups.free()
		t.groups.resize(1 << bits)
		clear(t.groups.vals)
		for g, key := range keys {
			t.groups.vals[key] = uint32(g) + 1
		}
		t.fields = fields
	}
	for _, c := range t.coders {
		c.settle()
	}
}

// columns gives the keys of groups [from, to) as columns.
func (t *codedTable) columns(from, to int) ([]arrow.Array, error) {
	return makeArrays(len(t.coders), func(i int) (arrow.Array, error) {
		return t.coders[i].column(t.mem, t.keys.vals[from:to], t.fields[i])
	})
}

func (t *codedTable) bytes() int64 {
	n := t.groups.bytes() + t.keys.bytes()
	for _, c := range t.coders {
		n += c.bytes()
	}
	return n
}

// growth is an estimate: what widening takes shows only in the batch itself, and is 4 MiB at most.
func (t *codedTable) growth(rows int, _ int64) int64 {
	return t.keys.growth(t.len()+rows) + t.groups.bytes()
}

func (t *codedTable) reset() {
	t.groups.free()
	t.keys.free()
	for _, c := range t.coders {
		c.reset()
	}
}
