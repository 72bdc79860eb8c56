package exec

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// sortColumn is one key over the rows of one batch. It aliases the key's array.
type sortColumn struct {
	kind  keyKind
	form  wordForm
	flip  uint64 // all ones where descending
	valid validity

	words   []uint64
	halves  []int32
	bools   *array.Boolean
	wides   [][16]byte
	text    []byte
	offsets []int32
}

// wordForm says how the words of a column are mapped to words that order as the values do.
type wordForm uint8

const (
	formInt wordForm = iota
	formUint
	formFloat
	formDate
	formBool
)

// columnsOf makes the keys' arrays comparable.
func (s *sortSpec) columnsOf(arrays []arrow.Array) []sortColumn {
	columns := make([]sortColumn, len(arrays))
	for i, arr := range arrays {
		c := &columns[i]
		c.kind, _ = keyKindOf(arr.DataType())
		c.valid = validityOf(arr)
		if s.descending[i] {
			c.flip = math.MaxUint64
		}
		switch c.kind {
		case keyString:
			c.text, c.offsets = bytesOf(arr)
		case keyWide:
			c.wides = rawValues[[16]byte](arr)
		case keyWord:
			c.setWords(arr)
		default: // the null type: all rows are equal
		}
	}
	return columns
}

func (c *sortColumn) setWords(arr arrow.Array) {
	switch c.form = formOf(arr.DataType()); c.form {
	case formBool:
		c.bools = arr.(*array.Boolean)
	case formDate:
		c.halves = rawValues[int32](arr)
	default:
		c.words = rawWords(arr)
	}
}

// word is a row's value as a number that orders as values do; null orders last, after NaN, and may tie with a value.
func (c *sortColumn) word(row int) uint64 {
	if c.valid.null(row) {
		return nullOrder
	}
	switch c.form {
	case formDate:
		return c.ordered(uint64(c.halves[row]))
	case formBool:
		if c.bools.Value(row) {
			return 1 ^ c.flip
		}
		return c.flip
	default:
		return c.ordered(c.words[row])
	}
}

// ordered is a value of the column, as it is stored, as a number that orders as values do.
func (c *sortColumn) ordered(word uint64) uint64 {
	switch c.form {
	case formUint, formBool:
		return word ^ c.flip
	case formFloat:
		return orderFloat(word, c.flip)
	case formDate:
		return uint64(int64(int32(word))) ^ signBit ^ c.flip
	default:
		return word ^ signBit ^ c.flip
	}
}

// leadingWords gives, for each row of the column's array, the first word by which rows are ordered.
func (c *sortColumn) leadingWords(arr arrow.Array, out []uint64) {
	switch c.kind {
	case keyWord:
		orderWords(arr, c.flip != 0, out)
	case keyString:
		for row := range out {
			out[row] = c.textWord(row, 0)
		}
	case keyWide:
		for row := range out {
			out[row], _ = c.wide(row)
		}
	default:
		clear(out)
		return
	}
	if c.valid.all() {
		return
	}
	for row := range out {
		if c.valid.null(row) {
			out[row] = nullOrder
		}
	}
}

// bytes is a row's string, from its depth-th byte on.
func (c *sortColumn) bytes(row, depth int) []byte {
	return c.text[int(c.offsets[row])+depth : c.offsets[row+1]]
}

// textWord is the eight bytes from depth on as a number.
func (c *sortColumn) textWord(row, depth int) uint64 {
	from, to := int(c.offsets[row])+depth, int(c.offsets[row+1])
	if to-from >= 8 {
		return binary.BigEndian.Uint64(c.text[from:]) ^ c.flip
	}
	if from+8 <= len(c.text) { // what follows the string is cut off
		return binary.BigEndian.Uint64(c.text[from:])&^(math.MaxUint64>>(8*uint(to-from))) ^ c.flip
	}
	return bytesPrefix(c.text[from:to]) ^ c.flip
}

// wide is a row's decimal as two numbers that order in turn.
func (c *sortColumn) wide(row int) (high, low uint64) {
	v := &c.wides[row]
	return binary.LittleEndian.Uint64(v[8:]) ^ signBit ^ c.flip, binary.LittleEndian.Uint64(v[:8]) ^ c.flip
}

// compareRows compares row i of a with row j of b by the keys from key on.
func compareRows(a []sortColumn, i int, b []sortColumn, j, key int) int {
	for k := key; k < len(a); k++ {
		if c := a[k].compare(i, &b[k], j); c != 0 {
			return c
		}
	}
	return 0
}

func (c *sortColumn) compare(i int, o *sortColumn, j int) int {
	left, right := c.valid.null(i), o.valid.null(j)
	switch {
	case c.kind == keyNull, left && right:
		return 0
	case left:
		return 1
	case right:
		return -1
	}
	switch c.kind {
	case keyWord:
		return cmp.Compare(c.word(i), o.word(j))
	case keyWide:
		high, low := c.wide(i)
		otherHigh, otherLow := o.wide(j)
		return cmp.Or(cmp.Compare(high, otherHigh), cmp.Compare(low, otherLow))
	default:
		d := bytes.Compare(c.bytes(i, 0), o.bytes(j, 0))
		if c.flip != 0 {
			return -d
		}
		return d
	}
}
