package parquet

import (
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// levelRows is how many rows of a page with nulls are read at once.
const levelRows = 4096

// values builds arrays from the values of pages.
type values interface {
	// begin makes room for so many rows.
	begin(rows int)
	// dictionary takes the values of a dictionary page, which stay valid.
	dictionary(stored []byte, n int) error
	// page takes the values of a data page, which stay valid until the next. Its nulls are not among them.
	page(encoding int, stored []byte) error
	// step is how many values may be read at once.
	step() int
	// full says that the array should have no more rows.
	full() bool
	// read makes the next n values the rows from at on.
	read(at, n int) error
	// pick makes of the next n values those whose numbers less base are in picks, in increasing order, the rows from at on; there are at most
	// step of them.
	pick(at int, picks []int32, base int32, n int) error
	// skip passes over the next n values.
	skip(n int) error
	// spread moves the first of n rows from at on to those whose bit is set; the others are null.
	spread(at, n, set int, bits []byte)
	// finish gives the array of rows rows; the buffer, which may be nil, is its validity.
	finish(rows, nulls int, validity *memory.Buffer) (arrow.Array, error)
	// free gives back what is not in an array.
	free()
}

// Column reads a column of a row group. It is not safe for concurrent use.
type Column struct {
	pageValues
	mem      memory.Allocator
	optional bool

	rows     int64 // of the group
	left     int64 // of these to come
	inPage   int   // of these in the page
	behind   int64 // of these to be passed over before the next is read
	skipped  bool  // the dictionary: a jump has passed over it
	room     int   // rows that the array has room for
	levels   levels
	places   []place // of the data pages, where they are known
	bits     [levelRows / 8]byte
	there    []byte  // of rows that are picked
	numbers  []int32 // likewise
	validity validity
}

// Decodes says whether Column reads a field as what batch.Canonical makes of type t. It reads no groups, no repeated fields, no types that
// the physical one does not stand for, and nothing that is encrypted or in another file.
func (f *File) Decodes(field int, t arrow.DataType) bool {
	at := &f.Fields[field]
	if at.leaf < 0 || at.repeated || newValues(memory.DefaultAllocator, at, t) == nil {
		return false
	}
	for i := range f.Groups {
		if f.Groups[i].chunks[at.leaf].elsewhere {
			return false
		}
	}
	return true
}

// Column opens a column of a row group, which the caller closes. Decodes says of which type t it can be. Arrays are allocated from mem.
func (f *File) Column(r io.ReaderAt, mem memory.Allocator, group, field int, t arrow.DataType) (*Column, error) {
	at := &f.Fields[field]
	g := &f.Groups[group]
	c := &g.chunks[at.leaf]
	if c.values != g.Rows {
		return nil, fmt.Errorf("it has %d values, its row group %d rows", c.values, g.Rows)
	}
	v, err := f.pageValues(r, mem, c, at, t)
	if err != nil {
		return nil, err
	}
	return &Column{pageValues: v, mem: mem, optional: at.optional, rows: g.Rows, left: g.Rows, validity: validity{mem: mem}}, nil
}

// Close gives back what the column holds; arrays stay valid.
func (c *Column) Close() {
	c.values.free()
	c.pages.free()
	c.validity.free()
}

// Next gives the next rows rows, of long texts fewer, at least one: where the group has no more, io.EOF. An error that names a page wraps
// io.ErrUnexpectedEOF where the file is too short.
func (c *Column) Next(rows int) (arrow.Array, error) {
	if rows = int(min(int64(rows), c.left-c.behind)); rows == 0 {
		return nil, io.EOF
	}
	c.begin(rows)
	done, err := c.fill(0, rows)
	if err != nil {
		return nil, err
	}
	return c.finish(done)
}

func (c *Column) begin(rows int) {
	c.room = rows
	c.values.begin(rows)
}

// fill reads rows of the array from done on, up to the one before to, fewer where the array is full, and says where it ended.
func (c *Column) fill(done, to int) (int, error) {
	for done < to && !c.values.full() {
		if c.inPage == 0 || c.behind > 0 {
			if err := c.settle(); err != nil {
				return done, err
			}
			continue
		}
		n, err := c.read(done, to)
		if err != nil {
			return done, fmt.Errorf("page %d: its values: %w", c.pages.index, err)
		}
		done += n
		c.inPage -= n
		c.left -= int64(n)
	}
	return done, nil
}

// finish gives the array of the rows that were read.
func (c *Column) finish(rows int) (arrow.Array, error) {
	nulls, bitmap := c.validity.take()
	if bitmap != nil {
		defer bitmap.Release()
	}
	arr, err := c.values.finish(rows, nulls, bitmap)
	if err != nil {
		return nil, fmt.Errorf("page %d: its values: %w", c.pages.index, err)
	}
	return arr, nil
}

// read reads rows of the page behind the first done, up to the one before to, and says how many.
func (c *Column) read(done, to int) (int, error) {
	n := min(to-done, c.inPage, c.values.step())
	if c.levels.none {
		return n, c.values.read(done, n)
	}
	n = min(n, levelRows)
	bits, set, err := c.present(n)
	if err != nil {
		return 0, err
	}
	if err := c.values.read(done, set); err != nil {
		return 0, err
	}
	if set == n {
		return n, nil
	}
	c.validity.mark(bits, done, n, set, c.room)
	c.values.spread(done, n, set, bits)
	return n, nil
}

// present gives which of the next n rows, at most levelRows, are not null, and how many.
func (c *Column) present(n int) (bits []byte, set int, err error) {
	bits = c.bits[:(n+7)/8]
	clear(bits)
	if err := c.levels.bits(bits, 0, n); err != nil {
		return nil, 0, fmt.Errorf("its levels: %w", err)
	}
	return bits, bitutil.CountSetBits(bits, 0, n), nil
}

// nextPage takes the next page, which may be the dictionary's.
func (c *Column) nextPage() error {
	at := c.pages.place()
	h, err := c.pages.header()
	if err != nil {
		return err
	}
	data := h.kind == pageData || h.kind == pageDataV2
	if data && int64(h.values) <= c.behind {
		c.pages.pass(h)
		c.behind -= int64(h.values)
		c.left -= int64(h.values)
		return nil
	}
	if data && c.skipped && h.coded() {
		return c.skippedDictionary(at)
	}
	body, err := c.pages.storedBody(h)
	if err != nil {
		return err
	}
	switch h.kind {
	case pageDictionary:
		return c.takeDictionary(h, body)
	case pageData, pageDataV2:
		if err := c.placed(h); err != nil {
			return err
		}
		if int64(h.values) > c.left {
			return fmt.Errorf("its %d values are more than the rows of the row group", h.values)
		}
		var stored []byte
		if c.levels, stored, err = c.pages.data(h, body, c.optional); err != nil {
			return err
		}
		c.inPage = h.values
		return c.takePage(h, stored)
	}
	return nil // an index, or of a kind to come
}
