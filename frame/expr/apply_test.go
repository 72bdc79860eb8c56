package expr

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

func applied(t testing.TB, fn any, names ...string) Apply {
	t.Helper()
	f, err := NewFunction(fn, names...)
	if err != nil {
		t.Fatal(err)
	}
	args := make([]Expr, len(names))
	for i, n := range names {
		args[i] = Column{n}
	}
	return Apply{f, args}
}

type celsius float64

func testColumns() []column {
	return []column{
		{"f", float64Type, []any{1.5, nil, -2.0}},
		{"g", float64Type, []any{0.5, 4.0, nil}},
		{"i", int64Type, []any{int64(3), int64(0), nil}},
		{"u", uint64Type, []any{uint64(3), uint64(1) << 63, nil}},
		{"s", stringType, []any{"ab", "", nil}},
		{"b", boolType, []any{true, nil, false}},
		{"t", microType, []any{int64(1_000_000), nil, int64(-1)}},
		{"d", dateType, []any{int32(1), nil, int32(-1)}},
		{"x", arrow.BinaryTypes.Binary, []any{"\x00\xff", nil, ""}},
		{"p", arrow.FixedWidthTypes.Duration_s, []any{int64(90), nil, int64(0)}},
	}
}

func TestApplyCalls(t *testing.T) {
	half := 0.5
	cases := []struct {
		name  string
		fn    any
		names []string
		want  []any
	}{
		{"float", func(f float64) float64 { return f * 2 }, []string{"f"}, vals(3.0, nil, -4.0)},
		{"two floats", func(f, g float64) float64 { return f - g }, []string{"f", "g"}, vals(1.0, nil, nil)},
		{"float of int", func(i float64) string { return fmt.Sprint(i) }, []string{"i"}, vals("3", "0", nil)},
		{"int", func(i int) int { return i - 1 }, []string{"i"}, vals(2, -1, nil)},
		{"narrow", func(i int8) int8 { return i << 6 }, []string{"i"}, vals(-64, 0, nil)},
		{"unsigned", func(u uint64) uint64 { return u >> 1 }, []string{"u"}, vals(uint64(1), uint64(1)<<62, nil)},
		{"named", func(f celsius) celsius { return f + 1 }, []string{"f"}, vals(2.5, nil, -1.0)},
		{"float32", func(i int) float32 { return float32(i) / 2 }, []string{"i"}, vals(1.5, 0.0, nil)},
		{"text", func(s string) int { return len(s) }, []string{"s"}, vals(2, 0, nil)},
		{"text bool", strings.HasPrefix, []string{"s", "s"}, vals(true, true, nil)},
		{"bool", func(b bool) bool { return !b }, []string{"b"}, vals(false, nil, true)},
		{"bytes", func(x []byte) []byte { return x[:len(x)/2] }, []string{"x"}, vals("\x00", nil, "")},
		{"time", func(t time.Time) time.Time { return t.Add(time.Second) }, []string{"t"}, vals(int64(2_000_000), nil, int64(999_999))},
		{"date", func(d time.Time) string { return d.Format(time.DateOnly) }, []string{"d"}, vals("1970-01-02", nil, "1969-12-31")},
		{"duration", func(p time.Duration) time.Duration { return p * 2 }, []string{"p"}, vals(int64(180e9), nil, int64(0))},
		{"pointer", func(f *float64) float64 {
			if f == nil {
				return -1
			}
			return *f
		}, []string{"f"}, vals(1.5, -1.0, -2.0)},
		{"pointer result", func(f float64) *float64 {
			if f < 0 {
				return nil
			}
			return &half
		}, []string{"f"}, vals(0.5, nil, nil)},
		{"sql", func(i sql.NullInt64) sql.NullString {
			return sql.NullString{String: strconv.Itoa(int(i.Int64)), Valid: i.Int64 != 3}
		}, []string{"i"}, vals(nil, "0", "0")},
		{"ok", func(s string) (float64, bool) { return 1, s != "" }, []string{"s"}, vals(1.0, nil, nil)},
		{"error", func(s string) (string, error) { return s + "!", nil }, []string{"s"}, vals("ab!", "!", nil)},
		{"any", func(v any) string { return fmt.Sprintf("%T", v) }, []string{"i"}, vals("int64", "int64", "<nil>")},
		{"three", func(f, g, i float64) float64 { return f + g + i }, []string{"f", "g", "i"}, vals(5.0, nil, nil)},
		{"mixed", func(s string, b *bool, i int32) string { return fmt.Sprint(s, b == nil, i) }, []string{"s", "b", "i"}, vals("abfalse 3", "true 0", nil)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			mem := checked(t)
			rec := record(mem, testColumns()...)
			defer rec.Release()
			b, err := Bind(applied(t, c.fn, c.names...), rec.Schema())
			if err != nil {
				t.Fatal(err)
			}
			a, err := b.Eval(t.Context(), mem, rec)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Release()
			if got := valuesOf(a); !sameAll(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

func TestApplyFailingRow(t *testing.T) {
	mem := checked(t)
	rec := record(mem, testColumns()...)
	defer rec.Release()
	bad := errors.New("too small")
	eval := func(e Expr) error {
		b, err := Bind(e, rec.Schema())
		if err != nil {
			t.Fatal(err)
		}
		a, err := b.Eval(t.Context(), mem, rec)
		if err == nil {
			a.Release()
		}
		return err
	}
	err := eval(applied(t, func(s string, i int) (int, error) {
		if i == 0 {
			return 0, bad
		}
		return i, nil
	}, "s", "i"))
	if !errors.Is(err, bad) || !strings.Contains(err.Error(), `func: error with s = "", i = 0 in row 1 of the batch: too small`) {
		t.Error(err)
	}
	err = eval(applied(t, func(i int) int { return 1 / i }, "i"))
	failure, ok := errors.AsType[*RowError](err)
	if !ok || failure.Row != 1 || failure.Panic == nil || len(failure.Stack) == 0 || failure.Values != "i = 0" {
		t.Errorf("%+v", err)
	}
	if err := eval(applied(t, func(u int64) int64 { return u }, "u")); !errors.Is(err, ErrCast) {
		t.Error(err)
	}
	if err := eval(applied(t, func(i uint8) uint8 { return i }, "i")); err != nil {
		t.Error(err)
	}
}

func TestApplyRefuses(t *testing.T) {
	rec := record(checked(t), testColumns()...)
	defer rec.Release()
	for _, c := range []struct {
		fn    any
		names []string
		want  string
	}{
		{func(s float64) float64 { return s }, []string{"s"}, "parameter 1 is float64, s is string (cast the column to float)"},
		{func(f int) int { return f }, []string{"f"}, "parameter 1 is int, f is float64 (take a float64, or cast the column to int)"},
		{func(f float32) int { return 1 }, []string{"f"}, "take a float64"},
		{func(f float64) {}, []string{"f"}, "func gives nothing, which no column holds"},
		{func(f float64) []int { return nil }, []string{"f"}, "func gives []int, which no column holds"},
		{func(f float64) error { return nil }, []string{"f"}, "func gives nothing"},
		{func(f chan int) int { return 1 }, []string{"f"}, "parameter 1 is chan int, which no column gives"},
		{func(f, g float64) float64 { return f }, []string{"f"}, "func takes 2 columns, not 1: func(float64, float64) float64"},
		{func(f float64) float64 { return f }, []string{"nope"}, `unknown column "nope"`},
	} {
		f, err := NewFunction(c.fn)
		if err != nil {
			t.Fatal(err)
		}
		var args []Expr
		for _, n := range c.names {
			args = append(args, Column{n})
		}
		if _, err := Bind(Apply{f, args}, rec.Schema()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", f.Signature(), err, c.want)
		}
	}
	for _, fn := range []any{nil, 3, (func())(nil), fmt.Sprint} {
		if _, err := NewFunction(fn); err == nil {
			t.Errorf("%T was taken", fn)
		}
	}
}

// A cancel stops the calls between two rows.
func TestApplyCancelled(t *testing.T) {
	mem := checked(t)
	rec := record(mem, column{"i", int64Type, vals(1, 2, 3, 4, 5)})
	defer rec.Release()
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	b, err := Bind(applied(t, func(i int) int {
		if calls++; i == 2 {
			cancel()
		}
		return i
	}, "i"), rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Eval(ctx, mem, rec); !errors.Is(err, context.Canceled) || calls != 2 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// vectorised gives fn a program that computes x / y of integers, guarded or not.
func vectorised(t *testing.T, guard bool, fn any) Apply {
	e := applied(t, fn, "i", "k")
	b := program.NewBuilder([]program.Param{{Name: "i", Kind: program.Int}, {Name: "k", Kind: program.Int}})
	zero := b.Const(program.Const{Kind: program.Int})
	cond := program.None
	if guard {
		cond = b.Op(program.Ne, program.Bool, program.None, 1, zero)
	}
	v := b.Op(program.Div, program.Int, cond, 0, 1)
	if guard {
		v = b.Select(cond, v, zero)
	}
	p, err := b.Program(v, program.None)
	if err != nil {
		t.Fatal(err)
	}
	e.Func.Program = p
	return e
}

func TestApplyProgram(t *testing.T) {
	mem := checked(t)
	n := 3*program.Chunk + 7
	i, k, want := make([]any, n), make([]any, n), make([]any, n)
	for r := range n {
		i[r], k[r] = int64(r), int64(r%3)
		if r%3 != 0 {
			want[r] = int64(r) / int64(r%3)
		} else {
			want[r] = int64(0)
		}
		if r%5 == 0 {
			i[r], want[r] = nil, nil
		}
	}
	rec := record(mem, column{"i", int64Type, i}, column{"k", int64Type, k})
	defer rec.Release()
	called := 0
	fn := func(i, k int) int { called++; return i / k }
	b, err := Bind(vectorised(t, true, fn), rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	a, err := b.Eval(t.Context(), mem, rec)
	if err != nil {
		t.Fatal(err)
	}
	if !sameAll(valuesOf(a), want) || called > 0 {
		t.Errorf("%d calls, %v", called, valuesOf(a)[:20])
	}
	a.Release()

	b, err = Bind(vectorised(t, false, fn), rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Eval(t.Context(), mem, rec)
	failure, ok := errors.AsType[*RowError](err)
	// Row 0 is null; row 3 is the first that divides by zero, and the call says so itself.
	if !ok || failure.Row != 3 || called != 1 || failure.Values != "i = 3, k = 0" || failure.Panic == nil {
		t.Errorf("%v after %d calls", err, called)
	}
}

// fakeCompiler gives functions by their entry.
type fakeCompiler struct {
	entries map[string]any
	files   int
}

func (c *fakeCompiler) Compile(context.Context, string) (func(string) (any, error), error) {
	c.files++
	return func(entry string) (any, error) {
		f, ok := c.entries[entry]
		if !ok {
			return nil, fmt.Errorf("no %s", entry)
		}
		return f, nil
	}, nil
}

func TestCompilerOncePerFile(t *testing.T) {
	c := &fakeCompiler{entries: map[string]any{"A": func(f float64) float64 { return f + 1 }, "B": func(f float64) float64 { return f + 2 }}}
	SetCompiler(c)
	defer SetCompiler(nil)
	mem := checked(t)
	rec := record(mem, testColumns()...)
	defer rec.Release()
	function := func(entry string) *Function {
		return &Function{
			Version: FunctionVersion, Name: "add", Source: "the source", Entry: entry,
			Params: []Param{{Name: "f", Type: "float64", Kind: program.Float64}}, Result: Result{Type: "float64", Kind: program.Float64},
		}
	}
	if a, same := function("A").Hash(), function("A").Hash(); a != same || a == function("B").Hash() {
		t.Error("the hash is not that of source and entry")
	}
	for _, entry := range []string{"A", "B", "A"} {
		b, err := Bind(Apply{function(entry), []Expr{Column{"f"}}}, rec.Schema())
		if err != nil {
			t.Fatal(err)
		}
		a, err := b.Eval(t.Context(), mem, rec)
		if err != nil {
			t.Fatal(err)
		}
		want := 2.5
		if entry == "B" {
			want = 3.5
		}
		if got := valuesOf(a); got[0] != want {
			t.Errorf("%s: %v", entry, got)
		}
		a.Release()
	}
	if c.files != 1 {
		t.Errorf("%d files compiled", c.files)
	}
	SetCompiler(nil)
	b, err := Bind(Apply{function("A"), []Expr{Column{"f"}}}, rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Eval(t.Context(), mem, rec); !errors.Is(err, ErrNoCompiler) {
		t.Error(err)
	}
}
