package worker_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
)

func TestErrorsTravel(t *testing.T) {
	row := &expr.RowError{Func: "rms", Row: 7, Values: "x = 3", Err: errors.New("negative"), Panic: "boom", Stack: []byte("stack"), Where: "cell 2, line 4"}
	for name, err := range map[string]error{
		"plain":    errors.New("bad value"),
		"cancel":   fmt.Errorf("scan: %w", context.Canceled),
		"budget":   fmt.Errorf("sort: %w", memory.ErrBudget),
		"file":     fmt.Errorf("data.csv: %w", fs.ErrNotExist),
		"lost":     fmt.Errorf("block 1/2/3: %w", distrib.ErrLost),
		"row":      fmt.Errorf("Map: %w (split 3 of a)", row),
		"two":      errors.Join(memory.ErrBudget, expr.ErrOverflow),
		"endless":  errors.New(strings.Repeat("x", 1<<20)),
		"no value": &expr.RowError{Func: "f", Err: errors.New("e")},
	} {
		b := worker.EncodeError(err)
		got := worker.DecodeError(b)
		if name == "endless" {
			if len(b) > 64<<10 {
				t.Errorf("%d bytes for an error", len(b))
			}
			continue
		}
		if got.Error() != err.Error() {
			t.Errorf("%s: %q became %q", name, err, got)
		}
		for _, s := range []error{context.Canceled, memory.ErrBudget, fs.ErrNotExist, distrib.ErrLost, expr.ErrOverflow} {
			if errors.Is(got, s) != errors.Is(err, s) {
				t.Errorf("%s: is it %q? %v, was %v", name, s, errors.Is(got, s), errors.Is(err, s))
			}
		}
		was, _ := errors.AsType[*expr.RowError](err)
		is, ok := errors.AsType[*expr.RowError](got)
		if ok != (was != nil) || ok && (is.Error() != was.Error() || is.Row != was.Row || fmt.Sprint(is.Panic) != fmt.Sprint(was.Panic) ||
			string(is.Stack) != string(was.Stack)) {
			t.Errorf("%s: the row became %+v", name, is)
		}
	}
	if err := worker.DecodeError([]byte("nonsense")); err == nil || errors.Is(err, distrib.ErrLost) {
		t.Errorf("nonsense became %v", err)
	}
}

func FuzzDecodeError(f *testing.F) {
	f.Add(worker.EncodeError(fmt.Errorf("sort: %w", memory.ErrBudget)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if worker.DecodeError(b) == nil {
			t.Error("an error became nil")
		}
	})
}
