package parquet

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const (
	// readAhead is how many bytes are read at once, where a page has not more: as many as stay in a cache until they are decompressed.
	readAhead = 256 << 10
	// maxHeader is how long the header of a page may be: it can hold values of any length.
	maxHeader = 16 << 20
	// forgotten is how many bytes of a chunk some writers do not count.
	forgotten = 100
)

// pages reads the pages of a column of a row group, one after the other.
type pages struct {
	r     io.ReaderAt
	codec int
	start int64 // of the file, where the first page begins
	at    int64 // of the file, behind what is in window
	end   int64 // of the file, behind which no page lies
	ahead int   // bytes that are read at once

	stored   buffer // window is a part of it
	from, to int
	body     buffer
	words    buffer
	index    int // of the page
}

func newPages(r io.ReaderAt, mem memory.Allocator, c *chunk, footer int64) (*pages, error) {
	start := c.data
	if c.dictionary > 0 && c.dictionary < start {
		start = c.dictionary
	}
	if start < int64(len(magic)) || c.stored < 0 || c.stored > footer-start {
		return nil, fmt.Errorf("its %d bytes from %d on do not lie in the file", c.stored, start)
	}
	return &pages{
		r: r, codec: int(c.codec), start: start, at: start, end: min(start+c.stored+forgotten, footer), index: -1, ahead: readAhead,
		stored: buffer{mem: mem}, body: buffer{mem: mem}, words: buffer{mem: mem},
	}, nil
}

func (p *pages) free() {
	p.stored.free()
	p.body.free()
	p.words.free()
}

// need has the next n bytes in the window, or as many as there are.
func (p *pages) need(n int) ([]byte, error) {
	if p.to-p.from < n {
		p.to = copy(p.stored.raw, p.stored.raw[p.from:p.to])
		p.from = 0
		more := int(max(0, min(int64(max(n, p.ahead)-p.to), p.end-p.at))) // a damaged page index may point behind the end
		room := p.stored.room(p.to+more, p.to)
		if got, err := p.r.ReadAt(room[p.to:p.to+more], p.at); got < more {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
		p.to += more
		p.at += int64(more)
	}
	return p.stored.raw[p.from:min(p.to, p.from+n)], nil
}

// header gives the header of the next page. Its body is to be read or passed over before the next.
func (p *pages) header() (h header, err error) {
	p.index++
	head, taken := 1<<10, 0
	for {
		data, err := p.need(head)
		if err != nil {
			return h, err
		}
		if h, taken, err = parseHeader(data); err == nil {
			break
		}
		if len(data) == 0 {
			return h, errors.New("the column ends before its rows do")
		}
		if !errors.Is(err, errShort) || len(data) < head || head > maxHeader {
			return h, err
		}
		head *= 8
	}
	p.from += taken
	if int64(h.stored) > int64(p.to-p.from)+p.end-p.at {
		return h, fmt.Errorf("its %d bytes reach beyond the column", h.stored)
	}
	return h, nil
}

// storedBody gives the body of a page as it is stored, valid until the next header.
func (p *pages) storedBody(h header) ([]byte, error) {
	body, err := p.need(h.stored)
	p.from += len(body)
	return body, err
}

// pass passes over the body of a page.
func (p *pages) pass(h header) {
	n := min(h.stored, p.to-p.from)
	p.from += n
	p.at += int64(h.stored - n) // beyond the window, which is empty then
}

// place is where in the file the next page begins.
func (p *pages) place() int64 { return p.at - int64(p.to-p.from) }

// seek goes to a page that begins at a place of the file.
func (p *pages) seek(at int64, index int) {
	if from := p.place(); at >= from && at <= p.at {
		p.from += int(at - from)
	} else {
		p.at, p.from, p.to = at, 0, 0
	}
	p.index = index
}

// dictionary gives the values of a dictionary page, which stay valid.
func (p *pages) dictionary(h header, body []byte) ([]byte, error) {
	if h.encoding != encodingPlain && h.encoding != encodingPlainDictionary {
		return nil, fmt.Errorf("a dictionary of the unknown encoding %d", h.encoding)
	}
	return decompress(p.codec, &p.words, body, h.size)
}

// plain gives size bytes that a body, or a part of it, decompresses to, valid until the next page.
func (p *pages) plain(codec int, body []byte, size int) ([]byte, error) {
	if values := verbatim(codec, body, size); values != nil {
		return values, nil
	}
	return decompress(codec, &p.body, body, size)
}

// levels are the definition levels of a page of a column that may be null.
type levels struct {
	hybrid
	none bool // nothing is null
}

// data gives the levels and the values of a data page, which are valid until the next.
func (p *pages) data(h header, body []byte, optional bool) (l levels, values []byte, err error) {
	var most level
	if optional {
		most.def = 1
	}
	if h.kind == pageDataV2 && (h.repetition != 0 || !optional && h.definition != 0) {
		return l, nil, fmt.Errorf("its levels take %d and %d of %d bytes", h.repetition, h.definition, len(body))
	}
	_, l.hybrid, values, err = p.nested(h, body, most)
	l.none = !optional || err == nil && !l.packed && l.allOnes(h.values)
	return l, values, err
}

// pageValues is the pages of a column of a row group, and what makes values of them.
type pageValues struct {
	pages  *pages
	values values
	coded  bool // a dictionary has come
}

// pageValues opens the column of a leaf of a row group, of which values makes arrays.
func (f *File) pageValues(r io.ReaderAt, mem memory.Allocator, c *chunk, leaf *Field, t arrow.DataType) (v pageValues, err error) {
	switch {
	case c.physical != leaf.physical:
		return v, fmt.Errorf("it has values of the physical type %d, its schema %d", c.physical, leaf.physical)
	case !knownCodec(int(c.codec)):
		return v, fmt.Errorf("it is compressed by the unknown codec %d", c.codec)
	}
	if v.pages, err = newPages(r, mem, c, f.body); err != nil {
		return v, err
	}
	v.values = newValues(mem, leaf, t)
	return v, nil
}

// takeDictionary takes the dictionary page, of which there is one.
func (v *pageValues) takeDictionary(h header, body []byte) error {
	if v.coded {
		return errors.New("a second dictionary")
	}
	v.coded = true
	if w, ok := v.values.(*codeWords); ok { // whoever has them coded has read it
		return w.dictionary(nil, h.values)
	}
	stored, err := v.pages.dictionary(h, body)
	if err != nil {
		return err
	}
	return v.values.dictionary(stored, h.values)
}

// takePage takes the values of a data page.
func (v *pageValues) takePage(h header, stored []byte) error {
	if h.coded() && !v.coded {
		return errors.New("it refers to a dictionary, but there is none")
	}
	return v.values.page(h.encoding, stored)
}
