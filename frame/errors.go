package frame

import (
	"errors"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// ErrNoRunner says that no engine was set: the process did not call SetRunner.
var ErrNoRunner = errors.New("no engine: SetRunner was not called")

// callError is err with the call that it comes from in front: "Filter: unknown column ...".
type callError struct {
	call string
	err  error
}

func (e *callError) Error() string { return e.call + ": " + e.err.Error() }
func (e *callError) Unwrap() error { return e.err }

// inCall names the call unless the error names it already.
func inCall(call string, err error) error {
	if err == nil {
		return nil
	}
	var ce *callError
	if errors.As(err, &ce) && ce.call == call {
		return err
	}
	if strings.HasPrefix(err.Error(), call+": ") {
		return err
	}
	return &callError{call, err}
}

func unknownColumn(name string, s *arrow.Schema) error {
	return expr.UnknownColumn(name, fieldNames(s))
}

func fieldNames(s *arrow.Schema) []string {
	names := make([]string, s.NumFields())
	for i := range names {
		names[i] = s.Field(i).Name
	}
	return names
}

func failed(err error) batch.Stream {
	return func(yield func(arrow.Record, error) bool) { yield(nil, err) }
}
