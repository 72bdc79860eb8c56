package exec

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// rowColumn is the number of a row of the input, in what is sorted.
const rowColumn = "row"

// windowSpill computes windows from disk. The rows go to a run as they come; keys, operands and the row's number are
// sorted by partition and order and written to another run, which each function reads from its beginning to its end, one
// page at a time; the results are sorted back by number. Only which rows begin a partition or a group of peers is held:
// two bits a row.
type windowSpill struct {
	env    *Env
	spec   *WindowSpec
	file   *spillFile
	grant  *grant
	input  *memory.RunWriter
	rows   int
	keyed  *arrow.Schema // columns, then the row
	from   []int         // in the input, of each column of keyed but the last
	by     []int         // in keyed
	order  []int
	sorted *sortFeed
}

func newWindowSpill(env *Env, spec *WindowSpec) (*windowSpill, error) {
	s := &windowSpill{env: env, spec: spec, file: &spillFile{env: env}, grant: env.newGrant("window")}
	spill, err := s.file.open()
	if err != nil {
		return nil, err
	}
	s.input = spill.Writer(spec.in)
	s.from = slices.Clone(spec.columns)
	place := func(list []int) (out []int) {
		for _, c := range list {
			at := slices.Index(s.from, c)
			if at < 0 {
				at = len(s.from)
				s.from = append(s.from, c)
			}
			out = append(out, at)
		}
		return out
	}
	s.by, s.order = place(spec.by), place(spec.orderAt)
	s.keyed = keyedSchema(fieldTypes(spec.in, s.from))
	var keys []plan.SortKey
	for _, c := range s.by {
		keys = append(keys, plan.SortKey{X: expr.Column{Name: s.keyed.Field(c).Name}})
	}
	for i, c := range s.order {
		keys = append(keys, plan.SortKey{X: expr.Column{Name: s.keyed.Field(c).Name}, Descending: spec.order[i].Descending})
	}
	s.sorted = newSortFeed(env, s.keyed, append(keys, byRow...))
	return s, nil
}

var byRow = []plan.SortKey{{X: expr.Column{Name: rowColumn}}}

// keyedSchema is columns without names of their own and the number of the row.
func keyedSchema(types []arrow.DataType) *arrow.Schema {
	fields := make([]arrow.Field, 0, len(types)+1)
	for i, dt := range types {
		fields = append(fields, arrow.Field{Name: fmt.Sprintf("c%d", i), Type: dt, Nullable: true})
	}
	return arrow.NewSchema(append(fields, arrow.Field{Name: rowColumn, Type: arrow.PrimitiveTypes.Int64}), nil)
}

func (s *windowSpill) close() {
	s.sorted.close()
	s.file.close()
	s.grant.release()
}

// add takes rec over.
func (s *windowSpill) add(ctx context.Context, rec arrow.Record) error {
	defer rec.Release()
	if err := s.input.Write(rec); err != nil {
		return err
	}
	rows := int(rec.NumRows())
	number := newFixedColumn[int64](s.env.Mem, rows)
	for i := range number.values {
		number.values[i] = int64(s.rows + i)
	}
	s.rows += rows
	columns := columnsAt(rec, s.from)
	for _, c := range columns {
		c.Retain()
	}
	keyed := newRecord(s.keyed, append(columns, number.array(arrow.PrimitiveTypes.Int64)), rows)
	return s.sorted.add(ctx, keyed)
}

func (s *windowSpill) stream(ctx context.Context, emit emitFunc) error {
	input, err := s.input.Close()
	if err != nil {
		return err
	}
	rows, err := s.sort(ctx)
	if err != nil {
		return err
	}
	results, err := s.compute(ctx, rows)
	if err != nil {
		return err
	}
	defer results.close()
	s.sorted.close()
	return s.zip(ctx, input, results, emit)
}

// pageBytes is how large the pages of the sorted run are: every function has some of them in memory.
func (s *windowSpill) pageBytes() int64 {
	cursors := int64(2 + 3*len(s.spec.funcs) + 3*len(s.spec.frames))
	return min(1<<20, max(16<<10, max(s.grant.floor, s.env.Budget.Total()/32)/(2*cursors)))
}

