package encode

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
)

// createdBy names the writer in footers, in the form that readers take apart.
const createdBy = "rivulet version 1.0.0 (build 0)"

// stored is a column chunk that is written.
type stored struct {
	*leaf
	at, dictionary, data int64 // where it begins, its dictionary and its first data page
	size, plain          int64
	values               int64
	pages, coded         int
	distinct             int64
	bounds               bounds
	columnIndex          []byte // nil where there is none
	offsetIndex          []byte
	bloom                []byte
	places               [3]place // of the three
}

// place is where an index is.
type place struct {
	at   int64
	size int
}

func (w *Writer) writeChunk(c *column) (stored, error) {
	k := &c.chunk
	s := stored{
		leaf: c.leaf, at: w.at, data: w.at + int64(len(k.dictionary)), size: k.size(), plain: k.plain,
		values: k.levels, pages: len(k.pages), coded: k.coded, distinct: k.distinct, bounds: k.bounds,
	}
	s.bounds.min, s.bounds.max = bytes.Clone(k.bounds.min), bytes.Clone(k.bounds.max)
	if len(k.dictionary) > 0 {
		s.dictionary = w.at
	}
	s.columnIndex, s.offsetIndex = c.columnIndex(), k.offsetIndex(s.data)
	if c.bloom {
		s.bloom = bloomFilter(k.hashes)
	}
	if err := w.write(k.dictionary); err != nil {
		return s, err
	}
	return s, w.write(k.body)
}

// columnIndex is the bounds of pages, nil where those of one are not known.
func (c *column) columnIndex() []byte {
	pages := c.chunk.pages
	if c.order == orderNone || slices.ContainsFunc(pages, func(l location) bool { return l.values > 0 && !l.known }) {
		return nil
	}
	t := newThrift(nil)
	t.list(1, thriftTrue, len(pages))
	for _, l := range pages {
		b := byte(thriftFalse)
		if l.values == 0 {
			b = thriftTrue
		}
		t.b = append(t.b, b)
	}
	for id, bound := range []func(*location) []byte{func(l *location) []byte { return l.low }, func(l *location) []byte { return l.high }} {
		t.list(2+id, thriftBinary, len(pages))
		for i := range pages {
			t.element(bound(&pages[i]))
		}
	}
	t.int32(4, c.boundaryOrder())
	t.list(5, thriftI64, len(pages))
	for _, l := range pages {
		t.b = binary.AppendVarint(t.b, l.nulls)
	}
	t.end()
	return t.b
}

// boundaryOrder says whether the bounds of pages rise (1), fall (2) or neither (0).
func (c *column) boundaryOrder() int {
	rise, fall := true, true
	var last *location
	for i := range c.chunk.pages {
		l := &c.chunk.pages[i]
		if l.values == 0 {
			continue
		}
		if last != nil {
			low, high := c.compare(last.low, l.low), c.compare(last.high, l.high)
			rise = rise && low <= 0 && high <= 0
			fall = fall && low >= 0 && high >= 0
		}
		last = l
	}
	switch {
	case rise:
		return 1
	case fall:
		return 2
	}
	return 0
}

// compare compares stored bounds.
func (l *leaf) compare(a, b []byte) int {
	switch l.order {
	case orderTruth, orderText, orderBytes:
		return bytes.Compare(a, b)
	case orderDecimal:
		flipped := func(v []byte) []byte { return append([]byte{v[0] ^ 0x80}, v[1:]...) }
		return bytes.Compare(flipped(a), flipped(b))
	}
	x, y := l.ordinal(a), l.ordinal(b)
	switch {
	case x < y:
		return -1
	case x > y:
		return 1
	}
	return 0
}

// ordinal is a stored number as one that compares as it does.
func (l *leaf) ordinal(b []byte) uint64 {
	v := uint64(0)
	if len(b) == 8 {
		v = binary.LittleEndian.Uint64(b)
	} else {
		v = uint64(binary.LittleEndian.Uint32(b))
	}
	switch {
	case l.order == orderUnsigned:
		return v
	case l.order == orderFloat:
		f := math.Float64frombits(v)
		if len(b) == 4 {
			f = float64(math.Float32frombits(uint32(v)))
		}
		if v = math.Float64bits(f); v>>63 != 0 {
			return ^v
		}
	case len(b) == 4:
		v = uint64(int64(int32(v)))
	}
	return v ^ 1<<63
}

// offsetIndex is where the pages are, of which the first is at.
func (k *chunk) offsetIndex(at int64) []byte {
	t := newThrift(nil)
	t.list(1, thriftStruct, len(k.pages))
	for _, l := range k.pages {
		t.begin(0)
		t.int64(1, at+l.at)
		t.int32(2, l.size)
		t.int64(3, l.firstRow)
		t.end()
	}
	t.end()
	return t.b
}

