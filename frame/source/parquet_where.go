package source

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

const (
	// carefulRows is how many rows are looked at first, where texts are picked that may be long.
	carefulRows = 8 << 10
	// windowBytes is how much may be picked of a column at once.
	windowBytes = 8 << 20
)

// whereReader reads the rows of a row group of which a predicate is true. The columns of the predicate, which come first, are read before
// the others, of which then only the rows that are left are decoded, and only the pages in which there are some.
type whereReader struct {
	*groupReader
	early     *arrow.Schema // the columns of the predicate
	late      *arrow.Schema // the others
	wanted    *arrow.Schema
	predicate *expr.Bound
	stages    *stages  // nil where the predicate is looked at as one
	spans     rowSpans // the rows to come
	at        int64    // the row at which the columns stand
	most      int64    // rows that are looked at at once
	ready     []arrow.Record
	own       []arrow.Array // words of this row group alone
	scratch   []int32
}

func (s *rowGroup) readWhere(ctx context.Context, out *arrow.Schema, limit int64, yield func(arrow.Record, error) bool) {
	r, err := s.whereReader(out)
	if err != nil {
		yield(nil, err)
		return
	}
	defer r.close()
	size := int64(batchRows)
	if s.first {
		size = firstRows
	}
	for done := int64(0); done < limit; {
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		rec, more, err := r.next(ctx, size)
		switch {
		case err != nil:
			yield(nil, err)
			return
		case rec != nil:
			done += rec.NumRows()
			size = batchRows
			if !yield(rec, nil) {
				return
			}
		case !more:
			return
		case size < batchRows:
			size = min(4*size, batchRows)
		}
	}
}

func (s *rowGroup) whereReader(out *arrow.Schema) (*whereReader, error) {
	predicate, err := expr.Bind(s.where.expr, s.where.schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.file.path, err)
	}
	r := &whereReader{early: s.where.schema, wanted: out, predicate: predicate}
	var late []arrow.Field
	for _, f := range out.Fields() {
		if !r.early.HasField(f.Name) {
			late = append(late, f)
		}
	}
	r.late = arrow.NewSchema(late, nil)
	all := arrow.NewSchema(append(append([]arrow.Field{}, r.early.Fields()...), late...), nil)
	r.groupReader = &groupReader{split: s, out: all, mem: currentAllocator()}
	r.most = batchRows
	return r, nil
}

func (r *whereReader) close() {
	r.groupReader.close()
	for _, rec := range r.ready {
		rec.Release()
	}
	for _, words := range r.own {
		words.Release()
	}
}

// begin opens the columns and finds the rows in which something may be.
func (r *whereReader) begin(ctx context.Context) error {
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := r.codeEarly(ctx); err != nil {
		return err
	}
	if err := r.stage(); err != nil {
		return err
	}
	if slices.ContainsFunc(r.columns[r.early.NumFields():], groupColumn.stretches) {
		r.most = carefulRows
	}
	p := r.split.file
	r.spans = p.rowsWhere(r.stored, r.split.index, r.split.where)
	if err := r.stored.failure(); err != nil {
		return err
	}
	if r.spans.rows() == r.split.rows {
		return nil
	}
	for i := range r.columns {
		if c := &r.columns[i]; c.own != nil {
			c.own.Locate(p.footer.Pages(r.stored, r.mem, r.split.index, c.field, c.typ, false))
		}
	}
	return nil
}

// next gives the next batch, nil where none is ready yet; more is false behind the last. At most rows rows are looked at.
func (r *whereReader) next(ctx context.Context, rows int64) (rec arrow.Record, more bool, err error) {
	defer guardPanic(r.split.file.path, &err)()
	if len(r.ready) > 0 {
		rec, r.ready = r.ready[0], r.ready[1:]
		rec, err = r.plain(rec)
		return rec, true, err
	}
	if r.stored == nil {
		if err := r.begin(ctx); err != nil {
			return nil, false, err
		}
	}
	if len(r.spans) == 0 {
		return nil, false, nil
	}
	if gap := r.spans[0].from - r.at; gap > 0 {
		if err := r.pass(r.columns, gap); err != nil {
			return nil, false, err
		}
		r.at += gap
	}
	rec, read, err := r.window(ctx, min(rows, r.most, r.spans[0].to-r.at))
	if err != nil {
		return nil, false, err
	}
	if rec == nil {
		r.most = min(4*r.most, batchRows)
	}
	r.at += read
	if r.spans[0].from = r.at; r.at == r.spans[0].to {
		r.spans = r.spans[1:]
	}
	rec, err = r.plain(rec)
	return rec, true, err
}

