package parquet

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// mostPages is how many pages of a column an index may have: what is known of more takes more memory than it saves time.
const mostPages = 1 << 17

// place is where a data page is.
type place struct {
	at  int64 // of the file, where its header begins
	row int64 // of the group, its first
}

// Pages is what the page index says of a column of a row group: https://parquet.apache.org/docs/file-format/pageindex
type Pages struct {
	// Rows are the first rows of the data pages, and the row behind the last.
	Rows []int64
	// Bounds are those of the pages; nil where they are not known.
	Bounds *Bounds

	places []place
}

// Release gives the bounds back.
func (p *Pages) Release() {
	if p != nil && p.Bounds != nil {
		p.Bounds.Release()
	}
}

// Pages reads the page index of a column; nil where there is none, or none that can be right. With bounds are given those of a field that
// Decodes says can be read as t.
func (f *File) Pages(r io.ReaderAt, mem memory.Allocator, group, field int, t arrow.DataType, withBounds bool) *Pages {
	at := &f.Fields[field]
	c := &f.Groups[group].chunks[at.leaf]
	if c.about == nil || c.about.offsets.length <= 0 {
		return nil
	}
	raw := f.part(r, c.about.offsets)
	if raw == nil {
		return nil
	}
	p := &Pages{}
	if !p.parse(raw, c, f.Groups[group].Rows) {
		return nil
	}
	if withBounds && f.inOrder(at.leaf, t) && c.about.index.length > 0 {
		if raw := f.part(r, c.about.index); raw != nil {
			if parts := parsePageBounds(raw, len(p.places)); parts != nil {
				p.Bounds = newBounds(mem, at, t, parts)
			}
		}
	}
	return p
}

// part reads bytes that lie before the footer, nil where they don't.
func (f *File) part(r io.ReaderAt, s span) []byte {
	if s.at < int64(len(magic)) || s.length <= 0 || s.length > f.body-s.at {
		return nil
	}
	raw := make([]byte, s.length)
	if _, err := r.ReadAt(raw, s.at); err != nil {
		return nil
	}
	return raw
}

// parse reads places, which begin in the chunk and in its order, each with a row or more.
func (p *Pages) parse(raw []byte, c *chunk, rows int64) bool {
	t := &thrift{data: raw}
	t.fields(func(id int, kind byte) {
		if id != 1 || kind != thriftList {
			t.skip(kind)
			return
		}
		t.structures(func(i int) {
			if i == mostPages {
				t.fail(errors.New("more pages than are worth an index"))
				return
			}
			p.places = append(p.places, parsePlace(t))
		})
	})
	if t.err != nil || len(p.places) == 0 || p.places[0].row != 0 {
		return false
	}
	for i, at := range p.places {
		if at.at < c.data || at.at >= c.data+c.stored || at.row >= rows || i > 0 && (at.row <= p.places[i-1].row || at.at <= p.places[i-1].at) {
			return false
		}
		p.Rows = append(p.Rows, at.row)
	}
	p.Rows = append(p.Rows, rows)
	return true
}

func parsePlace(t *thrift) (p place) {
	p.at, p.row = -1, -1
	t.fields(func(id int, kind byte) {
		switch {
		case id == 1 && kind == thriftI64:
			p.at = t.integer()
		case id == 3 && kind == thriftI64:
			p.row = t.integer()
		default:
			t.skip(kind)
		}
	})
	return p
}

// parsePageBounds reads the bounds of n pages, nil where there are not so many.
func parsePageBounds(raw []byte, n int) []bounds {
	parts := make([]bounds, n)
	for i := range parts {
		parts[i].nulls = -1
	}
	t := &thrift{data: raw}
	var empty []bool
	seen := 0
	t.fields(func(id int, kind byte) {
		if kind != thriftList || id != 1 && id != 2 && id != 3 && id != 5 {
			t.skip(kind)
			return
		}
		count, element := t.list()
		if count != n {
			t.fail(fmt.Errorf("a list of %d pages, there are %d", count, n))
			return
		}
		seen |= 1 << id
		for i := 0; i < n && t.err == nil; i++ {
			switch {
			case id == 1 && (element == thriftTrue || element == thriftFalse):
				empty = append(empty, t.byte() == thriftTrue)
			case id == 2 && element == thriftBinary:
				parts[i].least = t.present()
			case id == 3 && element == thriftBinary:
				parts[i].greatest = t.present()
			case id == 5 && element == thriftI64:
				parts[i].nulls = t.integer()
			default:
				t.skipElement(element, 0)
			}
		}
	})
	if t.err != nil || seen&0b1110 != 0b1110 || len(empty) != n {
		return nil
	}
	for i := range parts {
		if empty[i] {
			parts[i].least, parts[i].greatest = nil, nil
		}
	}
	return parts
}

// Locate lets the column go to the pages that are read.
func (c *Column) Locate(p *Pages) {
	if p != nil {
		c.places = p.places
	}
}

// next is the number of the first data page that begins at a row or behind it.
func nextPlace(places []place, row int64) int {
	low, high := 0, len(places)
	for low < high {
		if mid := (low + high) / 2; places[mid].row < row {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// jump goes to the page of the next row that is read, where it is known.
func (c *Column) jump() error {
	if c.behind == 0 || len(c.places) == 0 {
		return nil
	}
	row := c.rows - c.left
	page := nextPlace(c.places, row+c.behind+1) - 1 // the last that does not begin behind it
	if c.places[page].row <= row {
		return nil
	}
	c.behind -= c.places[page].row - row
	c.left -= c.places[page].row - row
	before := 0
	if c.pages.start < c.places[0].at { // the dictionary
		before = 1
		c.skipped = !c.coded
	}
	c.pages.seek(c.places[page].at, page+before-1)
	return nil
}

// skippedDictionary reads the dictionary, which a jump has passed over: many pages behind do not refer to it. It goes back to the page that
// begins at a place of the file.
func (c *Column) skippedDictionary(at int64) error {
	behind, index := c.behind, c.pages.index
	c.behind, c.skipped = 0, false
	c.pages.seek(c.pages.start, -1)
	if err := c.nextPage(); err != nil {
		return err
	}
	if !c.coded {
		return errors.New("it refers to a dictionary, but the first page is none")
	}
	c.behind, c.inPage = behind, 0
	c.pages.seek(at, index-1)
	return nil
}

// placed says whether a page that is next has as many rows as the index says, where that is known.
func (c *Column) placed(h header) error {
	if len(c.places) == 0 {
		return nil
	}
	row := c.rows - c.left
	page := nextPlace(c.places, row)
	end := c.rows
	if page+1 < len(c.places) {
		end = c.places[page+1].row
	}
	if page == len(c.places) || c.places[page].row != row || int64(h.values) != end-row {
		return fmt.Errorf("its %d rows from row %d on are not those of the page index", h.values, row)
	}
	return nil
}
