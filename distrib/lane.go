package distrib

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Lane runs a task in this process: it is what an engine does with a task where the task ends up. The receiver owns
// each block's record. An error comes last, with a block whose ID says where it stands.
func Lane(ctx context.Context, env *exec.Env, task Task) iter.Seq2[Block, error] {
	return func(yield func(Block, error) bool) {
		l := lane{ctx: ctx, env: env, task: task, yield: yield, meter: newMeter(len(task.Fragment.Steps) + 2)}
		defer func() {
			// A panic of the receiver is not ours to swallow.
			if l.outside {
				return
			}
			if r := recover(); r != nil {
				l.fail(panicError("lane of "+task.Source, r))
			}
		}()
		var err error
		var parted *arrow.Schema
		if l.steps, l.end, parted, err = compile(env, task, l.meter); err != nil {
			l.fail(err)
			return
		}
		if task.parts() {
			l.parting = func() (parter, error) { return newParter(env, parted, task, l.at.Split) }
		}
		_, l.counts = task.Fragment.End.(*plan.Preview)
		l.run()
	}
}

type lane struct {
	ctx     context.Context
	env     *exec.Env
	task    Task
	yield   func(Block, error) bool
	at      BlockID  // the next block
	steps   batch.Op // the fragment's steps
	end     batch.Op // the lane's part of its gather
	meter   *meter
	counts  bool // the rows between the two are wanted
	outside bool // the receiver runs

	parting func() (parter, error) // for each split; nil where blocks are not parted
}

func (l *lane) run() {
	l.at.Stage, l.at.Role = l.task.Stage, l.task.Role
	for {
		split, ok, err := l.task.Splits.Next(l.ctx)
		l.at.Split, l.at.Seq = split.Index, 0
		if err != nil {
			l.fail(err)
			return
		}
		if !ok || !l.split(split) {
			return
		}
	}
}

// split runs one split to its end and says whether to go on.
func (l *lane) split(split Split) bool {
	done := Done{Covered: split.Span(), Stored: split.Stored()}
	f := l.task.Fragment
	out, err := l.reduced(split, guard("scan "+l.task.Source, split.Open(l.ctx, f.Columns, f.Limit)))
	if err != nil {
		l.fail(err)
		return false
	}
	end := len(f.Steps) + 1
	marking, err := l.marking()
	if err != nil {
		l.fail(err)
		return false
	}
	if len(f.Steps) > 0 {
		out = l.steps(l.ctx, l.meter.crossing(0, 1, count(out, &done.Rows)))
	} else {
		out = count(out, &done.Rows)
	}
	out = l.meter.crossing(end-1, end, out)
	if l.counts {
		out = count(out, &done.Counted)
	}
	out = l.meter.crossing(end, l.meter.outside(), l.end(l.ctx, out))
	give := l.blocks
	if l.parting != nil {
		give = l.parts
	}
	if err := give(out); err != nil {
		if err != errDropped { //nolint:errorlint // it is never wrapped
			l.fail(l.located(err, split))
		}
		return false
	}
	if err := l.ctx.Err(); err != nil {
		l.fail(err)
		return false
	}
	if marking != nil && l.emit(IndexPart, marking.Marks()) != nil {
		return false
	}
	done.Ops = l.meter.take()
	return l.give(Block{Ref: Ref{ID: l.at, Last: true, Done: done}}, nil)
}

// reduced is what is made of the blocks of a split before the fragment's steps.
func (l *lane) reduced(split Split, in batch.Stream) (batch.Stream, error) {
	if l.task.Reduce == nil {
		return in, nil
	}
	blocks, ok := split.Split.(*Blocks)
	if !ok {
		return nil, fmt.Errorf("split %d of %s: it has no blocks to reduce", split.Index, l.task.Source)
	}
	op, err := compileReduce(l.ctx, l.meter.env(l.env, 0), *l.task.Reduce, blocks)
	if err != nil {
		return nil, err
	}
	return op(l.ctx, in), nil
}

// marking has the full join with which the steps end note what a split matches, where that is wanted.
func (l *lane) marking() (*exec.JoinTable, error) {
	if !l.task.Marks {
		return nil, nil
	}
	tables := slices.Clone(l.task.Tables)
	last := len(tables) - 1
	tables[last] = tables[last].Marking()
	var err error
	l.steps, _, err = compileSteps(l.env, l.task.Fragment.Schema, l.task.Fragment.Steps, tables, l.meter, 1)
	return tables[last], err
}

// errDropped says that the receiver has all that it wants.
var errDropped = errors.New("dropped")

// blocks gives the batches of a split as they are.
func (l *lane) blocks(in batch.Stream) error {
	for rec, err := range in {
		if err != nil {
			return err
		}
		if err := l.emit(0, rec); err != nil {
			return err
		}
	}
	return nil
}

// parts gives the batches of a split parted.
func (l *lane) parts(in batch.Stream) error {
	p, err := l.parting()
	if err != nil {
		return err
	}
	defer p.Close()
	for rec, err := range in {
		if err == nil {
			err = p.Add(l.ctx, rec, l.emit)
		}
		if err != nil {
			return err
		}
	}
	return p.Flush(l.emit)
}

// located says of the error of a row in which split it is.
func (l *lane) located(err error, split Split) error {
	if _, ok := errors.AsType[*expr.RowError](err); ok {
		return fmt.Errorf("%w (split %d of %s)", err, split.Index, l.task.Source)
	}
	return err
}

// emit takes rec over.
func (l *lane) emit(part int, rec arrow.Record) error {
	if rec.NumRows() == 0 || rec.NumCols() == 0 { // nothing, or rows that only count
		rec.Release()
		return nil
	}
	b := Block{Ref: Ref{ID: l.at, Part: part, Rows: rec.NumRows(), Bytes: batch.Bytes(rec)}, Record: rec}
	l.at.Seq++
	if !l.give(b, nil) {
		return errDropped
	}
	return nil
}

func (l *lane) fail(err error) { l.give(Block{Ref: Ref{ID: l.at}}, err) }

func (l *lane) give(b Block, err error) bool {
	l.outside = true
	more := l.yield(b, err)
	l.outside = false
	return more
}

// count adds the rows that pass to rows.
func count(in batch.Stream, rows *int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		for rec, err := range in {
			if rec != nil {
				*rows += rec.NumRows()
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

// guard turns a panic of in into an error that names it, and lets the receiver's panics pass.
func guard(name string, in batch.Stream) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		outside, stopped := false, false
		defer func() {
			if outside {
				return
			}
			if r := recover(); r != nil {
				if stopped {
					return
				}
				outside = true
				yield(nil, panicError(name, r))
			}
		}()
		in(func(rec arrow.Record, err error) bool {
			outside = true
			more := yield(rec, err)
			outside = false
			stopped = !more
			return more
		})
	}
}
