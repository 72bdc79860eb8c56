package frame

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Describe summarises each column in a row: its type, the count of values that are not null, the nulls, mean and
// standard deviation of numbers, and the smallest and largest value as text. It reads the data once, when it is
// displayed or collected.
//
//	df.Describe()
func (f *Frame) Describe() *Frame {
	var d *description
	out := f.derive("Describe", func(n plan.Node) (plan.Node, error) {
		var err error
		if d, err = newDescription(n, f.name); err != nil {
			return nil, err
		}
		return plan.NewScan(cellContext(), d)
	})
	if out.err == nil {
		out.watch = d.watch
	}
	return out
}

// description is the source of a Describe: an aggregate of one wide row, turned so that each column has a row.
type description struct {
	name    string
	of      *arrow.Schema
	summary plan.Node
	places  []summaryPlaces
}

// summaryPlaces are the columns of the wide row that belong to one column of the input; -1 where there is none.
type summaryPlaces struct{ count, mean, std, least, most int }

var describeSchema = arrow.NewSchema([]arrow.Field{
	{Name: "column", Type: arrow.BinaryTypes.String},
	{Name: "type", Type: arrow.BinaryTypes.String},
	{Name: "count", Type: arrow.PrimitiveTypes.Int64},
	{Name: "nulls", Type: arrow.PrimitiveTypes.Int64},
	{Name: "mean", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "std", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "min", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "max", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)

func newDescription(n plan.Node, name string) (*description, error) {
	d := &description{name: "description of " + name, of: n.Schema()}
	if name == "" {
		d.name = "description"
	}
	list := []expr.Expr{expr.Alias{X: expr.Aggregate{Func: expr.Count}, Name: "rows"}}
	add := func(f expr.AggFunc, column string, wanted bool) int {
		x := expr.Column{Name: column}
		if _, err := expr.BindAgg(f, x, n.Schema()); err != nil || !wanted {
			return -1
		}
		at := len(list)
		list = append(list, expr.Alias{X: expr.Aggregate{Func: f, X: x}, Name: fmt.Sprintf("%d", at)})
		return at
	}
	for _, field := range n.Schema().Fields() {
		numeric := number(field.Type) || field.Type.ID() == arrow.DECIMAL128 || field.Type.ID() == arrow.BOOL
		d.places = append(d.places, summaryPlaces{
			count: add(expr.Count, field.Name, true),
			mean:  add(expr.Mean, field.Name, numeric),
			std:   add(expr.Std, field.Name, numeric),
			least: add(expr.Min, field.Name, true),
			most:  add(expr.Max, field.Name, true),
		})
	}
	var err error
	d.summary, err = plan.NewAggregate(n, nil, list)
	return d, err
}

// turn makes a row for each column from the wide row. The caller keeps wide.
func (d *description) turn(wide arrow.Record) (arrow.Record, error) {
	if wide.NumRows() != 1 {
		return nil, fmt.Errorf("the summary has %d rows", wide.NumRows())
	}
	b := array.NewRecordBuilder(memory.Allocator(), describeSchema)
	defer b.Release()
	rows, err := intAt(wide.Column(0), 0)
	if err != nil {
		return nil, err
	}
	for i, p := range d.places {
		b.Field(0).(*array.StringBuilder).Append(d.of.Field(i).Name)
		b.Field(1).(*array.StringBuilder).Append(batch.TypeName(d.of.Field(i).Type))
		count := int64(0)
		if p.count >= 0 {
			if count, err = intAt(wide.Column(p.count), 0); err != nil {
				return nil, err
			}
		}
		b.Field(2).(*array.Int64Builder).Append(count)
		b.Field(3).(*array.Int64Builder).Append(rows - count)
		for j, at := range []int{p.mean, p.std} {
			fb := b.Field(4 + j).(*array.Float64Builder)
			if at < 0 || wide.Column(at).IsNull(0) {
				fb.AppendNull()
				continue
			}
			v, err := floatAt(wide.Column(at), 0)
			if err != nil {
				return nil, err
			}
			fb.Append(v)
		}
		for j, at := range []int{p.least, p.most} {
			sb := b.Field(6 + j).(*array.StringBuilder)
			if at < 0 || wide.Column(at).IsNull(0) {
				sb.AppendNull()
				continue
			}
			text, err := stringAt(wide.Column(at), 0)
			if err != nil {
				return nil, err
			}
			sb.Append(text)
		}
	}
	return b.NewRecord(), nil
}

// watch shows the summary as it refines.
func (d *description) watch(ctx context.Context, rows int) iter.Seq2[batch.Snapshot, error] {
	return func(yield func(batch.Snapshot, error) bool) {
		r, err := runner()
		if err != nil {
			yield(batch.Snapshot{}, err)
			return
		}
		for s, err := range r.Watch(ctx, d.summary) {
			if s.Record != nil && err == nil {
				wide := s.Record
				s.Record, s.Mode, s.Rows = nil, batch.Replace, 0
				if wide.NumRows() > 0 {
					s.Record, err = d.turn(wide)
					s.Rows = int64(len(d.places))
				}
				wide.Release()
				if s.Record != nil && int64(rows) < s.Record.NumRows() {
					all := s.Record
					s.Record = all.NewSlice(0, int64(rows))
					all.Release()
				}
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// Name, Schema, Size and Splits make a description a source of one split.
func (d *description) Name() string { return d.name }

func (d *description) Schema(context.Context) (*arrow.Schema, error) { return describeSchema, nil }

func (d *description) Size() int64 { return 0 }

func (d *description) Splits(ctx context.Context, _ int64) iter.Seq2[source.Split, error] {
	return func(yield func(source.Split, error) bool) {
		for wide, err := range runPlan(ctx, d.summary) {
			if err != nil {
				yield(nil, err)
				return
			}
			turned, err := d.turn(wide)
			wide.Release()
			if err != nil {
				yield(nil, err)
				return
			}
			rows := source.FromRecords(d.name, describeSchema, []arrow.Record{turned})
			turned.Release()
			defer releaseSource(rows)
			rows.Splits(ctx, 0)(yield)
			return
		}
		yield(nil, errors.New("the summary is empty"))
	}
}
