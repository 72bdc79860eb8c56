package ray

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
)

const (
	// A Ray task costs some milliseconds: one serves as many splits as take about this long, and few at first.
	taskTime  = 300 * time.Millisecond
	maxSplits = 8
	// creditItems is how many blocks of a task are on their way to the session at most.
	creditItems = 4
)

// Submit implements distrib.Engine.
func (e *Engine) Submit(ctx context.Context, task distrib.Task) iter.Seq2[distrib.Ref, error] {
	return func(yield func(distrib.Ref, error) bool) {
		if e.closed.Load() {
			yield(distrib.Ref{ID: distrib.BlockID{Stage: task.Stage}}, errClosed)
			return
		}
		l := lane{engine: e, ctx: ctx, task: task, yield: yield, at: distrib.BlockID{Stage: task.Stage}}
		for want := 1; ; {
			splits, err := l.take(want)
			if len(splits) > 0 {
				start := time.Now()
				if !l.run(splits) {
					return
				}
				each := time.Since(start) / time.Duration(len(splits))
				want = min(max(int(taskTime/max(each, time.Microsecond)), 1), 2*want, maxSplits)
			}
			if err != nil {
				yield(distrib.Ref{ID: l.at}, err)
				return
			}
			if len(splits) == 0 {
				return
			}
		}
	}
}

// lane runs the splits of one task, some at a time.
type lane struct {
	engine *Engine
	ctx    context.Context
	task   distrib.Task
	yield  func(distrib.Ref, error) bool
	at     distrib.BlockID // for errors
}

// take gets up to want splits; an error stands behind those that came before it.
func (l *lane) take(want int) (splits []distrib.Split, err error) {
	for len(splits) < want {
		if err := l.ctx.Err(); err != nil {
			return nil, err
		}
		s, ok, err := l.task.Splits.Next(l.ctx)
		if err != nil {
			l.at.Split, l.at.Seq = s.Index, 0
			return splits, err
		}
		if !ok {
			break
		}
		splits = append(splits, s)
	}
	return splits, nil
}

// run runs some splits as one Ray task and says whether to go on. When it has ended, so has the task.
func (l *lane) run(splits []distrib.Split) bool {
	l.at.Split, l.at.Seq = splits[0].Index, 0
	request, err := l.engine.options.Encode(l.ctx, l.engine, l.task, splits)
	defer l.engine.Free(request.Own...)
	if errors.Is(err, worker.ErrStays) && l.engine.options.Local != nil {
		return l.here(splits)
	}
	if err != nil {
		return l.fail(err)
	}
	sub := submission{
		Name: fmt.Sprintf("%s %d/%d", l.task.Source, l.task.Stage, splits[0].Index), Ahead: 2*l.engine.ahead + 1,
		Credit: creditItems, CPUs: 1, Retries: retries, Inputs: []int64{}, Spread: len(request.Inputs) == len(request.Own),
		Memory: l.engine.memory,
	}
	for _, in := range request.Inputs {
		b, ok := in.Handle.(*block)
		if !ok || b.freed.Load() {
			return l.fail(fmt.Errorf("input %s: %w", in.ID, distrib.ErrFreed))
		}
		sub.Inputs = append(sub.Inputs, b.number)
	}
	st, err := l.engine.session.submit(sub, request.Bytes)
	if err != nil {
		return l.fail(err)
	}
	return l.read(st, splits[len(splits)-1].Index)
}

// here runs splits in this process.
func (l *lane) here(splits []distrib.Split) bool {
	task := l.task
	task.Splits = &given{splits}
	last := splits[len(splits)-1].Index
	complete := false
	for ref, err := range l.engine.options.Local.Submit(l.ctx, task) {
		complete = ref.Last && ref.ID.Split == last
		if !l.yield(ref, err) || err != nil {
			return false
		}
	}
	return complete
}

// given is a list of splits for one lane.
type given struct{ rest []distrib.Split }

// Next implements distrib.Splits.
func (g *given) Next(context.Context) (distrib.Split, bool, error) {
	if len(g.rest) == 0 {
		return distrib.Split{}, false, nil
	}
	s := g.rest[0]
	g.rest = g.rest[1:]
	return s, true, nil
}

func (l *lane) fail(err error) bool {
	l.yield(distrib.Ref{ID: l.at}, err)
	return false
}

// read passes on what the task gives, up to the end of its last split.
func (l *lane) read(st *stream, last int) bool {
	complete := false
	for {
		var e event
		select {
		case e = <-st.events:
		case <-l.ctx.Done():
			l.stop(st)
			return l.fail(l.ctx.Err())
		case <-l.engine.session.ended:
			return l.fail(fmt.Errorf("the connection with Ray is lost: %w", l.engine.session.reason()))
		}
		if e.Kind == "end" {
			l.engine.placed(e.Node)
			if e.Lost != "" || !complete {
				return l.lost(e)
			}
			return true
		}
		n, err := decodeNote(e.payload)
		if err == nil {
			l.at = n.Ref.ID
			err = n.err()
		}
		if err != nil {
			l.stop(st)
			return l.fail(err)
		}
		ref := n.Ref
		if e.Block != 0 {
			ref.Handle = &block{number: e.Block, node: e.Node}
		}
		complete = ref.Last && ref.ID.Split == last
		if !l.yield(ref, nil) {
			l.stop(st)
			return false
		}
		if ref.Last {
			l.at.Split, l.at.Seq = l.at.Split+1, 0
		} else {
			l.at.Seq++
		}
		_ = l.engine.session.frames.send(command{Kind: "credit", Task: st.task, More: 1}, nil) // serve notices
	}
}

func (l *lane) lost(e event) bool {
	why := e.Lost
	if why == "" {
		why = "it ended early"
	}
	where := ""
	if e.Node != "" {
		where = ", last on node " + l.engine.nodeName(e.Node)
	}
	return l.fail(fmt.Errorf("task %q was tried %d times%s: %w: %s",
		fmt.Sprintf("%s %d/%d", l.task.Source, l.at.Stage, l.at.Split), retries+1, where, distrib.ErrLost, why))
}

// forceAfter is when a worker that does not obey a cancel is killed.
const forceAfter = 3 * time.Second

// stop cancels a task and waits until nothing of it runs.
func (l *lane) stop(st *stream) {
	s := l.engine.session
	_ = s.frames.send(command{Kind: "cancel", Task: st.task}, nil)
	force := time.NewTimer(forceAfter)
	defer force.Stop()
	for {
		select {
		case e := <-st.events:
			if e.Block != 0 {
				_ = s.frames.send(command{Kind: "free", Blocks: []int64{e.Block}}, nil)
			}
			if e.Kind == "end" {
				return
			}
		case <-force.C:
			_ = s.frames.send(command{Kind: "cancel", Task: st.task, Force: true}, nil)
		case <-s.ended:
			return
		}
	}
}
