package expr

import (
	"context"
	"hash/maphash"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// distinctAccumulator counts a group's different values; nulls do not count, NaN equals NaN, -0 equals 0. All groups
// share one open-addressing table of (group, value): a table per group would waste memory where groups are many.
// The state is each group's list of values.
type distinctAccumulator struct {
	base
	counts slab[int64]
	groups slab[uint32] // of entry i, in order of first appearance
	hashes slab[uint64]
	values distinctValues
	slots  slab[uint32] // entry+1, 0 for none; a power of two
}

// distinctValues are the entries' values.
type distinctValues interface {
	// open gives the hash of a row's value, whether it equals an entry's, and a way to append it.
	open(a arrow.Array) (hash func(i int) uint64, equal func(entry uint32, i int) bool, push func(i int))
	// column writes entries in the order given.
	column(b *base, dt arrow.DataType, order []uint32) (arrow.Array, error)
	bytes() int64
	release()
}

func (b *BoundAgg) chooseDistinct() error {
	operand := b.x.Type()
	if !fixedKind(operand) && physicalOf(operand) != physBytes {
		return b.refuse("take its parts")
	}
	b.dt, b.states = int64Type, []arrow.DataType{arrow.ListOf(operand)}
	b.make = func(b *BoundAgg, mem memory.Allocator) Accumulator {
		d := &distinctAccumulator{base: base{b, mem}, counts: slab[int64]{mem: mem}, groups: slab[uint32]{mem: mem}, hashes: slab[uint64]{mem: mem}, slots: slab[uint32]{mem: mem}}
		switch physicalOf(operand) {
		case physInt32:
			d.values = &fixedDistinct[int32]{slab[int32]{mem: mem}, func(v int32) uint64 { return uint64(v) }}
		case physInt64:
			d.values = &fixedDistinct[int64]{slab[int64]{mem: mem}, func(v int64) uint64 { return uint64(v) }}
		case physUint64:
			d.values = &fixedDistinct[uint64]{slab[uint64]{mem: mem}, func(v uint64) uint64 { return v }}
		case physFloat:
			d.values = &fixedDistinct[float64]{slab[float64]{mem: mem}, floatKey}
		case physDec:
			d.values = &fixedDistinct[decimal128.Num]{slab[decimal128.Num]{mem: mem}, func(v decimal128.Num) uint64 {
				return v.LowBits() ^ mix(uint64(v.HighBits()))
			}}
		default:
			d.values = &textDistinct{offsets: slab[int64]{mem: mem}, data: slab[byte]{mem: mem}}
		}
		return d
	}
	return nil
}

// floatKey is the bits of a float, with one NaN and one zero.
func floatKey(v float64) uint64 {
	switch {
	case v == 0:
		return 0
	case v != v:
		return math.Float64bits(math.NaN())
	}
	return math.Float64bits(v)
}

// mix spreads the bits of a key (the finalizer of MurmurHash3).
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

func (d *distinctAccumulator) Update(ctx context.Context, rec arrow.Record, groups []uint32, n int) error {
	a, err := d.operand(ctx, rec, groups)
	if err != nil {
		return err
	}
	defer a.Release()
	d.counts.grow(n)
	d.take(a, func(i int) uint32 { return groups[i] })
	return nil
}

// distinctRows is how many rows look for their slots at once, so that the memory of all is on its way before one is needed.
const distinctRows = 64

func (d *distinctAccumulator) take(a arrow.Array, group func(i int) uint32) {
	hash, equal, push := d.values.open(a)
	var hashes [distinctRows]uint64
	eachRun(a, func(from, to int) {
		for i := from; i < to; i++ {
			if (i-from)%distinctRows == 0 {
				rows := hashes[:min(distinctRows, to-i)]
				for k := range rows {
					rows[k] = mix(hash(i+k) + uint64(group(i+k))*0x9e3779b97f4a7c15)
				}
				d.reserve(len(rows))
				d.touch(rows)
			}
			g, h := group(i), hashes[(i-from)%distinctRows]
			mask := uint64(len(d.slots.at) - 1)
			for at := h & mask; ; at = (at + 1) & mask {
				entry := d.slots.at[at]
				if entry == 0 {
					d.groups.append(g)
					d.hashes.append(h)
					push(i)
					d.slots.at[at] = uint32(len(d.groups.at))
					d.counts.at[g]++
					break
				}
				if entry--; d.hashes.at[entry] == h && d.groups.at[entry] == g && equal(entry, i) {
					break
				}
			}
		}
	})
}

// touch reads the slots of hashes: independent loads, which the processor overlaps. Inlined, the compiler would drop them.
//
//go:noinline
func (d *distinctAccumulator) touch(hashes []uint64) (sum uint32) {
	slots, mask := d.slots.at, uint64(len(d.slots.at)-1)
	for _, h := range hashes {
		sum += slots[h&mask]
	}
	return sum
}

// reserve keeps the table at most half full when as many as rows entries come.
func (d *distinctAccumulator) reserve(rows int) {
	size := len(d.slots.at)
	if 2*(len(d.groups.at)+rows) <= size {
		return
	}
	d.slots.release()
	d.slots.grow(max(2*size, 1024))
	mask := uint64(len(d.slots.at) - 1)
	for entry, h := range d.hashes.at {
		at := h & mask
		for d.slots.at[at] != 0 {
			at = (at + 1) & mask
		}
		d.slots.at[at] = uint32(entry) + 1
	}
}

func (d *distinctAccumulator) Merge(_ context.Context, state []arrow.Array, groups []uint32, n int) error {
	if err := d.states(state, groups); err != nil {
		return err
	}
	d.counts.grow(n)
	lists := state[0].(*array.List)
	if lists.Len() == 0 {
		return nil
	}
	from, _ := lists.ValueOffsets(0)
	_, to := lists.ValueOffsets(lists.Len() - 1)
	owner := make([]uint32, to-from)
	for i, g := range groups {
		a, b := lists.ValueOffsets(i)
		for j := a; j < b; j++ {
			owner[j-from] = g
		}
	}
	part := array.NewSlice(lists.ListValues(), from, to)
	defer part.Release()
	d.take(part, func(i int) uint32 { return owner[i] })
	return nil
}

func (d *distinctAccumulator) State(_ context.Context) ([]arrow.Array, error) {
	n := len(d.counts.at)
	if len(d.groups.at) > math.MaxInt32 {
		return nil, errorOf(ErrOverflow, "%s: more than 2^31 different values in one state", d.bound.agg)
	}
	offsets, at := newFixed[int32](d.mem, n+1)
	at[0] = 0
	for g, c := range d.counts.at {
		at[g+1] = at[g] + int32(c)
	}
	// A counting sort: entries by group, in order of appearance within one.
	next := append([]int32(nil), at[:n]...)
	order := make([]uint32, len(d.groups.at))
	for entry, g := range d.groups.at {
		order[next[g]] = uint32(entry)
		next[g]++
	}
	dt := d.bound.states[0].(*arrow.ListType)
	child, err := d.values.column(&d.base, dt.Elem(), order)
	if err != nil {
		offsets.Release()
		return nil, err
	}
	defer child.Release()
	data := array.NewData(dt, n, []*memory.Buffer{nil, offsets}, []arrow.ArrayData{child.Data()}, 0, 0)
	defer data.Release()
	offsets.Release()
	return []arrow.Array{array.NewListData(data)}, nil
}

func (d *distinctAccumulator) Result(_ context.Context, n int) (arrow.Array, error) {
	buf, out := newFixed[int64](d.mem, n)
	copy(out, d.counts.at)
	return makeArray(int64Type, n, nil, buf), nil
}

func (d *distinctAccumulator) Bytes() int64 {
	return d.counts.bytes() + d.groups.bytes() + d.hashes.bytes() + d.slots.bytes() + d.values.bytes()
}

func (d *distinctAccumulator) Release() {
	d.counts.release()
	d.groups.release()
	d.hashes.release()
	d.slots.release()
	d.values.release()
}

type fixedDistinct[T fixed] struct {
	slab[T]
	key func(T) uint64
}

func (f *fixedDistinct[T]) open(a arrow.Array) (func(int) uint64, func(uint32, int) bool, func(int)) {
	v := values[T](a)
	return func(i int) uint64 { return f.key(v[i]) },
		func(entry uint32, i int) bool {
			x, y := f.at[entry], v[i]
			// A type's key tells all its values apart but a decimal's.
			return x == y || f.key(x) == f.key(y) && x != x
		},
		func(i int) { f.append(v[i]) }
}

func (f *fixedDistinct[T]) column(b *base, dt arrow.DataType, order []uint32) (arrow.Array, error) {
	return fixedResult(b.mem, dt, len(order), func(i int) (T, bool) { return f.at[order[i]], true }), nil
}

var textSeed = maphash.MakeSeed() // decides where entries lie, never their order

type textDistinct struct {
	offsets slab[int64] // the end of entry i
	data    slab[byte]
}

func (t *textDistinct) get(entry uint32) []byte {
	from := int64(0)
	if entry > 0 {
		from = t.offsets.at[entry-1]
	}
	return t.data.at[from:t.offsets.at[entry]]
}

func (t *textDistinct) open(a arrow.Array) (func(int) uint64, func(uint32, int) bool, func(int)) {
	in := textsOf(a)
	return func(i int) uint64 { return maphash.Bytes(textSeed, in.at(i)) },
		func(entry uint32, i int) bool { return string(t.get(entry)) == string(in.at(i)) },
		func(i int) {
			s, n := in.at(i), len(t.data.at)
			t.data.grow(n + len(s))
			copy(t.data.at[n:], s)
			t.offsets.append(int64(n + len(s)))
		}
}

func (t *textDistinct) column(b *base, dt arrow.DataType, order []uint32) (arrow.Array, error) {
	w := newTextWriter(b.mem, len(order), len(t.data.at))
	for _, entry := range order {
		w.put(append(w.buf, t.get(entry)...))
	}
	return w.finish(dt, nil, b.bound.agg)
}

func (t *textDistinct) bytes() int64 { return t.offsets.bytes() + t.data.bytes() }

func (t *textDistinct) release() {
	t.offsets.release()
	t.data.release()
}