// pass passes over rows of columns.
func (r *whereReader) pass(columns []groupColumn, rows int64) error {
	for i := range columns {
		c := &columns[i]
		left := rows
		if c.rest != nil {
			n := min(left, int64(c.rest.Len()))
			c.take(n).Release()
			left -= n
		}
		if c.own != nil {
			c.own.Skip(int(left))
			continue
		}
		for left > 0 {
			arr, err := c.read(r.mem, min(left, batchRows))
			if err != nil {
				return r.failed(context.Background(), c.name, err)
			}
			left -= int64(arr.Len())
			arr.Release()
		}
	}
	return nil
}

// window looks at the next rows, at most rows, and says how many it was.
func (r *whereReader) window(ctx context.Context, rows int64) (rec arrow.Record, read int64, err error) {
	if r.stages != nil {
		return r.stagedWindow(ctx, rows)
	}
	early, late := r.columns[:r.early.NumFields()], r.columns[r.early.NumFields():]
	for _, c := range late {
		if c.rest != nil {
			rows = min(rows, int64(c.rest.Len()))
		}
	}
	have, rows, err := r.front(ctx, early, r.early, rows)
	if err != nil {
		return nil, 0, err
	}
	defer have.Release()
	mask, err := r.mask(ctx, r.predicate, have)
	if err != nil {
		return nil, 0, err
	}
	defer mask.Release()
	r.scratch = batch.Selected(r.scratch[:0], mask)
	picks := r.scratch
	switch {
	case len(picks) == 0:
		err = r.pass(r.columns, rows)
	case len(late) > 0 && pickable(late):
		if err = r.pass(early, rows); err == nil {
			rec, err = r.pick(ctx, have, mask, picks, rows)
		}
	default:
		rec, rows, err = r.choose(ctx, have, mask, rows)
	}
	return rec, rows, err
}

// front is the next rows of columns, at most rows, and how many it is. They stay in the columns.
func (r *whereReader) front(ctx context.Context, columns []groupColumn, schema *arrow.Schema, rows int64) (arrow.Record, int64, error) {
	rows, err := r.fill(ctx, columns, rows)
	if err != nil {
		return nil, 0, err
	}
	arrays := make([]arrow.Array, len(columns))
	for i := range columns {
		arrays[i] = array.NewSlice(columns[i].rest, 0, rows)
		defer arrays[i].Release()
	}
	have, err := r.conformed(arrays, schema, rows)
	return have, rows, err
}

// mask says of which rows a predicate is true.
func (r *whereReader) mask(ctx context.Context, predicate *expr.Bound, have arrow.Record) (*array.Boolean, error) {
	value, err := predicate.Eval(ctx, r.mem, have)
	if err != nil {
		return nil, err
	}
	mask, ok := value.(*array.Boolean)
	if !ok {
		defer value.Release()
		return nil, fmt.Errorf("filter: the predicate is %s, not a boolean", value.DataType())
	}
	return mask, nil
}

// pickable says whether rows are picked from columns: none has any that are decoded already, or is read by Arrow's reader.
func pickable(columns []groupColumn) bool {
	return !slices.ContainsFunc(columns, func(c groupColumn) bool { return c.own == nil || c.rest != nil })
}

// choose decodes the other columns and leaves out rows. Where texts are long, it looks at fewer rows.
func (r *whereReader) choose(ctx context.Context, early arrow.Record, mask *array.Boolean, rows int64) (arrow.Record, int64, error) {
	split := r.early.NumFields()
	n, err := r.fill(ctx, r.columns[split:], rows)
	if err != nil {
		return nil, 0, err
	}
	if n < rows {
		early, mask = early.NewSlice(0, n), array.NewSlice(mask, 0, n).(*array.Boolean)
		defer early.Release()
		defer mask.Release()
	}
	arrays := make([]arrow.Array, len(r.columns)-split)
	for i := range r.columns {
		a := r.columns[i].take(n)
		defer a.Release()
		if i >= split {
			arrays[i-split] = a
		}
	}
	late, err := r.conformed(arrays, r.late, n)
	if err != nil {
		return nil, 0, err
	}
	defer late.Release()
	all := r.joined(early, late, n)
	defer all.Release()
	kept, err := batch.FilterRows(r.mem, all, mask)
	if err == nil && kept.NumRows() == 0 {
		kept.Release()
		kept = nil
	}
	return kept, n, err
}

