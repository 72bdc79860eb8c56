package distrib

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
)

// fetches is blocks that are fetched before they are asked for, so that the way of a block and the work on the one before it overlap. It
// is for the goroutine that reads them.
type fetches []*fetch

// fetch is one of them.
type fetch struct {
	handle any // of the block
	done   chan struct{}
	rec    arrow.Record // nil where it has failed: who reads the block will see why
}

// fetchAhead begins to fetch a block, which is about to be read, and the next one.
func (l *lineage) fetchAhead(ctx context.Context, blocks ...Ref) {
	if _, ok := l.engine.(Remote); !ok {
		return
	}
	for _, ref := range blocks {
		if !l.ahead.has(ref) {
			f := &fetch{handle: ref.Handle, done: make(chan struct{})}
			l.ahead = append(l.ahead, f)
			go f.run(ctx, l.engine, l.current(ref))
		}
	}
}

func (f *fetch) run(ctx context.Context, engine Engine, ref Ref) {
	defer close(f.done)
	if rec, err := engine.Get(ctx, ref); err == nil {
		f.rec = rec
	}
}

func (a fetches) has(ref Ref) bool {
	for _, f := range a {
		if f.handle == ref.Handle {
			return true
		}
	}
	return false
}

// take gives the record of a block that was fetched; nil where it was not.
func (a *fetches) take(ref Ref) arrow.Record {
	for i, f := range *a {
		if f.handle == ref.Handle {
			*a = append((*a)[:i], (*a)[i+1:]...)
			<-f.done
			return f.rec
		}
	}
	return nil
}

// close drops what nobody has read.
func (a *fetches) close() {
	for _, f := range *a {
		if <-f.done; f.rec != nil {
			f.rec.Release()
		}
	}
	*a = nil
}
