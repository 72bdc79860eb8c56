package parquet

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const (
	// leafRows is the room of the arrays that values are read into, before they are put together.
	leafRows = 1 << 14
	// batchEntries is how many entries an array of several rows aims at.
	batchEntries = 1 << 18
	// rowEntries is how many entries a row may have beyond those for which the column has a byte each; rowTexts how many arrays of texts, each
	// of textBytes. Levels repeat, so that a few bytes can claim any number of them.
	rowEntries = 1 << 21
	rowTexts   = 64
)

// level is how deep an entry lies: rep says at which list a new element begins, def how many of the groups and lists around it are there.
type level struct{ def, rep uint8 }

// leaf reads a column that lies in groups and lists. An entry is a value, or says that there is none in some list or group.
type leaf struct {
	pageValues
	mem  memory.Allocator
	typ  arrow.DataType
	most level
	slot level // entries whose def is no less are values or nulls of the array

	left    int64                       // entries of the column to come
	inPage  int                         // of these in the page
	entries int64                       // that a row may have
	stored  struct{ reps, defs hybrid } // of the page

	reps, defs []uint8 // of what is read and not given
	starts     []int   // where in these rows begin
	given      int     // entries, whose levels are still in use
	arrays     []arrow.Array
	filled     int // rows of the array that is being read
	validity   validity
	long       int // arrays that were full

	bits   [levelRows / 8]byte
	levels [levelRows]uint32
}

// section is some rows of a leaf: the levels of its entries, valid until the next is read, and the values.
type section struct {
	reps, defs []uint8
	values     arrow.Array
}

func (l *leaf) close() {
	l.values.free()
	l.pages.free()
	l.validity.free()
	for _, a := range l.arrays {
		a.Release()
	}
	l.arrays = nil
}

// whole is how many rows have been read to their end.
func (l *leaf) whole() int {
	if l.left == 0 {
		return len(l.starts)
	}
	return max(0, len(l.starts)-1)
}

// fill reads so many rows, or fewer where they are long, at least one; none only behind the last.
func (l *leaf) fill(rows int) error {
	l.forget()
	for l.left > 0 && l.whole() < rows && (l.whole() == 0 || len(l.defs) < batchEntries && l.long == 0) {
		if l.inPage == 0 {
			if err := l.nextPage(); err != nil {
				return fmt.Errorf("page %d: %w", l.pages.index, err)
			}
			continue
		}
		if err := l.read(min(l.inPage, levelRows, l.values.step())); err != nil {
			return fmt.Errorf("page %d: its values: %w", l.pages.index, err)
		}
		if l.whole() == 0 && (int64(len(l.defs)) > l.entries || l.long > rowTexts) {
			return fmt.Errorf("page %d: a row has more than %d elements, or %d MB of text", l.pages.index, l.entries, rowTexts*textBytes>>20)
		}
	}
	return nil
}

// forget drops the entries that were given.
func (l *leaf) forget() {
	n := copy(l.defs, l.defs[l.given:])
	copy(l.reps, l.reps[l.given:])
	l.defs, l.reps = l.defs[:n], l.reps[:n]
	l.given = 0
}

// read reads n entries of the page.
func (l *leaf) read(n int) error {
	from := len(l.defs)
	var err error
	if l.reps, err = l.appended(l.reps, &l.stored.reps, n, l.most.rep); err != nil {
		return err
	}
	if l.defs, err = l.appended(l.defs, &l.stored.defs, n, l.most.def); err != nil {
		return err
	}
	for i, r := range l.reps[from:] {
		if r == 0 {
			l.starts = append(l.starts, from+i)
		}
	}
	if len(l.starts) == 0 {
		return errors.New("its levels: the first row does not begin")
	}
	l.inPage -= n
	l.left -= int64(n)
	return l.readValues(l.defs[from:])
}

// appended appends n levels.
func (l *leaf) appended(to []uint8, stored *hybrid, n int, most uint8) ([]uint8, error) {
	levels := l.levels[:n]
	if most == 0 {
		clear(levels)
	} else if err := stored.next(levels); err != nil {
		return to, fmt.Errorf("its levels: %w", err)
	}
	for _, v := range levels {
		if v > uint32(most) {
			return to, fmt.Errorf("its levels: %d, where %d is the greatest", v, most)
		}
		to = append(to, uint8(v))
	}
	return to, nil
}

