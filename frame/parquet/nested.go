package parquet

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

var errShape = errors.New("the levels of its columns do not agree")

// shape is a list, a group or a leaf in a nested column, and what its array is made of. Each entry of the first leaf below that is not deeper
// in lists than the shape's own list, and in which an element of that list is there, is a row of the array.
type shape struct {
	typ      arrow.DataType
	slot     level
	present  uint8 // it is there where the definition is no less
	element  uint8 // of a list: an element is there where the definition is no less
	first    int   // of the leaves below
	children []*shape
}

// leafShape is a leaf below a shape.
type leafShape struct {
	field      *Field
	typ        arrow.DataType
	most, slot level
}

// Nested reads a column of lists and groups of a row group. It is not safe for concurrent use.
//
//	leaves ─► levels of entries, values ─► the same number of rows of each ─► shape: offsets and validity by the levels of its first leaf
type Nested struct {
	mem      memory.Allocator
	root     *shape
	leaves   []*leaf
	names    []string
	left     int64 // rows
	sections []section
}

// DecodesNested says whether Nested reads a field as type t, whose leaves keep the types that t has for them: any nesting of lists
// and structs of what Decodes knows.
func (f *File) DecodesNested(field int, t arrow.DataType) bool {
	root, leaves := shapeOf(&f.Fields[field], t)
	if root == nil || len(root.children) == 0 {
		return false
	}
	for i := range f.Groups {
		for _, l := range leaves {
			if f.Groups[i].chunks[l.field.leaf].elsewhere {
				return false
			}
		}
	}
	return true
}

// Nested opens a column of a row group, which the caller closes. DecodesNested says of which type t it can be.
func (f *File) Nested(r io.ReaderAt, mem memory.Allocator, group, field int, t arrow.DataType) (*Nested, error) {
	root, leaves := shapeOf(&f.Fields[field], t)
	n := &Nested{mem: mem, root: root, left: f.Groups[group].Rows, sections: make([]section, len(leaves))}
	for _, of := range leaves {
		l, err := f.openLeaf(r, mem, group, of)
		if err != nil {
			n.Close()
			return nil, fmt.Errorf("its part %q: %w", of.field.Name, err)
		}
		n.leaves, n.names = append(n.leaves, l), append(n.names, of.field.Name)
	}
	return n, nil
}

// Close gives back what the column holds; arrays stay valid.
func (n *Nested) Close() {
	for _, l := range n.leaves {
		l.close()
	}
	n.leaves = nil
}

// Next gives the next rows rows, fewer where they are long, at least one: where the group has no more, io.EOF.
func (n *Nested) Next(rows int) (arrow.Array, error) {
	if rows = int(min(int64(rows), n.left)); rows == 0 {
		return nil, io.EOF
	}
	for i, l := range n.leaves {
		if err := l.fill(rows); err != nil {
			return nil, fmt.Errorf("its part %q: %w", n.names[i], err)
		}
		if rows = min(rows, l.whole()); rows == 0 {
			return nil, fmt.Errorf("its part %q: it has fewer rows than its group", n.names[i])
		}
	}
	defer func() {
		for i := range n.sections {
			if n.sections[i].values != nil {
				n.sections[i].values.Release()
			}
			n.sections[i] = section{}
		}
	}()
	for i, l := range n.leaves {
		var err error
		if n.sections[i], err = l.take(rows); err != nil {
			return nil, fmt.Errorf("its part %q: %w", n.names[i], err)
		}
	}
	arr, err := n.array(n.root)
	if err != nil {
		return nil, err
	}
	if arr.Len() != rows {
		arr.Release()
		return nil, errShape
	}
	n.left -= int64(rows)
	return arr, nil
}

// array puts the array of a shape together; the caller releases it.
func (n *Nested) array(s *shape) (arrow.Array, error) {
	levels := n.sections[s.first]
	if len(s.children) == 0 {
		levels.values.Retain()
		return levels.values, nil
	}
	rows := countSlots(levels, s.slot)
	nulls, bitmap := n.present(s, levels, rows)
	if bitmap != nil {
		defer bitmap.Release()
	}
	buffers, want := []*memory.Buffer{bitmap}, rows
	if s.element > 0 {
		var offsets *memory.Buffer
		offsets, want = n.offsets(s, levels, rows)
		defer offsets.Release()
		buffers = append(buffers, offsets)
	}
	data := make([]arrow.ArrayData, len(s.children))
	for i, c := range s.children {
		child, err := n.array(c)
		if err != nil {
			return nil, err
		}
		defer child.Release()
		if child.Len() != want {
			return nil, errShape
		}
		data[i] = child.Data()
	}
	d := array.NewData(s.typ, rows, buffers, data, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d), nil
}

// countSlots is how many rows the entries are of an array.
func countSlots(s section, slot level) (n int) {
	for i, d := range s.defs {
		if d >= slot.def && s.reps[i] <= slot.rep {
			n++
		}
	}
	return n
}

// present gives how many rows of a list or a group are null, and the bitmap, nil where none is.
func (n *Nested) present(s *shape, levels section, rows int) (nulls int, bitmap *memory.Buffer) {
	if s.present == s.slot.def {
		return 0, nil
	}
	raw := allocate(n.mem, (rows+7)/8)
	clear(raw)
	at := 0
	for i, d := range levels.defs {
		if d < s.slot.def || levels.reps[i] > s.slot.rep {
			continue
		}
		if d >= s.present {
			raw[at/8] |= 1 << (at % 8)
		} else {
			nulls++
		}
		at++
	}
	bitmap = memory.NewBufferWithAllocator(raw, n.mem)
	if nulls == 0 {
		bitmap.Release()
		return 0, nil
	}
	return nulls, bitmap
}

// offsets gives where the lists begin, and how many elements they have.
func (n *Nested) offsets(s *shape, levels section, rows int) (*memory.Buffer, int) {
	raw := allocate(n.mem, 4*(rows+1))
	out := view[int32](raw, rows+1)
	at, elements := 0, 0
	for i, d := range levels.defs {
		rep := levels.reps[i]
		if d >= s.slot.def && rep <= s.slot.rep {
			out[at] = int32(elements)
			at++
		}
		if d >= s.element && rep <= s.slot.rep+1 {
			elements++
		}
	}
	out[rows] = int32(elements)
	return memory.NewBufferWithAllocator(raw, n.mem), elements
}