// writeFooter writes bloom filters, the page index and the footer.
func (w *Writer) writeFooter() error {
	for kind, of := range []func(*stored) []byte{
		func(s *stored) []byte { return s.bloom },
		func(s *stored) []byte { return s.columnIndex },
		func(s *stored) []byte { return s.offsetIndex },
	} {
		for _, g := range w.groups {
			for i := range g.chunks {
				s := &g.chunks[i]
				s.places[kind] = place{w.at, len(of(s))}
				if err := w.write(of(s)); err != nil {
					return err
				}
			}
		}
	}
	t := newThrift(nil)
	t.int32(1, 2)
	t.list(2, thriftStruct, 1+w.root.count())
	t.begin(0)
	t.text(4, w.root.name)
	t.int32(5, len(w.root.children))
	t.end()
	for _, n := range w.root.children {
		n.writeSchema(t)
	}
	t.int64(3, w.rows)
	t.list(4, thriftStruct, len(w.groups))
	for i := range w.groups {
		w.groups[i].write(t, i, w.o)
	}
	keys := make([]string, 0, len(w.o.Metadata))
	for key := range w.o.Metadata {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if len(keys) > 0 {
		t.list(5, thriftStruct, len(keys))
		for _, key := range keys {
			t.begin(0)
			t.text(1, key)
			t.text(2, w.o.Metadata[key])
			t.end()
		}
	}
	t.text(6, createdBy)
	leaves := w.root.leaves(nil)
	t.list(7, thriftStruct, len(leaves))
	for range leaves { // that bounds are in the order of their type
		t.begin(0)
		t.empty(1)
		t.end()
	}
	t.end()
	size := len(t.b)
	return w.write(append(binary.LittleEndian.AppendUint32(t.b, uint32(size)), magic...))
}

// count is how many nodes are below n.
func (n *node) count() int {
	total := len(n.children)
	for _, c := range n.children {
		total += c.count()
	}
	return total
}

func (g *group) write(t *thrift, number int, o Options) {
	t.begin(0)
	t.list(1, thriftStruct, len(g.chunks))
	var plain, size int64
	for i := range g.chunks {
		g.chunks[i].write(t, codecs[o.Codec])
		plain += g.chunks[i].plain
		size += g.chunks[i].size
	}
	t.int64(2, plain)
	t.int64(3, g.rows)
	t.int64(5, g.chunks[0].at)
	t.int64(6, size)
	if number <= math.MaxInt16 {
		t.field(7, thriftI16)
		t.b = binary.AppendVarint(t.b, int64(number))
	}
	t.end()
}

func (s *stored) write(t *thrift, codec int) {
	t.begin(0)
	t.int64(2, 0)
	t.begin(3)
	t.int32(1, s.physical)
	encodings := []int{encodingRLE}
	if s.pages > s.coded || s.coded > 0 {
		encodings = append(encodings, encodingPlain)
	}
	if s.coded > 0 {
		encodings = append(encodings, encodingCode)
	}
	t.list(2, thriftI32, len(encodings))
	for _, e := range encodings {
		t.b = binary.AppendVarint(t.b, int64(e))
	}
	t.list(3, thriftBinary, len(s.path))
	for _, name := range s.path {
		t.element([]byte(name))
	}
	t.int32(4, codec)
	t.int64(5, s.values)
	t.int64(6, s.plain)
	t.int64(7, s.size)
	t.int64(9, s.data)
	if s.dictionary > 0 {
		t.int64(11, s.dictionary)
	}
	s.writeStatistics(t)
	s.writePageCounts(t)
	if s.bloom != nil {
		t.int64(14, s.places[0].at)
		t.int32(15, s.places[0].size)
	}
	t.end()
	t.int64(4, s.places[2].at)
	t.int32(5, s.places[2].size)
	if s.columnIndex != nil {
		t.int64(6, s.places[1].at)
		t.int32(7, s.places[1].size)
	}
	t.end()
}

func (s *stored) writeStatistics(t *thrift) {
	low, high, lowExact, highExact := s.bounds.stored()
	t.begin(12)
	t.int64(3, s.bounds.nulls)
	if s.distinct > 0 {
		t.int64(4, s.distinct)
	}
	if s.bounds.known {
		t.bytes(5, high)
		t.bytes(6, low)
		t.truth(7, highExact)
		t.truth(8, lowExact)
	}
	t.end()
}

// writePageCounts writes how many pages of each kind and encoding there are.
func (s *stored) writePageCounts(t *thrift) {
	type count struct{ kind, encoding, n int }
	counts := []count{{pageDictionary, encodingPlain, 1}, {pageData, encodingCode, s.coded}, {pageData, encodingPlain, s.pages - s.coded}}
	counts = slices.DeleteFunc(counts, func(c count) bool { return c.n == 0 || c.kind == pageDictionary && s.coded == 0 })
	t.list(13, thriftStruct, len(counts))
	for _, c := range counts {
		t.begin(0)
		t.int32(1, c.kind)
		t.int32(2, c.encoding)
		t.int32(3, c.n)
		t.end()
	}
}
