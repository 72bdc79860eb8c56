package exec

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"
)

// giveInOrder makes the batches of 0 to n-1 on all processors and gives them in turn. Few are made before they are wanted.
func giveInOrder(ctx context.Context, operator string, n int, work func(i int) ([]arrow.Record, error), emit emitFunc) error {
	type result struct {
		records []arrow.Record
		err     error
	}
	ctx, cancel := context.WithCancel(ctx)
	workers := runtime.GOMAXPROCS(0)
	results := make([]chan result, n)
	for i := range results {
		results[i] = make(chan result, 1)
	}
	slots := make(chan struct{}, 2*workers) // those begun that are not given
	var next atomic.Int64
	var group sync.WaitGroup
	given := 0
	defer func() {
		cancel()
		group.Wait()
		for i := given; i < min(n, int(next.Load())); i++ {
			select {
			case r := <-results[i]:
				releaseRecords(r.records)
			default:
			}
		}
	}()
	for range workers {
		group.Go(func() {
			for {
				select {
				case slots <- struct{}{}:
				case <-ctx.Done():
					return
				}
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				var r result
				r.err = protect(operator, nil, func() (err error) {
					r.records, err = work(i)
					return err
				})
				results[i] <- r
			}
		})
	}
	for ; given < n; given++ {
		var r result
		select {
		case r = <-results[given]:
		case <-ctx.Done():
			return ctx.Err()
		}
		<-slots
		for i, rec := range r.records {
			if err := emit(rec); err != nil {
				releaseRecords(r.records[i+1:])
				given++
				return err
			}
		}
		if r.err != nil {
			given++
			return r.err
		}
	}
	return ctx.Err()
}

// inParallel runs f for 0 to n-1 on all processors. The error is that of the lowest number among those that ran; a panic
// is an error.
func inParallel(operator string, n int, f func(i int) error) error {
	workers := min(n, runtime.GOMAXPROCS(0))
	errs := make([]error, n)
	var next atomic.Int64
	var failed atomic.Bool
	work := func() {
		for !failed.Load() {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			if errs[i] = protect(operator, nil, func() error { return f(i) }); errs[i] != nil {
				failed.Store(true)
			}
		}
	}
	var group sync.WaitGroup
	for range workers - 1 {
		group.Go(work)
	}
	work()
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
