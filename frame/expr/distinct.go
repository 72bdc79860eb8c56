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
	open(a arrow.Array) distinctInput
	// reserve makes room for so many entries in all.
	reserve(entries int)
	// column writes entries in the order given.
	column(b *base, dt arrow.DataType, order []uint32) (arrow.Array, error)
	bytes() int64
	release()
}

// distinctInput are the values of a batch.
type distinctInput interface {
	// hash gives the hashes of the values from a row on.
	hash(from int, hashes []uint64)
	// find puts the values of groups from a row on among the entries.
	find(d *distinctAccumulator, from int, groups []uint32, hashes []uint64)
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
	d.take(a, groups)
	return nil
}

// distinctRows is how many rows look for their slots at once, so that the memory of all is on its way before one is needed.
const distinctRows = 64

func (d *distinctAccumulator) take(a arrow.Array, groups []uint32) {
	rows := d.values.open(a)
	var hashes [distinctRows]uint64
	eachRun(a, func(from, to int) {
		for ; from < to; from += distinctRows {
			end := min(from+distinctRows, to)
			piece, hashes := groups[from:end], hashes[:end-from]
			rows.hash(from, hashes)
			for i, g := range piece {
				hashes[i] = mix(hashes[i] + uint64(g)*0x9e3779b97f4a7c15)
			}
			d.reserve(len(piece))
			d.touch(hashes)
			rows.find(d, from, piece, hashes)
		}
	})
}

// enter notes an entry of a group and gives its number, from 1 on.
func (d *distinctAccumulator) enter(group uint32, hash uint64) uint32 {
	d.groups.at = append(d.groups.at, group)
	d.hashes.at = append(d.hashes.at, hash)
	d.counts.at[group]++
	return uint32(len(d.groups.at))
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
	size, need := len(d.slots.at), len(d.groups.at)+rows
	d.groups.reserve(need)
	d.hashes.reserve(need)
	d.values.reserve(need)
	if 2*need <= size {
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
	d.take(part, owner)
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

func (f *fixedDistinct[T]) open(a arrow.Array) distinctInput { return fixedInput[T]{f, values[T](a)} }

// fixedInput finds entries by their values, without their hashes.
type fixedInput[T fixed] struct {
	known *fixedDistinct[T]
	v     []T
}

func (in fixedInput[T]) hash(from int, hashes []uint64) {
	for i, x := range in.v[from : from+len(hashes)] {
		hashes[i] = in.known.key(x)
	}
}

func (in fixedInput[T]) find(d *distinctAccumulator, from int, groups []uint32, hashes []uint64) {
	slots, mask, known := d.slots.at, uint64(len(d.slots.at)-1), in.known
	for i, x := range in.v[from : from+len(groups)] {
		g := groups[i]
		for at := hashes[i] & mask; ; at = (at + 1) & mask {
			entry := slots[at]
			if entry == 0 {
				known.at = append(known.at, x) // reserve has made room
				slots[at] = d.enter(g, hashes[i])
				break
			}
			// A type's key tells all its values apart but a decimal's.
			if y := known.at[entry-1]; (x == y || x != x && known.key(x) == known.key(y)) && d.groups.at[entry-1] == g {
				break
			}
		}
	}
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

func (t *textDistinct) open(a arrow.Array) distinctInput { return textInput{t, textsOf(a)} }

func (t *textDistinct) reserve(int) {}

type textInput struct {
	known *textDistinct
	texts
}

func (in textInput) hash(from int, hashes []uint64) {
	for i := range hashes {
		hashes[i] = maphash.Bytes(textSeed, in.at(from+i))
	}
}

func (in textInput) find(d *distinctAccumulator, from int, groups []uint32, hashes []uint64) {
	t := in.known
	slots, mask := d.slots.at, uint64(len(d.slots.at)-1)
	for i, g := range groups {
		h, s := hashes[i], in.at(from+i)
		for at := h & mask; ; at = (at + 1) & mask {
			entry := slots[at]
			if entry == 0 {
				n := len(t.data.at)
				t.data.grow(n + len(s))
				copy(t.data.at[n:], s)
				t.offsets.append(int64(n + len(s)))
				slots[at] = d.enter(g, h)
				break
			}
			if entry--; d.hashes.at[entry] == h && d.groups.at[entry] == g && string(t.get(entry)) == string(s) {
				break
			}
		}
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
