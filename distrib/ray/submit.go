package ray

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/batch"
)

const (
	// A Ray task costs some milliseconds: one serves as many splits as take about this long, and few at first.
	taskTime  = 300 * time.Millisecond
	maxSplits = 8
	// creditItems is how many blocks of a task are on their way to the session at most.
	creditItems = 4
	// nestedFrom is how many inputs Ray may fetch before a task begins.
	nestedFrom = 64
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
	at     distrib.BlockID // the next block
	skip   distrib.BlockID // blocks of its split before it are known
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
	if l.skip.Split != splits[0].Index {
		l.at.Split, l.at.Seq = splits[0].Index, 0
	}
	request, err := l.engine.options.Encode(l.ctx, l.engine, l.task, splits)
	defer func() {
		l.engine.Free(request.Own...)
		request.Release()
	}()
	if errors.Is(err, worker.ErrStays) && l.engine.options.Local != nil {
		return l.here(splits)
	}
	if err != nil {
		return l.fail(err)
	}
	sub := submission{
		Name: l.name(splits[0].Index), Ahead: 2*l.engine.ahead + 1,
		Credit: l.engine.credit, CPUs: 1, Retries: retries, Inputs: []int64{}, Spread: len(request.Inputs) == len(request.Own)+request.Uploaded,
		Memory: l.engine.memory,
	}
	for _, in := range request.Inputs {
		if in, err = l.carried(in, &request); err != nil {
			return l.fail(fmt.Errorf("input %s: %w", in.ID, err))
		}
		b, ok := in.Handle.(*block)
		if !ok || b.freed.Load() {
			return l.fail(fmt.Errorf("input %s: %w", in.ID, distrib.ErrFreed))
		}
		sub.Inputs = append(sub.Inputs, b.number)
	}
	l.engine.nest(&sub, request.Inputs)
	st, err := l.engine.session.submit(sub, request.Bytes)
	if err != nil {
		return l.fail(err)
	}
	l.engine.running.Add(1)
	more, yielded := l.read(st, splits[len(splits)-1].Index)
	l.engine.running.Add(-1)
	if !yielded {
		return more
	}
	// Again, from the first split that is not complete: what was delivered of it is left out.
	at := slices.IndexFunc(splits, func(s distrib.Split) bool { return s.Index >= l.at.Split })
	if at < 0 {
		return true
	}
	l.skip = l.at
	return l.run(splits[at:])
}

// carried is a block in the object store: itself, or a copy of one that was made in this process.
func (l *lane) carried(ref distrib.Ref, request *worker.Request) (distrib.Ref, error) {
	if _, ok := ref.Handle.(*block); ok || l.engine.options.Local == nil {
		return ref, nil
	}
	rec, err := l.engine.options.Local.Get(l.ctx, ref)
	if err != nil {
		return ref, err
	}
	rec, err = batch.Plain(l.engine.options.Mem, rec)
	if err != nil {
		return ref, err
	}
	defer rec.Release()
	put, err := l.engine.Put(l.ctx, rec)
	if err != nil {
		return ref, err
	}
	request.Own = append(request.Own, put)
	return put, nil
}

// here runs splits in this process.
func (l *lane) here(splits []distrib.Split) bool {
	task := l.task
	task.Splits = distrib.ListOf(splits...)
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

func (l *lane) fail(err error) bool {
	l.yield(distrib.Ref{ID: l.at}, err)
	return false
}

// read passes on what the task gives, up to the end of its last split. yielded says that the task gave its slot up.
func (l *lane) read(st *stream, last int) (more, yielded bool) {
	complete := false
	for {
		var e event
		select {
		case e = <-st.events:
		case <-l.ctx.Done():
			l.stop(st)
			return l.fail(l.ctx.Err()), false
		case <-l.engine.session.ended:
			return l.fail(l.engine.session.reason()), false
		}
		if e.Kind == "end" {
			l.engine.placed(e.Node)
			if e.Lost != "" || !complete {
				return l.lost(e), false
			}
			return true, false
		}
		ref, err := l.engine.refOf(e)
		if err != nil {
			l.at = ref.ID
			l.stop(st)
			return l.fail(l.logged(err, e)), false
		}
		complete = ref.Last && ref.ID.Split == last
		if ref.ID.Split == l.skip.Split && ref.ID.Seq < l.skip.Seq && !ref.Last {
			l.engine.Free(ref)
		} else {
			l.at = ref.ID
			more, gaveUp := l.give(st, ref)
			if !more {
				l.stop(st)
				return false, false
			}
			if ref.Last {
				l.at.Split, l.at.Seq = l.at.Split+1, 0
			} else {
				l.at.Seq++
			}
			if gaveUp {
				l.stop(st)
				return true, true
			}
		}
		_ = l.engine.session.frames.send(command{Kind: "credit", Task: st.task, More: 1}, nil) // serve notices
	}
}

// refOf is what an item of a stream says.
func (e *Engine) refOf(of event) (distrib.Ref, error) {
	n, err := decodeNote(of.payload)
	if err == nil {
		err = n.err()
	}
	n.Ref.Node = e.nodeName(of.Node)
	if of.Block != 0 {
		n.Ref.Handle = &block{number: of.Block, node: of.Node}
	}
	return n.Ref, err
}

// name is what Ray's dashboard calls a task, and errors do.
func (l *lane) name(split int) string {
	return fmt.Sprintf("%s %s%d/%d", l.task.Source, l.task.Role, l.task.Stage, split)
}

// logged is an error of a task with the end of what its worker wrote.
func (l *lane) logged(err error, e event) error {
	if e.Log == "" {
		return err
	}
	return fmt.Errorf("%w\nlog of task %q on node %s:\n%s", err, l.name(l.at.Split), l.engine.nodeName(e.Node), e.Log)
}

// stallTime is how long a block may wait for its consumer before the slot is looked at.
const stallTime = 2 * time.Second

// give passes a block on. Where its consumer lets it wait while the cluster has fewer slots than there are tasks (a node was
// lost), the consumer may wait for a task that waits for this one's slot: gaveUp says that the task was told to stop.
func (l *lane) give(st *stream, ref distrib.Ref) (more, gaveUp bool) {
	taken, watched := make(chan struct{}), make(chan struct{})
	watch := time.AfterFunc(stallTime, func() {
		defer close(watched)
		for !gaveUp {
			if l.engine.short() {
				gaveUp = true
				_ = l.engine.session.frames.send(command{Kind: "cancel", Task: st.task}, nil)
			}
			select {
			case <-taken:
				return
			case <-time.After(stallTime):
			}
		}
	})
	more = l.yield(ref, nil)
	if !watch.Stop() {
		close(taken)
		<-watched
	}
	return more, gaveUp
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
	return l.fail(l.logged(fmt.Errorf("task %q was tried %d times%s: %w: %s",
		l.name(l.at.Split), retries+1, where, distrib.ErrLost, l.engine.names.in(why)), e))
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
