package distrib

import (
	"context"
	"time"
)

// assistEvery is how often it is looked for slow splits.
const assistEvery = 200 * time.Millisecond

// assist runs a split a second time where the consumer waits for it much longer than splits take: its node may be slow, or hang.
// Each block counts once, whoever makes it first. When all have arrived, those who are late are stopped.
func (l *lanes) assist(ctx context.Context, stop func()) {
	tick := time.NewTicker(assistEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.queue.complete:
			stop()
			return
		case <-tick.C:
		}
		head, starved := l.merger.starved()
		if !starved {
			continue
		}
		if split, ok := l.queue.lend(head); ok {
			l.second(ctx, split)
		}
	}
}

// second is the second attempt at a split. Its failure does not matter: the first goes on.
func (l *lanes) second(ctx context.Context, split Split) {
	defer func() { _ = recover() }() //nolint:errcheck // an engine's panic is its first attempt's too
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	split, err := l.lineage.repaired(ctx, split)
	if err != nil {
		return
	}
	task := l.task
	task.Splits = ListOf(split)
	for ref, err := range l.engine.Submit(ctx, task) {
		if err != nil {
			return
		}
		taken, more := l.merger.put(ctx, l.engine.Slots(), ref)
		switch {
		case ref.Last:
			l.queue.arrived(ref.ID.Split)
		case !taken:
			l.engine.Free(ref)
		}
		if !more {
			return
		}
	}
}