// sort writes the sorted run and marks partitions and peers.
func (s *windowSpill) sort(ctx context.Context) (*sortedRows, error) {
	if granted, err := s.grant.resize(int64(s.rows)/4 + 64); err != nil || !granted {
		if err == nil {
			err = refused("window", int64(s.rows)/4)
		}
		return nil, err
	}
	spill, err := s.file.open()
	if err != nil {
		return nil, err
	}
	w := spill.Writer(s.keyed)
	rows := &sortedRows{rows: s.rows, part: newBitmap(s.rows), peer: newBitmap(s.rows)}
	parts, err := newKeyEdges(fieldTypes(s.keyed, s.by))
	if err != nil {
		return nil, err
	}
	peers, err := newKeyEdges(fieldTypes(s.keyed, s.order))
	if err != nil {
		return nil, err
	}
	at := 0
	err = s.sorted.each(ctx, func(rec arrow.Record) error {
		defer rec.Release()
		if err := parts.mark(columnsAt(rec, s.by), int(rec.NumRows()), at, rows.part); err != nil {
			return err
		}
		if err := peers.mark(columnsAt(rec, s.order), int(rec.NumRows()), at, rows.peer); err != nil {
			return err
		}
		at += int(rec.NumRows())
		return s.writePages(w, rec, rows)
	})
	if err != nil {
		return nil, err
	}
	for i := range rows.peer {
		rows.peer[i] |= rows.part[i]
	}
	run, err := w.Close()
	if err != nil {
		return nil, err
	}
	rows.pages = runPages(ctx, s.env, run)
	return rows, nil
}