// joined is the columns that are wanted, of the predicate's and of the others.
func (r *whereReader) joined(early, late arrow.Record, rows int64) arrow.Record {
	columns := make([]arrow.Array, r.wanted.NumFields())
	for i, f := range r.wanted.Fields() {
		if at := early.Schema().FieldIndices(f.Name); len(at) > 0 {
			columns[i] = early.Column(at[0])
		} else {
			columns[i] = late.Column(r.late.FieldIndices(f.Name)[0])
		}
	}
	return batch.NewRecord(r.wanted, columns, rows)
}

// pick decodes some of the next rows of the other columns.
func (r *whereReader) pick(ctx context.Context, early arrow.Record, mask *array.Boolean, picks []int32, rows int64) (arrow.Record, error) {
	split := r.early.NumFields()
	early = only(early, r.wanted)
	defer early.Release()
	kept, err := batch.FilterRows(r.mem, early, mask)
	if err != nil {
		return nil, err
	}
	defer kept.Release()
	if split == len(r.columns) {
		return r.joined(kept, nil, kept.NumRows()), nil
	}
	parts := make([][]arrow.Array, len(r.columns)-split)
	defer func() {
		for _, list := range parts {
			for _, a := range list {
				a.Release()
			}
		}
	}()
	err = eachColumn(len(parts), func(i int) (err error) {
		defer guardPanic(r.split.file.path, &err)()
		if parts[i], err = r.columns[split+i].pick(picks, rows); err != nil {
			return r.failed(ctx, r.columns[split+i].name, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.learn(parts, rows)
	records, err := r.records(kept, parts)
	if err != nil {
		return nil, err
	}
	r.ready = records[1:]
	return records[0], nil
}

// learn tells from what was picked of so many rows how many to look at next: what is picked of a window is held at once.
func (r *whereReader) learn(parts [][]arrow.Array, rows int64) {
	most := int64(1)
	for _, list := range parts {
		bytes := int64(0)
		for _, a := range list {
			bytes += batch.ArrayBytes(a)
		}
		most = max(most, bytes)
	}
	r.most = min(max(rows*windowBytes/most, 1), batchRows)
}

// pick decodes some of the next rows rows, in several arrays where texts are long.
func (c *groupColumn) pick(picks []int32, rows int64) (list []arrow.Array, err error) {
	from := int32(0)
	for len(picks) > 0 {
		arr, err := c.own.Pick(from, picks)
		arr, err = c.coded(arr, err)
		if err != nil {
			return list, err
		}
		list = append(list, arr)
		from = picks[arr.Len()-1] + 1
		picks = picks[arr.Len():]
	}
	c.own.Skip(int(rows) - int(from))
	return list, nil
}

// records are rows of columns that come in parts, which need not be alike.
func (r *whereReader) records(early arrow.Record, parts [][]arrow.Array) (out []arrow.Record, err error) {
	defer func() {
		if err != nil {
			for _, rec := range out {
				rec.Release()
			}
		}
	}()
	within := make([]int, len(parts)) // rows given of the first part of each
	for at := int64(0); at < early.NumRows(); {
		n := early.NumRows() - at
		for i, list := range parts {
			n = min(n, int64(list[0].Len()-within[i]))
		}
		arrays := make([]arrow.Array, len(parts))
		for i, list := range parts {
			arrays[i] = array.NewSlice(list[0], int64(within[i]), int64(within[i])+n)
			if within[i] += int(n); within[i] == list[0].Len() {
				list[0].Release()
				parts[i], within[i] = list[1:], 0
			}
		}
		late, err := r.conformed(arrays, r.late, n)
		for _, a := range arrays {
			a.Release()
		}
		if err != nil {
			return out, err
		}
		part := early.NewSlice(at, at+n)
		out = append(out, r.joined(part, late, n))
		part.Release()
		late.Release()
		at += n
	}
	return out, nil
}
