package expr

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// looped is a function of the fake compiler that has a loop over rows beside it.
func looped(t *testing.T, one, rows any, source string, params ...Param) *Function {
	t.Helper()
	live := liveFunction1(t, one)
	SetCompiler(&fakeCompiler{entries: map[string]any{"F": one, "R": rows}})
	t.Cleanup(func() { SetCompiler(nil) })
	f := &Function{Version: FunctionVersion, Name: "f", Source: source, Entry: "F", Rows: "R", Params: params, Result: live.Result}
	if len(params) == 0 {
		f.Params = live.Params
	}
	return f
}

func TestRowLoops(t *testing.T) {
	n := 1000
	f, s := make([]any, n), make([]any, n)
	for i := range n {
		f[i], s[i] = float64(i), fmt.Sprint("s", i)
		if i%7 == 0 {
			f[i] = nil
		}
	}
	mem := checked(t)
	rec := record(mem, column{"f", float64Type, f}, column{"s", stringType, s})
	defer rec.Release()
	eval := func(fn *Function, columns ...string) ([]any, error) {
		e := Apply{Func: fn}
		for _, c := range columns {
			e.Args = append(e.Args, Column{c})
		}
		b, err := Bind(e, rec.Schema())
		if err != nil {
			t.Fatal(err)
		}
		a, err := b.Eval(t.Context(), mem, rec)
		if err != nil {
			return nil, err
		}
		defer a.Release()
		return valuesOf(a), nil
	}
	loops := 0
	plus := func(x float64) float64 { return x + 1 }
	got, err := eval(looped(t, plus, func(x, out []float64) {
		loops++
		for i := range out {
			out[i] = plus(x[i])
		}
	}, "floats"), "f")
	if err != nil || got[7] != nil || got[8] != 9.0 || got[999] != 1000.0 {
		t.Fatal(got[:10], err)
	}
	if loops < n/mostLoopRows || loops > n/4 {
		t.Errorf("%d loops for %d rows", loops, n)
	}

	text := func(s string, x float64) (string, bool, error) {
		if x == 500 {
			return "", false, errors.New("bad")
		}
		return s + "!", x != 9, nil
	}
	rows := func(s []string, x []float64, out []string, ok []bool) error {
		for i := range out {
			v, there, err := text(s[i], x[i])
			if err != nil {
				return err
			}
			out[i], ok[i] = v, there
		}
		return nil
	}
	fn := looped(t, text, rows, "texts")
	_, err = eval(fn, "s", "f")
	failure, ok := errors.AsType[*RowError](err)
	if !ok || failure.Row != 500 || failure.Values != `s = "s500", f = 500` || failure.Err.Error() != "bad" {
		t.Errorf("%v", err)
	}
	whole := rec
	rec = whole.NewSlice(0, 400)
	defer rec.Release()
	got, err = eval(fn, "s", "f")
	if err != nil || got[9] != nil || got[7] != nil || got[8] != "s8!" || got[398] != "s398!" {
		t.Error(got[:12], err)
	}

	panics := func(x float64) float64 {
		if x == 77 {
			return 1
		}
		if x == 78 {
			panic("no")
		}
		return x
	}
	_, err = eval(looped(t, panics, func(x, out []float64) {
		for i := range out {
			out[i] = panics(x[i])
		}
	}, "panics"), "f")
	if failure, ok := errors.AsType[*RowError](err); !ok || failure.Row != 78 || failure.Panic != "no" {
		t.Errorf("%v", err)
	}
}

// Loops of slow functions get few rows, so that a cancel need not wait.
func TestRowLoopsStaySmall(t *testing.T) {
	mem := checked(t)
	v := make([]any, 200)
	for i := range v {
		v[i] = float64(i)
	}
	rec := record(mem, column{"f", float64Type, v})
	defer rec.Release()
	ctx, cancel := context.WithCancel(t.Context())
	most := 0
	slow := func(x float64) float64 { time.Sleep(4 * time.Millisecond); return x }
	fn := looped(t, slow, func(x, out []float64) {
		most = max(most, len(out))
		for i := range out {
			out[i] = slow(x[i])
			if x[i] == 10 {
				cancel()
			}
		}
	}, "slow", Param{Name: "f", Type: "float64", Kind: program.Float64})
	b, err := Bind(Apply{fn, []Expr{Column{"f"}}}, rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := b.Eval(ctx, mem, rec); !errors.Is(err, context.Canceled) || time.Since(start) > time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	if most > 2 {
		t.Errorf("a loop of %d slow rows", most)
	}
	if !strings.Contains(fn.How(), "interpreted") {
		t.Error(fn.How())
	}
}
