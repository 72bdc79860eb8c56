package worker

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/source"
)

// sentinels are what errors.Is finds in an error also behind the wire. Their places are their numbers there: add at the end.
var sentinels = []error{
	context.Canceled, context.DeadlineExceeded, fs.ErrNotExist, fs.ErrPermission,
	distrib.ErrLost, distrib.ErrFreed, memory.ErrBudget, memory.ErrSpillCorrupt, memory.ErrSpillClosed,
	expr.ErrUnknownColumn, expr.ErrUnknownFunction, expr.ErrType, expr.ErrOverflow, expr.ErrCast, expr.ErrSyntax,
	source.ErrUnknownColumn, source.ErrEmpty, source.ErrRagged, source.ErrValue, source.ErrTruncated, source.ErrCorrupt, source.ErrSchema,
}

// maxErrorText is the most of an error's text, or of a stack, that travels.
const maxErrorText = 16 << 10

// wireError is an error as encoding/gob takes it.
type wireError struct {
	Text string
	Is   []int
	Row  *wireRow
}

// wireRow is an expr.RowError; what it panicked with is text.
type wireRow struct {
	Func, Values, Err, Panic, Where string
	Row                             int
	Panicked                        bool
	Stack                           []byte
}

// EncodeError is an error as bytes: its text, which sentinels it wraps, and the row of a function of the user that failed.
func EncodeError(err error) []byte {
	w := wireError{Text: cut(err.Error())}
	for i, s := range sentinels {
		if errors.Is(err, s) {
			w.Is = append(w.Is, i)
		}
	}
	if row, ok := errors.AsType[*expr.RowError](err); ok {
		w.Row = &wireRow{Func: row.Func, Values: cut(row.Values), Err: cut(fmt.Sprint(row.Err)), Where: row.Where, Row: row.Row, Stack: row.Stack}
		if row.Panic != nil {
			w.Row.Panicked, w.Row.Panic = true, cut(fmt.Sprint(row.Panic))
		}
		w.Row.Stack = w.Row.Stack[:min(len(w.Row.Stack), maxErrorText)]
	}
	var b bytes.Buffer
	_ = gob.NewEncoder(&b).Encode(&w) // a buffer takes everything, and the type is known
	return b.Bytes()
}

func cut(text string) string {
	if len(text) > maxErrorText {
		return text[:maxErrorText] + "…"
	}
	return text
}

// carried is an error that came over the wire.
type carried struct {
	text  string
	wraps []error
}

func (c *carried) Error() string { return c.text }

func (c *carried) Unwrap() []error { return c.wraps }

// DecodeError is the error that EncodeError wrote.
func DecodeError(b []byte) error {
	var w wireError
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&w); err != nil {
		return fmt.Errorf("an error of a worker that can't be read: %w", err)
	}
	c := &carried{text: w.Text}
	for _, i := range w.Is {
		if i >= 0 && i < len(sentinels) {
			c.wraps = append(c.wraps, sentinels[i])
		}
	}
	if w.Row != nil {
		row := &expr.RowError{Func: w.Row.Func, Row: w.Row.Row, Values: w.Row.Values, Err: errors.New(w.Row.Err), Where: w.Row.Where, Stack: w.Row.Stack}
		if w.Row.Panicked {
			row.Panic = w.Row.Panic
		}
		c.wraps = append(c.wraps, row)
	}
	return c
}
