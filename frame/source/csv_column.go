package source

import (
	"math"
	"slices"
	"unicode/utf8"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// kind is how a column's fields are parsed.
type kind uint8

const (
	kindSkip kind = iota
	kindInt
	kindUint
	kindFloat
	kindString
	kindBool
	kindDate
	kindTimestamp
	kindLook     // whatever: the form is looked at, the value is not kept
	kindTrailing // nothing, after a delimiter at the row's end
	kindOther    // types that can only be declared: by their Arrow builder's own text form
)

func kindOf(t arrow.DataType) kind {
	switch t.ID() {
	case arrow.INT64:
		return kindInt
	case arrow.UINT64:
		return kindUint
	case arrow.FLOAT64:
		return kindFloat
	case arrow.STRING, arrow.BINARY:
		return kindString
	case arrow.BOOL:
		return kindBool
	case arrow.DATE32:
		return kindDate
	case arrow.TIMESTAMP:
		return kindTimestamp
	}
	return kindOther
}

// nullWords are the words that mean null, those of at most seven bytes as words to compare at once.
type nullWords struct {
	lengths uint64 // bit n: some short word has n bytes
	short   [8][]uint64
	long    map[string]bool
}

func newNullWords(words []string) *nullWords {
	n := &nullWords{long: map[string]bool{}}
	for _, w := range words {
		if len(w) > 7 {
			n.long[w] = true
			continue
		}
		var b [8]byte
		copy(b[:], w)
		n.lengths |= 1 << len(w)
		n.short[len(w)] = append(n.short[len(w)], load(unsafe.Pointer(&b), 0))
	}
	return n
}

// matches tells whether the n bytes (at most 7) at the low end of w are a null word.
func (n *nullWords) matches(w uint64, length int) bool {
	w &= 1<<(length*8) - 1
	return slices.Contains(n.short[length], w)
}

func (n *nullWords) has(text []byte) bool {
	if len(text) > 7 {
		return n.long[string(text)]
	}
	var b [8]byte
	copy(b[:], text)
	return n.lengths>>len(text)&1 != 0 && n.matches(load(unsafe.Pointer(&b), 0), len(text))
}

// column builds one column of one batch. Its buffers are allocated per batch and belong to the arrays made of them.
type column struct {
	kind  kind
	typ   arrow.DataType
	name  string
	zoned bool  // timestamps with a time zone: values are UTC
	unit  int64 // of a timestamp, in nanoseconds

	rows    int // capacity
	raw     []byte
	values  unsafe.Pointer // raw's start
	offsets unsafe.Pointer // strings: rows+1 int32
	rawOffs []byte
	used    int // strings: bytes of raw written
	valid   []byte
	nulls   int
	other   array.Builder
	dropped []int       // rows of other that were taken back
	cut     arrow.Array // of other, after truncate

	perRow float64 // strings: bytes a row takes, from what was read so far
}

func newColumn(name string, t arrow.DataType) *column {
	c := &column{kind: kindOf(t), typ: t, name: name, perRow: 16}
	if ts, ok := t.(*arrow.TimestampType); ok {
		c.zoned = ts.TimeZone != ""
		c.unit = int64(ts.Unit.Multiplier())
	}
	return c
}

func width(k kind) int {
	switch k {
	case kindDate:
		return 4
	default:
		return 8
	}
}

// begin allocates for a batch of at most rows rows.
func (c *column) begin(mem memory.Allocator, rows int) {
	c.rows, c.used, c.nulls, c.valid, c.dropped = rows, 0, 0, nil, c.dropped[:0]
	switch c.kind {
	case kindString:
		c.rawOffs = allocate(mem, (rows+1)*4)
		c.offsets = unsafe.Pointer(unsafe.SliceData(c.rawOffs))
		*(*int32)(c.offsets) = 0
		c.raw = allocate(mem, int(float64(rows)*c.perRow*1.04)+64)
	case kindBool:
		c.raw = allocate(mem, (rows+7)/8)
		clear(c.raw)
	case kindLook:
		return
	case kindOther:
		c.other = array.NewBuilder(mem, c.typ)
		c.other.Reserve(rows)
		return
	default:
		c.raw = allocate(mem, rows*width(c.kind))
	}
	c.values = unsafe.Pointer(unsafe.SliceData(c.raw))
}

// discard frees the buffers of a batch that is not finished.
func (c *column) discard(mem memory.Allocator) {
	for _, b := range [][]byte{c.raw, c.rawOffs, c.valid} {
		if b != nil {
			mem.Free(b)
		}
	}
	c.raw, c.rawOffs, c.valid = nil, nil, nil
	if c.other != nil {
		c.other.Release()
		c.other = nil
	}
	if c.cut != nil {
		c.cut.Release()
		c.cut = nil
	}
}

// finish makes the array of the first rows rows.
func (c *column) finish(mem memory.Allocator, rows int) arrow.Array {
	if c.kind == kindOther {
		arr := c.cut
		if c.cut == nil {
			arr = c.kept(mem)
		}
		c.cut = nil
		c.other.Release()
		c.other = nil
		return arr
	}
	buffers := []*memory.Buffer{nil, memory.NewBufferWithAllocator(c.raw, mem)}
	if c.valid != nil {
		buffers[0] = memory.NewBufferWithAllocator(c.valid, mem)
	}
	if c.kind == kindString {
		if rows > 0 {
			c.perRow = float64(c.used)/float64(rows) + 0.5
		}
		// Give back what was over-estimated, so that who holds the batch holds little more than its bytes.
		if len(c.raw) > 64<<10 && c.used < len(c.raw)/4*3 {
			buffers[1] = memory.NewBufferWithAllocator(mem.Reallocate(max(c.used, 64), c.raw), mem)
		}
		buffers = []*memory.Buffer{buffers[0], memory.NewBufferWithAllocator(c.rawOffs, mem), buffers[1]}
	}
	c.raw, c.rawOffs, c.valid = nil, nil, nil
	d := array.NewData(c.typ, rows, buffers, nil, c.nulls, 0)
	defer d.Release()
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	return array.MakeFromData(d)
}

// grow makes room for n more characters and the eight bytes that are written at once.
func (c *column) grow(mem memory.Allocator, n int) {
	c.raw = mem.Reallocate(max(c.used+n+16, len(c.raw)+len(c.raw)/2), c.raw)
	c.values = unsafe.Pointer(unsafe.SliceData(c.raw))
}

// setNull makes row null. Rows are set in order, so its other buffers are written here too.
func (c *column) setNull(mem memory.Allocator, row int) {
	switch c.kind {
	case kindOther:
		c.other.AppendNull()
		return
	case kindLook:
		return
	}
	if c.valid == nil {
		c.valid = allocate(mem, (c.rows+7)/8)
		for i := range c.valid {
			c.valid[i] = math.MaxUint8
		}
	}
	c.valid[row>>3] &^= 1 << (row & 7)
	c.nulls++
	switch c.kind {
	case kindString:
		*(*int32)(unsafe.Add(c.offsets, (row+1)*4)) = int32(c.used)
	case kindBool:
	case kindDate:
		*(*int32)(unsafe.Add(c.values, row*4)) = 0
	default:
		*(*int64)(unsafe.Add(c.values, row*8)) = 0
	}
}

// setString makes row a string, copied.
func (c *column) setString(mem memory.Allocator, row int, text []byte) {
	if c.used+len(text) > len(c.raw) {
		c.grow(mem, len(text))
	}
	copy(c.raw[c.used:], text)
	c.used += len(text)
	*(*int32)(unsafe.Add(c.offsets, (row+1)*4)) = int32(c.used)
}

// set parses text, as the general path does for what the fast ones leave. It is false where text does not fit the type.
func (c *column) set(mem memory.Allocator, row int, text []byte) bool {
	switch c.kind {
	case kindString:
		c.setString(mem, row, text)
		return true
	case kindOther:
		return c.other.AppendValueFromString(string(text)) == nil
	}
	text = trimSpace(text)
	switch c.kind {
	case kindInt:
		v, ok := parseInt(text)
		*(*int64)(unsafe.Add(c.values, row*8)) = v
		return ok
	case kindUint:
		v, ok := parseUint(text)
		*(*uint64)(unsafe.Add(c.values, row*8)) = v
		return ok
	case kindFloat:
		v, ok := parseFloat(text)
		*(*float64)(unsafe.Add(c.values, row*8)) = v
		return ok
	case kindBool:
		v, ok := parseBool(text)
		if v {
			c.raw[row>>3] |= 1 << (row & 7)
		}
		return ok
	case kindDate:
		v, ok := parseDate(text)
		*(*int32)(unsafe.Add(c.values, row*4)) = v
		return ok
	case kindTimestamp:
		v, ok := c.parseTimestamp(text)
		*(*int64)(unsafe.Add(c.values, row*8)) = v
		return ok
	}
	return false
}

// badUTF8 is the first of rows whose string is not UTF-8, -1 where all are.
func (c *column) badUTF8(rows int) int {
	if c.kind != kindString || c.typ.ID() != arrow.STRING || utf8.Valid(c.raw[:c.used]) {
		return -1
	}
	offsets := unsafe.Slice((*int32)(c.offsets), rows+1)
	for i := range rows {
		if !utf8.Valid(c.raw[offsets[i]:offsets[i+1]]) {
			return i
		}
	}
	return -1
}

// truncate forgets what was written for rows from n on, when the row after them failed.
func (c *column) truncate(mem memory.Allocator, n int) {
	if c.kind == kindOther {
		whole := c.kept(mem)
		defer whole.Release()
		c.cut = array.NewSlice(whole, 0, int64(n))
		return
	}
	if c.valid == nil {
		return
	}
	c.nulls = 0
	for i := range n {
		if c.valid[i>>3]>>(i&7)&1 == 0 {
			c.nulls++
		}
	}
}

// offset is where the string of a row begins.
func (c *column) offset(row int) int32 { return *(*int32)(unsafe.Add(c.offsets, row*4)) }
