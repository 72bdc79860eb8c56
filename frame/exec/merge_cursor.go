package exec

import (
	"context"
	"iter"
	"sort"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/memory"
)

// mergeCursor walks over one sorted source of a merge: batches that are held, or a run on disk.
type mergeCursor struct {
	env    *Env
	spec   *sortSpec
	source int                                // place among the sources: equal rows keep its order
	next   func() (arrow.Record, error, bool) // the next batch, owned by the receiver
	stop   func()

	rec     arrow.Record // nil at the end
	arrays  []arrow.Array
	columns []sortColumn
	row     int   // first row not given
	rows    int   // of rec
	base    int64 // rows of the source before rec
}

// heldCursor walks over batches, which it takes over.
func heldCursor(env *Env, spec *sortSpec, records []arrow.Record) *mergeCursor {
	return &mergeCursor{
		env: env, spec: spec,
		next: func() (arrow.Record, error, bool) {
			if len(records) == 0 {
				return nil, nil, false
			}
			rec := records[0]
			records = records[1:]
			return rec, nil, true
		},
		stop: func() {
			releaseRecords(records)
			records = nil
		},
	}
}

func runCursor(ctx context.Context, env *Env, spec *sortSpec, run *memory.Run) *mergeCursor {
	next, stop := iter.Pull2(run.Read(ctx, env.Mem))
	return &mergeCursor{env: env, spec: spec, next: next, stop: stop}
}

// load goes on to the source's next batch that has rows; rec is nil where there is none.
func (c *mergeCursor) load(ctx context.Context) error {
	c.drop()
	c.base += int64(c.rows)
	c.row, c.rows = 0, 0
	for c.rows == 0 {
		rec, err, ok := c.next()
		if err != nil || !ok {
			return err
		}
		if rec.NumRows() == 0 {
			rec.Release()
			continue
		}
		c.rec, c.rows = rec, int(rec.NumRows())
	}
	arrays, err := evalAll(ctx, c.env, c.spec.keys, c.rec)
	if err != nil {
		return err
	}
	c.arrays, c.columns = arrays, c.spec.columnsOf(arrays)
	return nil
}

func (c *mergeCursor) drop() {
	releaseArrays(c.arrays)
	c.arrays, c.columns = nil, nil
	if c.rec != nil {
		c.rec.Release()
		c.rec = nil
	}
}

func (c *mergeCursor) close() {
	c.drop()
	c.stop()
}

// mergeBound is a row of a source: a place in the order of all rows of a merge.
type mergeBound struct {
	arrays  []arrow.Array // that columns alias, where they are the bound's own
	columns []sortColumn
	row     int // in columns
	source  int
	at      int64 // place in the source
}

// last is the place of the last row of the batch that the cursor is on. It aliases the cursor's batch: keep it first.
func (c *mergeCursor) last() *mergeBound {
	return &mergeBound{
		arrays: c.arrays, columns: c.columns, row: c.rows - 1, source: c.source, at: c.base + int64(c.rows-1),
	}
}

// keep makes a bound outlive what it aliases. Release it.
func (b *mergeBound) keep() {
	for _, arr := range b.arrays {
		arr.Retain()
	}
}

func (b *mergeBound) release() { releaseArrays(b.arrays) }

// within says whether a row comes no later than bound.
func (c *mergeCursor) within(row int, bound *mergeBound) bool {
	switch d := compareRows(c.columns, row, bound.columns, bound.row, 0); {
	case d != 0:
		return d < 0
	case c.source != bound.source:
		return c.source < bound.source
	}
	return c.base+int64(row) <= bound.at
}

// before says whether a comes before b.
func (b *mergeBound) before(o *mergeBound) bool {
	switch d := compareRows(b.columns, b.row, o.columns, o.row, 0); {
	case d != 0:
		return d < 0
	case b.source != o.source:
		return b.source < o.source
	}
	return b.at < o.at
}

// cut moves the rows up to bound, all where it is nil, from the cursor to the list of stretches.
func (c *mergeCursor) cut(ctx context.Context, bound *mergeBound, list []stretch) ([]stretch, error) {
	for c.rec != nil {
		to := c.rows
		if bound != nil && !c.within(c.rows-1, bound) {
			to = c.row + sort.Search(c.rows-1-c.row, func(i int) bool { return !c.within(c.row+i, bound) })
		}
		if to > c.row {
			c.rec.Retain()
			list = append(list, stretch{c.rec, c.row, to})
			c.row = to
		}
		if to < c.rows {
			break
		}
		if err := c.load(ctx); err != nil {
			return list, err
		}
	}
	return list, nil
}
