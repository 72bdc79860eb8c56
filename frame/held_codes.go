package frame

import (
	"context"
	"iter"
	"runtime"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"golang.org/x/sync/errgroup"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Text that is kept in memory is coded, where its values repeat: either as it comes, or when a plan first has a use for codes (see
// plan's rule "code text"). The latter where rows come faster than they are coded, and the files have coded for themselves what repeats most.

// codesLater says whether the text of a plan's result stays plain until codes are of use: it reads Parquet files, or what is held already,
// row by row.
func codesLater(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Filter, *plan.Project, *plan.Limit:
		return codesLater(n.Inputs()[0])
	case *plan.Scan:
		_, isHeld := n.Source.(*held)
		return isHeld || source.Encoded(n.Source)
	}
	return false
}

// plainTexts are the columns that are text and not coded.
func plainTexts(records []arrow.Record) map[string]bool {
	names := map[string]bool{}
	for _, r := range records {
		for i, c := range r.Columns() {
			if c.DataType().ID() == arrow.STRING && c.NullN() < c.Len() {
				names[r.ColumnName(i)] = true
			}
		}
	}
	return names
}

// Coded implements source.Coder.
func (s *held) Coded(columns []string) source.Source {
	if columns = s.rows.uncoded(columns); len(columns) == 0 {
		return nil
	}
	return &coded{s, columns}
}

// coded is what is held, with columns coded.
type coded struct {
	*held
	columns []string
}

// Splits implements source.Source.
func (s *coded) Splits(ctx context.Context, want int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		if err := s.rows.code(ctx, s.columns); err != nil {
			yield(nil, err)
			return
		}
		s.held.Splits(ctx, want)(yield)
	}
}

// uncoded are those of columns that are plain and may be coded.
func (h *holding) uncoded(columns []string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(columns), func(name string) bool { return !h.plain[name] })
}

// code codes columns, each on a goroutine of its own. Where the budget has no memory for codes, or values hardly repeat, they stay plain.
func (h *holding) code(ctx context.Context, columns []string) error {
	h.coding.Lock()
	defer h.coding.Unlock()
	columns = h.uncoded(columns)
	if len(columns) == 0 {
		return nil
	}
	rows := int64(0)
	for _, r := range h.records {
		rows += r.NumRows()
	}
	if h.reservation.Grow(codeBytes*rows*int64(len(columns))) != nil {
		return nil
	}
	made := make([][]arrow.Record, len(columns))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, name := range columns {
		g.Go(func() (err error) {
			made[i], err = codeColumn(ctx, h.records, name)
			return err
		})
	}
	err := g.Wait()
	if err == nil {
		err = h.replace(columns, made)
	}
	for _, records := range made {
		releaseAll(records)
	}
	if resized := h.reservation.Resize(heldBytes(h.records)); err == nil {
		err = resized
	}
	return err
}

// codeBytes is what the code of a value takes.
const codeBytes = 4

// codeColumn gives a column of records, coded if its values repeat.
func codeColumn(ctx context.Context, records []arrow.Record, name string) (out []arrow.Record, err error) {
	schema := arrow.NewSchema([]arrow.Field{{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	codes := exec.NewTextCodes(memory.Allocator(), schema)
	defer codes.Close()
	for _, r := range records {
		var one arrow.Record
		if err = ctx.Err(); err == nil {
			c := r.Column(r.Schema().FieldIndices(name)[0])
			one, err = codes.Code(array.NewRecord(schema, []arrow.Array{c}, r.NumRows()))
		}
		if err != nil {
			releaseAll(out)
			return nil, err
		}
		out = append(out, one)
	}
	return codes.Finish(out)
}

// replace puts columns, a record of one for each record, in the place of those of their names.
func (h *holding) replace(names []string, columns [][]arrow.Record) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := make([]arrow.Record, 0, len(h.records)) // others may read the list that there is
	for k, r := range h.records {
		made, err := batch.MapColumns(r, r.Schema(), r.NumRows(), func(i int, c arrow.Array) (arrow.Array, error) {
			if at := slices.Index(names, r.ColumnName(i)); at >= 0 {
				c = columns[at][k].Column(0)
			}
			c.Retain()
			return c, nil
		})
		if err != nil {
			releaseAll(next)
			return err
		}
		next = append(next, made)
	}
	releaseAll(h.records)
	h.records = next
	for _, name := range names {
		delete(h.plain, name)
	}
	return nil
}