// readValues reads the values of entries, at most levelRows.
func (l *leaf) readValues(defs []uint8) error {
	n, set := 0, 0
	bits := l.bits[:(len(defs)+7)/8]
	clear(bits)
	for _, d := range defs {
		if d < l.slot.def {
			continue
		}
		if d == l.most.def {
			bitutil.SetBit(bits, n)
			set++
		}
		n++
	}
	if n == 0 {
		return nil
	}
	if l.filled+n > leafRows || l.values.full() {
		if err := l.flush(); err != nil {
			return err
		}
	}
	if l.filled == 0 {
		l.values.begin(leafRows)
	}
	if err := l.values.read(l.filled, set); err != nil {
		return err
	}
	if set < n {
		l.validity.mark(bits, l.filled, n, set, leafRows)
		l.values.spread(l.filled, n, set, bits)
	}
	l.filled += n
	return nil
}

// flush ends the array that is being read.
func (l *leaf) flush() error {
	if l.filled == 0 {
		return nil
	}
	if l.values.full() {
		l.long++
	}
	nulls, bitmap := l.validity.take()
	if bitmap != nil {
		defer bitmap.Release()
	}
	arr, err := l.values.finish(l.filled, nulls, bitmap)
	if err != nil {
		return err
	}
	defer arr.Release()
	l.filled = 0
	l.arrays = append(l.arrays, narrowed(l.mem, arr, l.typ))
	return nil
}

// take gives the next rows rows, which are whole; the caller releases the values.
func (l *leaf) take(rows int) (s section, err error) {
	if err := l.flush(); err != nil {
		return s, fmt.Errorf("page %d: its values: %w", l.pages.index, err)
	}
	l.given = len(l.defs)
	if rows < len(l.starts) {
		l.given = l.starts[rows]
	}
	l.starts = l.starts[:copy(l.starts, l.starts[rows:])]
	for i := range l.starts {
		l.starts[i] -= l.given
	}
	l.long = 0
	s.reps, s.defs = l.reps[:l.given], l.defs[:l.given]
	n := int64(countSlots(s, l.slot))
	all, err := l.joined()
	if err != nil {
		return s, err
	}
	defer all.Release()
	s.values = array.NewSlice(all, 0, n)
	if n < int64(all.Len()) {
		l.arrays = []arrow.Array{array.NewSlice(all, n, int64(all.Len()))}
	}
	return s, nil
}

// joined takes the arrays as one.
func (l *leaf) joined() (arrow.Array, error) {
	arrays := l.arrays
	l.arrays = nil
	switch len(arrays) {
	case 0:
		return array.MakeArrayOfNull(l.mem, l.typ, 0), nil
	case 1:
		return arrays[0], nil
	}
	defer func() {
		for _, a := range arrays {
			a.Release()
		}
	}()
	return array.Concatenate(arrays, l.mem)
}

// nextPage takes the next page, which may be the dictionary's.
func (l *leaf) nextPage() error {
	h, err := l.pages.header()
	if err != nil {
		return err
	}
	body, err := l.pages.storedBody(h)
	if err != nil {
		return err
	}
	switch h.kind {
	case pageDictionary:
		return l.takeDictionary(h, body)
	case pageData, pageDataV2:
		if int64(h.values) > l.left {
			return fmt.Errorf("its %d entries are more than the column has", h.values)
		}
		var stored []byte
		if l.stored.reps, l.stored.defs, stored, err = l.pages.nested(h, body, l.most); err != nil {
			return err
		}
		l.inPage = h.values
		return l.takePage(h, stored)
	}
	return nil // an index, or of a kind to come
}

// openLeaf opens the column of a leaf.
func (f *File) openLeaf(r io.ReaderAt, mem memory.Allocator, group int, of leafShape) (*leaf, error) {
	c := &f.Groups[group].chunks[of.field.leaf]
	if c.values < 0 {
		return nil, fmt.Errorf("it has %d values", c.values)
	}
	v, err := f.pageValues(r, mem, c, of.field, of.typ)
	if err != nil {
		return nil, err
	}
	return &leaf{
		pageValues: v, mem: mem, typ: of.typ, most: of.most, slot: of.slot,
		left: c.values, entries: rowEntries + c.stored, validity: validity{mem: mem},
	}, nil
}
