package encode

import (
	"encoding/binary"
	"fmt"
	"math"
	"sync"
)

// Kinds of pages and encodings, as the format numbers them.
const (
	pageData, pageDictionary                 = 0, 2
	encodingPlain, encodingRLE, encodingCode = 0, 3, 8
)

// page is a data page to be.
type page struct {
	rows, levels, values int

	valid bitmap   // of a flat leaf
	defs  []uint32 // of others
	reps  []uint32

	codes  []uint32 // of values of the dictionary
	plain  []byte   // of others
	truths bitmap

	bounds bounds
	seen   []uint32 // of values of the dictionary: in which page, counted from 1
	number uint32
}

func (p *page) reset(b bounds) {
	p.rows, p.levels, p.values = 0, 0, 0
	p.valid.reset()
	p.truths.reset()
	p.defs, p.reps, p.codes, p.plain = p.defs[:0], p.reps[:0], p.codes[:0], p.plain[:0]
	p.bounds = bounds{order: b.order, wide: b.wide, min: p.bounds.min[:0], max: p.bounds.max[:0]}
	if p.number++; p.number == 0 {
		clear(p.seen)
		p.number = 1
	}
}

// addBits takes rows of a flat leaf, from the row at on.
func (p *page) addBits(l levels, at, rows, values int) {
	if l.valid != nil {
		p.valid.copy(l.valid, l.at+at, rows)
	} else {
		p.valid.ones(rows)
	}
	p.count(rows, rows, values)
}

func (p *page) addLevels(l levels, at, rows, n, values int) {
	p.defs = append(p.defs, l.defs[at:at+n]...)
	if l.reps != nil {
		p.reps = append(p.reps, l.reps[at:at+n]...)
	}
	p.count(rows, n, values)
}

func (p *page) count(rows, levels, values int) {
	p.rows += rows
	p.levels += levels
	p.bounds.nulls += int64(levels - values)
}

// boundsOfCodes looks each value of the dictionary up once a page.
func (p *page) boundsOfCodes(k *dictionary, codes []uint32) {
	for len(p.seen) < k.count {
		p.seen = append(p.seen, 0)
	}
	if p.bounds.order == orderNone {
		return
	}
	inside := p.bounds.inside()
	for _, c := range codes {
		if p.seen[c] == p.number {
			continue
		}
		p.seen[c] = p.number
		if v := k.value(int(c)); !inside.has(v) {
			p.bounds.text(v)
			inside = p.bounds.inside()
		}
	}
}

// appendBody appends the page as it is before it is compressed.
func (p *page) appendBody(b []byte, c *column) []byte {
	if c.rep > 0 {
		b = appendLevels(b, func(b []byte) []byte { return appendHybrid(b, p.reps, widthOf(c.rep)) })
	}
	switch {
	case c.def == 0:
	case c.flat():
		b = appendLevels(b, func(b []byte) []byte { return appendBits(b, p.valid.bits, p.rows, p.values) })
	default:
		b = appendLevels(b, func(b []byte) []byte { return appendHybrid(b, p.defs, widthOf(c.def)) })
	}
	if c.coded() {
		width := max(widthOf(c.dictionary.count-1), 1)
		return appendHybrid(append(b, byte(width)), p.codes, width)
	}
	if c.physical == physicalBoolean {
		return append(b, p.truths.bits[:(p.truths.n+7)/8]...)
	}
	return append(b, p.plain...)
}

// appendLevels appends levels with their length before them.
func appendLevels(b []byte, levels func([]byte) []byte) []byte {
	at := len(b)
	b = levels(append(b, 0, 0, 0, 0))
	binary.LittleEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	return b
}

// location is a page of a column chunk.
type location struct {
	at       int64 // where it begins in the chunk's pages
	size     int   // with its header
	firstRow int64
	nulls    int64
	values   int64
	known    bool // there are bounds
	low      []byte
	high     []byte
}

// chunk is a column chunk to be.
type chunk struct {
	dictionary []byte // its page
	body       []byte // the data pages
	pages      []location
	rows       int64
	levels     int64
	plain      int64 // bytes of all pages, not compressed
	coded      int   // data pages that refer to the dictionary
	distinct   int64 // how many values there are, 0 where it is not known
	bounds     bounds
	hashes     []uint64
}

// workspace is where a page is put together and compressed.
type workspace struct{ raw, packed []byte }

// workspaces are few, where columns are many.
var workspaces = sync.Pool{New: func() any { return new(workspace) }}

func (k *chunk) reset(b bounds) {
	k.dictionary, k.body, k.pages, k.hashes = k.dictionary[:0], k.body[:0], k.pages[:0], k.hashes[:0]
	k.rows, k.levels, k.plain, k.coded, k.distinct = 0, 0, 0, 0, 0
	k.bounds = b
}

// add compresses a page.
func (k *chunk) add(p *page, c *column) error {
	s := workspaces.Get().(*workspace)
	defer workspaces.Put(s)
	s.raw = p.appendBody(s.raw[:0], c)
	at := len(k.body)
	var err error
	encoding := encodingPlain
	if c.coded() {
		encoding = encodingCode
		k.coded++
	}
	k.body, err = k.appendPage(k.body, s, c, func(t *thrift) {
		t.begin(5)
		t.int32(1, p.levels)
		t.int32(2, encoding)
		t.int32(3, encodingRLE)
		t.int32(4, encodingRLE)
		t.end()
	}, pageData)
	if err != nil {
		return err
	}
	l := location{at: int64(at), size: len(k.body) - at, firstRow: k.rows, nulls: p.bounds.nulls, values: int64(p.values), known: p.bounds.known}
	l.low, l.high, _, _ = p.bounds.stored()
	k.pages = append(k.pages, l)
	k.bounds.merge(&p.bounds)
	k.rows += int64(p.rows)
	k.levels += int64(p.levels)
	return nil
}

// appendPage appends what the workspace has as a page.
func (k *chunk) appendPage(b []byte, s *workspace, c *column, head func(*thrift), kind int) (_ []byte, err error) {
	if c.halt.Load() {
		return nil, ErrHalted
	}
	if len(s.raw) > math.MaxInt32 {
		return nil, fmt.Errorf("a page of %d bytes is larger than the format allows: the values are too long", len(s.raw))
	}
	if s.packed, err = c.compressor.append(s.packed[:0], s.raw); err != nil {
		return nil, err
	}
	t := newThrift(b)
	t.int32(1, kind)
	t.int32(2, len(s.raw))
	t.int32(3, len(s.packed))
	head(t)
	t.end()
	k.plain += int64(len(t.b) - len(b) + len(s.raw))
	return append(t.b, s.packed...), nil
}

// end makes the page of the dictionary.
func (k *chunk) end(c *column) (err error) {
	if k.coded == 0 {
		return nil
	}
	if k.coded == len(k.pages) && c.order != orderFloat {
		k.distinct = int64(c.dictionary.count)
	}
	s := workspaces.Get().(*workspace)
	defer workspaces.Put(s)
	s.raw = append(s.raw[:0], c.dictionary.plain()...)
	k.dictionary, err = k.appendPage(k.dictionary, s, c, func(t *thrift) {
		t.begin(7)
		t.int32(1, c.dictionary.count)
		t.int32(2, encodingPlain)
		t.end()
	}, pageDictionary)
	return err
}

// size is how many bytes it has so far, compressed.
func (k *chunk) size() int64 { return int64(len(k.dictionary) + len(k.body)) }
