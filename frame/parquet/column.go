package parquet

import (
	"errors"
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
	// spread moves the first of n rows from at on to those whose bit is set; the others are null.
	spread(at, n, set int, bits []byte)
	// finish gives the array of rows rows; the buffer, which may be nil, is its validity.
	finish(rows, nulls int, validity *memory.Buffer) (arrow.Array, error)
	// free gives back what is not in an array.
	free()
}

// Column reads a column of a row group. It is not safe for concurrent use.
type Column struct {
	mem      memory.Allocator
	pages    *pages
	values   values
	optional bool

	left     int64 // rows of the group to come
	inPage   int   // of these in the page
	levels   levels
	coded    bool // a dictionary has come
	bits     [levelRows / 8]byte
	validity []byte
	nulls    int
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
	switch {
	case c.physical != at.physical:
		return nil, fmt.Errorf("it has values of the physical type %d, its schema %d", c.physical, at.physical)
	case c.values != g.Rows:
		return nil, fmt.Errorf("it has %d values, its row group %d rows", c.values, g.Rows)
	case !knownCodec(c.codec):
		return nil, fmt.Errorf("it is compressed by the unknown codec %d", c.codec)
	}
	p, err := newPages(r, mem, c, f.body)
	if err != nil {
		return nil, err
	}
	return &Column{mem: mem, pages: p, values: newValues(mem, at, t), optional: at.optional, left: g.Rows}, nil
}

// Close gives back what the column holds; arrays stay valid.
func (c *Column) Close() {
	c.values.free()
	c.pages.free()
	c.freeValidity()
}

func (c *Column) freeValidity() {
	if c.validity != nil {
		c.mem.Free(c.validity)
		c.validity = nil
	}
}

// Next gives the next rows rows, of long texts fewer, at least one: where the group has no more, io.EOF. An error that names a page wraps
// io.ErrUnexpectedEOF where the file is too short.
func (c *Column) Next(rows int) (arrow.Array, error) {
	if rows = int(min(int64(rows), c.left)); rows == 0 {
		return nil, io.EOF
	}
	c.values.begin(rows)
	c.nulls = 0
	done := 0
	for done < rows && !c.values.full() {
		if c.inPage == 0 {
			if err := c.nextPage(); err != nil {
				return nil, fmt.Errorf("page %d: %w", c.pages.index, err)
			}
			continue
		}
		n, err := c.read(done, rows)
		if err != nil {
			return nil, fmt.Errorf("page %d: its values: %w", c.pages.index, err)
		}
		done += n
		c.inPage -= n
		c.left -= int64(n)
	}
	var validity *memory.Buffer
	if c.validity != nil {
		validity = memory.NewBufferWithAllocator(c.validity, c.mem)
		c.validity = nil
		defer validity.Release()
	}
	arr, err := c.values.finish(done, c.nulls, validity)
	if err != nil {
		return nil, fmt.Errorf("page %d: its values: %w", c.pages.index, err)
	}
	return arr, nil
}

// read reads rows of the page behind the first done, and says how many.
func (c *Column) read(done, rows int) (int, error) {
	n := min(rows-done, c.inPage, c.values.step())
	if c.levels.none {
		return n, c.values.read(done, n)
	}
	n = min(n, levelRows)
	bits := c.bits[:(n+7)/8]
	clear(bits)
	if err := c.levels.bits(bits, 0, n); err != nil {
		return 0, fmt.Errorf("its levels: %w", err)
	}
	set := bitutil.CountSetBits(bits, 0, n)
	if err := c.values.read(done, set); err != nil {
		return 0, err
	}
	if set == n {
		return n, nil
	}
	if c.validity == nil {
		c.validity = allocate(c.mem, (rows+7)/8)
		for i := range c.validity {
			c.validity[i] = 0xff
		}
	}
	c.nulls += n - set
	bitutil.CopyBitmap(bits, 0, n, c.validity, done)
	c.values.spread(done, n, set, bits)
	return n, nil
}

// nextPage takes the next page, which may be the dictionary's.
func (c *Column) nextPage() error {
	h, body, err := c.pages.next()
	if err != nil {
		return err
	}
	switch h.kind {
	case pageDictionary:
		if c.coded {
			return errors.New("a second dictionary")
		}
		c.coded = true
		stored, err := c.pages.dictionary(h, body)
		if err != nil {
			return err
		}
		return c.values.dictionary(stored, h.values)
	case pageData, pageDataV2:
		if int64(h.values) > c.left {
			return fmt.Errorf("its %d values are more than the rows of the row group", h.values)
		}
		var stored []byte
		if c.levels, stored, err = c.pages.data(h, body, c.optional); err != nil {
			return err
		}
		c.inPage = h.values
		if (h.encoding == encodingPlainDictionary || h.encoding == encodingRLEDictionary) && !c.coded {
			return errors.New("it refers to a dictionary, but there is none")
		}
		return c.values.page(h.encoding, stored)
	}
	return nil // an index, or of a kind to come
}
