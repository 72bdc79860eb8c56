package source

import (
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/parquet"
)

// rowFilter is a predicate over columns of a file.
type rowFilter struct {
	expr   expr.Expr
	schema *arrow.Schema // of its columns
}

func newRowFilter(e expr.Expr, schema *arrow.Schema) *rowFilter {
	var fields []arrow.Field
	for _, name := range expr.Columns(e) {
		if at := schema.FieldIndices(name); len(at) == 1 {
			fields = append(fields, schema.Field(at[0]))
		}
	}
	return &rowFilter{e, arrow.NewSchema(fields, nil)}
}

// field is which field of the file a column is, where its values are decoded here.
func (p *parquetFile) field(column string) (int, bool) {
	at := p.typed.FieldIndices(column)
	if len(at) != 1 || !p.decoded[at[0]] {
		return 0, false
	}
	return at[0], true
}

// groupsWhere says which row groups may have rows of which a predicate is true, by the statistics of the footer.
func (p *parquetFile) groupsWhere(w *rowFilter) []bool {
	edges := make([]int64, 1, len(p.footer.Groups)+1)
	for _, g := range p.footer.Groups {
		edges = append(edges, edges[len(edges)-1]+g.Rows)
	}
	mem := memory.NewGoAllocator()
	known := map[string]*parquet.Bounds{}
	prune := &pruner{rows: edges[len(edges)-1], schema: w.schema, parts: func(column string) ([]int64, *parquet.Bounds) {
		b, ok := known[column]
		if field, decoded := p.field(column); !ok && decoded {
			b = p.footer.Bounds(mem, field, p.typed.Field(field).Type)
			known[column] = b
		}
		return edges, b
	}}
	left := prune.may(w.expr)
	out := make([]bool, len(p.footer.Groups))
	for i := range out {
		out[i] = left.meets(edges[i], edges[i+1])
	}
	return out
}

// rowsWhere is the rows of a row group of which a predicate may be true, by its page index and its bloom filters.
func (p *parquetFile) rowsWhere(f *storedFile, group int, w *rowFilter) rowSpans {
	rows := p.footer.Groups[group].Rows
	all := rowSpans(nil).add(0, rows)
	if p.open != nil { // of a carried file only columns are there
		return all
	}
	known := map[string]*parquet.Pages{}
	prune := &pruner{rows: rows, schema: w.schema, lacks: func(column string, value expr.Literal) bool { return p.lacks(f, group, column, value) }}
	prune.parts = func(column string) ([]int64, *parquet.Bounds) {
		pages, ok := known[column]
		if field, decoded := p.field(column); !ok && decoded {
			pages = p.footer.Pages(f, memory.NewGoAllocator(), group, field, p.typed.Field(field).Type, true)
			known[column] = pages
		}
		if pages == nil {
			return nil, nil
		}
		return pages.Rows, pages.Bounds
	}
	return prune.may(w.expr)
}

// lacks says whether a bloom filter tells that no row of a group has a value.
func (p *parquetFile) lacks(f *storedFile, group int, column string, value expr.Literal) bool {
	field, ok := p.field(column)
	if !ok {
		return false
	}
	stored := storedAs(value, p.typed.Field(field).Type)
	if stored == nil {
		return false
	}
	bloom := p.footer.Bloom(f, group, field)
	return bloom != nil && !bloom.May(stored)
}

// storedAs is a value as a file stores it in a column of a type, nil where that is not certain.
func storedAs(value expr.Literal, t arrow.DataType) []byte {
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	switch v := value.Value.(type) {
	case string:
		if t.ID() == arrow.STRING || t.ID() == arrow.LARGE_STRING {
			return append([]byte{}, v...)
		}
	case int:
		return storedAs(expr.Literal{Value: int64(v)}, t)
	case int64:
		switch t.ID() {
		case arrow.INT64:
			return binary.LittleEndian.AppendUint64(nil, uint64(v))
		case arrow.INT32:
			if v == int64(int32(v)) {
				return binary.LittleEndian.AppendUint32(nil, uint32(v))
			}
		}
	}
	return nil
}

// splitsWhere are the splits in which there may be rows of which a predicate is true.
func (p *parquetFile) splitsWhere(ctx context.Context, schema *arrow.Schema, w *rowFilter, first *bool) iter.Seq2[Split, error] {
	return func(yield func(Split, error) bool) {
		left := p.groupsWhere(w)
		for s, err := range p.splits(ctx, schema, 0, false) {
			if g, ok := s.(*rowGroup); ok {
				if !left[g.index] {
					continue
				}
				g.where, g.first = w, *first
				*first = false
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// pruning adds to n what a predicate leaves of a file.
func (p *parquetFile) pruning(ctx context.Context, w *rowFilter, n *pruned) error {
	left := p.groupsWhere(w)
	if !slices.Contains(left, true) {
		return nil
	}
	f, err := p.file(ctx)
	if err != nil {
		return err
	}
	defer f.Close()
	for group, may := range left {
		if !may {
			continue
		}
		spans := p.rowsWhere(f, group, w)
		if len(spans) == 0 {
			continue
		}
		n.groupsLeft++
		p.countPages(f, group, spans, n)
	}
	return nil
}

// countPages adds the pages of all columns of a group that have an index, and those that are left.
func (p *parquetFile) countPages(f *storedFile, group int, spans rowSpans, n *pruned) {
	for field, decoded := range p.decoded {
		if !decoded {
			continue
		}
		pages := p.footer.Pages(f, memory.NewGoAllocator(), group, field, p.typed.Field(field).Type, false)
		if pages == nil {
			continue
		}
		for i := range pages.Rows[1:] {
			n.pages++
			if spans.meets(pages.Rows[i], pages.Rows[i+1]) {
				n.pagesLeft++
			}
		}
	}
}
