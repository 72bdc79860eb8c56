package parquet

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// shaper finds the shapes of a field by the type that it is to have.
type shaper struct{ leaves []leafShape }

// shapeOf gives the shape of a field and the leaves below it; nil where a field of type t is not read.
func shapeOf(f *Field, t arrow.DataType) (*shape, []leafShape) {
	var s shaper
	root := s.of(f, t, 0, level{}, f.repeated)
	return root, s.leaves
}

// of gives the shape of f, around which base groups and lists may be missing. A repeated field that is not the inner node of a list is one itself.
func (s *shaper) of(f *Field, t arrow.DataType, base uint8, slot level, repeated bool) *shape {
	out := &shape{typ: t, slot: slot, present: base, first: len(s.leaves)}
	if t.ID() == arrow.LIST {
		return s.list(out, f, t.(*arrow.ListType), repeated)
	}
	if repeated {
		return nil
	}
	if f.optional {
		out.present++
	}
	switch t := t.(type) {
	case *arrow.StructType:
		if len(f.children) == 0 || t.NumFields() != len(f.children) {
			return nil
		}
		for i := range f.children {
			c := &f.children[i]
			child := s.of(c, t.Field(i).Type, out.present, slot, c.repeated)
			if child == nil {
				return nil
			}
			out.children = append(out.children, child)
		}
		return out
	case arrow.NestedType, *arrow.DictionaryType:
		return nil
	}
	if f.leaf < 0 || !narrows(t) || newValues(memory.DefaultAllocator, f, t) == nil {
		return nil
	}
	s.leaves = append(s.leaves, leafShape{field: f, typ: t, most: level{out.present, slot.rep}, slot: slot})
	return out
}

// list fills in the shape of a list: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#lists
//
//	optional group f (LIST) { repeated group list { optional element } }    what writers should make
//	optional group f (LIST) { repeated element }                            what old ones made
//	repeated f
func (s *shaper) list(out *shape, f *Field, t *arrow.ListType, repeated bool) *shape {
	inner := f
	if !repeated {
		if f.optional {
			out.present++
		}
		if len(f.children) != 1 || !f.children[0].repeated {
			return nil
		}
		inner = &f.children[0]
	}
	out.element = out.present + 1
	slot := level{out.element, out.slot.rep + 1}
	element, again := inner, false
	if !repeated && len(inner.children) == 1 && !slices.Contains([]string{"array", f.Name + "_tuple"}, inner.Name) {
		element = &inner.children[0]
		again = element.repeated
	}
	plain := *element
	if element == inner { // the repetition is the list's
		plain.repeated, plain.optional = false, false
	}
	child := s.of(&plain, t.Elem(), out.element, slot, again)
	if child == nil {
		return nil
	}
	out.children = []*shape{child}
	return out
}
