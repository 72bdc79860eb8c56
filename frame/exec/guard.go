package exec

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// errStopped says that the consumer broke out; it never leaves this package.
var errStopped = errors.New("stopped")

// emitFunc gives a record away. A non-nil error means stop: the consumer broke out, or the context ended.
type emitFunc func(arrow.Record) error

// generate makes a Stream of body, and is where the rules of a Stream are kept: a body returns its error instead of
// yielding it, a panic of body becomes an error, a panic of the consumer passes through untouched (the range-over-func
// protocol forbids swallowing it), and nothing is yielded after the consumer broke out.
func generate(ctx context.Context, operator string, body func(emit emitFunc) error) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		outside, stopped := false, false
		emit := func(rec arrow.Record) error {
			if stopped {
				rec.Release()
				return errStopped
			}
			if err := ctx.Err(); err != nil {
				rec.Release()
				return err
			}
			outside = true
			more := yield(rec, nil)
			outside = false
			if !more {
				stopped = true
				return errStopped
			}
			return nil
		}
		err := protect(operator, &outside, func() error { return body(emit) })
		if err != nil && !stopped {
			outside = true
			yield(nil, err)
		}
	}
}

// protect runs f and turns its panic into an error, unless the panic is the consumer's.
func protect(operator string, outside *bool, f func() error) (err error) {
	defer func() {
		if outside != nil && *outside {
			return
		}
		if r := recover(); r != nil {
			err = panicError(operator, r)
		}
	}()
	return f()
}

func panicError(operator string, r any) error {
	if err, ok := r.(error); ok {
		return fmt.Errorf("%s: panic: %w\n%s", operator, err, debug.Stack())
	}
	return fmt.Errorf("%s: panic: %v\n%s", operator, r, debug.Stack())
}

// each runs f on every record of in and releases what f does not take: f owns the record it is given.
func each(ctx context.Context, in batch.Stream, f func(arrow.Record) error) error {
	for rec, err := range in {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			rec.Release()
			return err
		}
		if err := f(rec); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// forEachBatch is an operator that maps each batch to at most one batch.
func forEachBatch(operator string, f func(context.Context, arrow.Record) (arrow.Record, error)) batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, operator, func(emit emitFunc) error {
			return each(ctx, in, func(rec arrow.Record) error {
				out, err := func() (arrow.Record, error) {
					defer rec.Release()
					return f(ctx, rec)
				}()
				if err != nil || out == nil {
					return err
				}
				return emit(out)
			})
		})
	}
}
