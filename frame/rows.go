package frame

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// Row is one row of a result, good until the next one: it copies what it gives. A column that does not exist or has
// another type ends the loop, and Err (or Each) says so.
type Row struct {
	at    *place
	index int
}

// place is where a cursor stands. Rows that outlive their cursor keep it, and with it the batch, alive.
type place struct {
	schema *arrow.Schema
	*current
	err    error
	before int64 // rows in the batches before rec
}

// current is the batch of a place, apart from it so that a cleanup of the place can release it. rec is nil once it
// is released, so that a Row kept too long can't read it.
type current struct{ rec arrow.Record }

var errStaleRow = errors.New("the row is no longer there: take its values out before the next one")

func (p *place) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *place) take(r arrow.Record) {
	p.drop()
	p.rec = r
}

func (p *place) drop() {
	if p.rec != nil {
		p.before += p.rec.NumRows()
		p.release()
	}
}

func (c *current) release() {
	if c.rec != nil {
		c.rec.Release()
		c.rec = nil
	}
}

// cell reads a column of the row; the zero value and a kept error where that can't be done.
func cell[T any](r Row, name string, read func(arrow.Array, int) (T, error)) (v T) {
	if r.at == nil || r.at.rec == nil {
		if r.at != nil {
			r.at.fail(errStaleRow)
		}
		return v
	}
	i := r.at.schema.FieldIndices(name)
	if len(i) == 0 {
		r.at.fail(unknownColumn(name, r.at.schema))
		return v
	}
	v, err := read(r.at.rec.Column(i[0]), r.index)
	if err != nil {
		r.at.fail(fmt.Errorf("column %q: %w", name, err))
	}
	return v
}

// Index is the number of the row, from 0.
func (r Row) Index() int64 {
	if r.at == nil {
		return -1
	}
	return r.at.before + int64(r.index)
}

// Int is an integer; 0 for null.
func (r Row) Int(column string) int64 { return cell(r, column, intAt) }

// Float is a number; NaN for null.
func (r Row) Float(column string) float64 { return cell(r, column, floatAt) }

// String is any value as text; "" for null.
func (r Row) String(column string) string { return cell(r, column, stringAt) }

// Bool is a bool; false for null.
func (r Row) Bool(column string) bool { return cell(r, column, boolAt) }

// Time is a date or time; the zero time for null.
func (r Row) Time(column string) time.Time { return cell(r, column, timeAt) }

// Duration is a duration; 0 for null.
func (r Row) Duration(column string) time.Duration { return cell(r, column, durationAt) }

// Value is any value, as Values gives them; nil for null.
func (r Row) Value(column string) any {
	return cell(r, column, func(a arrow.Array, i int) (any, error) { return value(a, i), nil })
}

// IsNull tells whether the value is null.
func (r Row) IsNull(column string) bool {
	return cell(r, column, func(a arrow.Array, i int) (bool, error) { return a.IsNull(i), nil })
}

// Rows goes over a result row by row, as the batches arrive; it never holds more than one of them. It has the
// methods of Row for the row it stands on. It is not safe for concurrent use.
type Rows struct {
	Row
	next func() (arrow.Record, error, bool)
	stop func()
	done bool
}

// Rows starts the computation and gives a cursor over its rows, good in the cell that made it.
//
//	rows, err := df.Rows()
//	for rows.Next() {
//		fmt.Println(rows.String("carrier"), rows.Int("flight"))
//	}
//	err = rows.Err()
func (f *Frame) Rows() (*Rows, error) { return f.RowsContext(cellContext()) }

// RowsContext is Rows with a context, for compiled Go.
func (f *Frame) RowsContext(ctx context.Context) (*Rows, error) {
	if err := f.Err(); err != nil {
		return nil, err
	}
	if _, err := runner(); err != nil {
		return nil, inCall("Rows", err)
	}
	next, stop := iter.Pull2(f.stream(ctx))
	now := &current{}
	at := &place{schema: f.node.Schema(), current: now}
	// A cell that leaves its loop with break rarely calls Close.
	runtime.AddCleanup(at, func(stop func()) {
		stop()
		now.release()
	}, stop)
	return &Rows{Row: Row{at: at, index: -1}, next: next, stop: stop}, nil
}

// Next goes to the next row, the first time to the first one. It is false at the end, after Close and after an
// error: ask Err which it was.
func (r *Rows) Next() bool {
	if r.done {
		return false
	}
	if r.at.err != nil {
		r.Close()
		return false
	}
	if r.at.rec != nil && int64(r.index)+1 < r.at.rec.NumRows() {
		r.index++
		return true
	}
	for {
		r.at.drop()
		rec, err, ok := r.next()
		if err != nil {
			r.at.fail(inCall("Rows", err))
			ok = false
		}
		if !ok {
			r.Close()
			return false
		}
		r.at.take(rec)
		if rec.NumRows() > 0 {
			r.index = 0
			return true
		}
	}
}

// Err is what ended the loop early, or nil.
func (r *Rows) Err() error { return inCall("Rows", r.at.err) }

// Close stops the computation. It need not be called after a loop that Next ended.
func (r *Rows) Close() error {
	if !r.done {
		r.done = true
		r.stop()
		r.at.drop()
	}
	return nil
}

// Each computes the frame and calls do for every row, in order; an error from do ends it and is returned.
//
//	err := df.Each(func(r frame.Row) error { total += r.Float("distance"); return nil })
func (f *Frame) Each(do func(Row) error) error { return f.EachContext(cellContext(), do) }

// EachContext is Each with a context, for compiled Go.
func (f *Frame) EachContext(ctx context.Context, do func(Row) error) error {
	if err := f.Err(); err != nil {
		return err
	}
	at := &place{schema: f.node.Schema(), current: &current{}}
	defer at.drop()
	for rec, err := range f.stream(ctx) {
		if err != nil {
			return inCall("Each", err)
		}
		at.take(rec)
		for i := range int(rec.NumRows()) {
			if err := do(Row{at, i}); err != nil {
				return err
			}
			if at.err != nil {
				return inCall("Each", at.err)
			}
		}
		at.drop()
	}
	return nil
}