func (s *windowSpill) writePages(w *memory.RunWriter, rec arrow.Record, rows *sortedRows) error {
	n := rec.NumRows()
	page := min(max(n*s.pageBytes()/max(1, batch.Bytes(rec)), 64), chunkRows)
	rows.blockRows = max(rows.blockRows, int(page))
	for from := int64(0); from < n; from += page {
		part := rec.NewSlice(from, min(from+page, n))
		err := w.Write(part)
		part.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// compute gives the functions' values with the numbers of their rows, to be sorted by them.
func (s *windowSpill) compute(ctx context.Context, rows *sortedRows) (*sortFeed, error) {
	types := make([]arrow.DataType, len(s.spec.funcs))
	for i, f := range s.spec.funcs {
		types[i] = f.dt
	}
	schema := keyedSchema(types)
	results := newSortFeed(s.env, schema, byRow)
	done := false
	defer func() {
		if !done {
			results.close()
		}
	}()
	extra := s.env.newGrant("window")
	defer extra.release()
	held := int64(0)
	e, err := newEvaluator(ctx, s.env, s.spec, rows, func(n int64) error {
		granted, err := extra.resize(held + n)
		if err == nil && !granted {
			err = refused("window", held+n)
		}
		if err == nil {
			held += n
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	defer e.close()
	numbers := newWordCursor(rows, len(s.from))
	defer numbers.close()
	for from := 0; from < rows.rows; from += rows.blockRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.block(ctx, e, &numbers, schema, from, min(from+rows.blockRows, rows.rows), results); err != nil {
			return nil, err
		}
	}
	done = true
	return results, nil
}

func (s *windowSpill) block(ctx context.Context, e *evaluator, numbers *wordCursor, schema *arrow.Schema, from, to int, results *sortFeed) (err error) {
	out, err := e.next(ctx, from, to)
	if err != nil {
		return err
	}
	taken := false
	defer func() {
		if !taken {
			releaseArrays(out)
		}
		if r := recover(); r != nil {
			failed, ok := r.(pageError)
			if !ok {
				panic(r)
			}
			err = failed.err
		}
	}()
	number := newFixedColumn[uint64](s.env.Mem, to-from)
	guarded(number, func() {
		for i := range number.values {
			number.values[i], _ = numbers.at(from + i)
		}
	})
	taken = true
	return results.add(ctx, newRecord(schema, append(out, number.array(arrow.PrimitiveTypes.Int64)), to-from))
}

// zip puts the values beside their rows.
func (s *windowSpill) zip(ctx context.Context, input *memory.Run, results *sortFeed, emit emitFunc) error {
	next, stop := iter.Pull2(results.stream(ctx))
	defer stop()
	v := valueReader{next: next}
	defer v.close()
	return each(ctx, input.Read(ctx, s.env.Mem), func(rec arrow.Record) error {
		made, err := s.values(rec, &v)
		rec.Release()
		for i, out := range made {
			if err == nil {
				err = emit(out)
			} else {
				made[i].Release()
			}
		}
		return err
	})
}

// valueReader cuts the results to the pieces that are asked for.
type valueReader struct {
	next func() (arrow.Record, error, bool)
	rec  arrow.Record
	at   int64
}

func (v *valueReader) close() {
	if v.rec != nil {
		v.rec.Release()
		v.rec = nil
	}
}

// left is how many results are there, at least one.
func (v *valueReader) left() (int64, error) {
	for v.rec == nil || v.at == v.rec.NumRows() {
		v.close()
		rec, err, ok := v.next()
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, errPagesEnd
		}
		v.rec, v.at = rec, 0
	}
	return v.rec.NumRows() - v.at, nil
}

// values gives the rows of rec with their values.
func (s *windowSpill) values(rec arrow.Record, v *valueReader) (out []arrow.Record, err error) {
	for from := int64(0); from < rec.NumRows(); {
		left, err := v.left()
		if err != nil {
			return out, err
		}
		n := min(rec.NumRows()-from, left)
		out = append(out, s.join(rec, from, v.rec, v.at, n))
		from, v.at = from+n, v.at+n
	}
	return out, nil
}

func (s *windowSpill) join(rec arrow.Record, from int64, values arrow.Record, at, n int64) arrow.Record {
	left := rec.NewSlice(from, from+n)
	defer left.Release()
	right := values.NewSlice(at, at+n)
	defer right.Release()
	columns := slices.Clone(right.Columns()[:len(s.spec.funcs)])
	for _, c := range columns {
		c.Retain()
	}
	return withColumns(s.spec.out, left, columns)
}

// keyEdges finds the rows whose keys differ from those of the row before.
type keyEdges struct {
	encoder *keyEncoder
	last    []byte
}

func newKeyEdges(types []arrow.DataType) (*keyEdges, error) {
	e, err := newKeyEncoder(types)
	if err != nil {
		return nil, err
	}
	e.layout = layoutRows // whatever the keys are, rows are compared as bytes
	return &keyEdges{encoder: e}, nil
}

// mark sets the bits of such rows, the first of which is row at.
func (k *keyEdges) mark(keys []arrow.Array, rows, at int, marks bitmap) error {
	if len(keys) == 0 {
		if at == 0 && rows > 0 {
			marks.set(0)
		}
		return nil
	}
	b, err := k.encoder.encode(keys, rows)
	if err != nil {
		return err
	}
	for i := range rows {
		key := b.data[b.offsets[i]:b.offsets[i+1]]
		if at+i == 0 || !bytes.Equal(key, k.last) {
			marks.set(at + i)
			k.last = append(k.last[:0], key...)
		}
	}
	return nil
}

// sortFeed sorts records that come in any order.
type sortFeed struct {
	env     *Env
	merge   *MergeSort
	partial batch.Op
	pending []arrow.Record
	bytes   int64
}

func newSortFeed(env *Env, schema *arrow.Schema, keys []plan.SortKey) *sortFeed {
	return &sortFeed{env: env, merge: NewMergeSort(env, schema, keys), partial: PartialSort(env, schema, keys)}
}

// add takes rec over.
func (f *sortFeed) add(ctx context.Context, rec arrow.Record) error {
	f.pending = append(f.pending, rec)
	f.bytes += batch.Bytes(rec)
	if f.bytes < min(sortPieceBytes, max(f.env.working(), f.env.Budget.Total()/16)) {
		return nil
	}
	return f.flush(ctx)
}

func (f *sortFeed) flush(ctx context.Context) error {
	pending := f.pending
	f.pending, f.bytes = nil, 0
	for rec, err := range f.partial(ctx, owningStream(pending)) {
		if err != nil {
			return err
		}
		if err := f.merge.Add(ctx, rec); err != nil {
			return err
		}
	}
	return nil
}

// owningStream gives records, and releases those that nobody took.
func owningStream(records []arrow.Record) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for i, rec := range records {
			if !yield(rec, nil) {
				releaseRecords(records[i+1:])
				return
			}
		}
	}
}

// each gives everything in order to f, which owns it.
func (f *sortFeed) each(ctx context.Context, give func(arrow.Record) error) error {
	return each(ctx, f.stream(ctx), give)
}

func (f *sortFeed) stream(ctx context.Context) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		if err := f.flush(ctx); err != nil {
			yield(nil, err)
			return
		}
		f.merge.Stream(ctx)(yield)
	}
}

func (f *sortFeed) close() {
	releaseRecords(f.pending)
	f.pending = nil
	f.merge.Close()
}
