package expr

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

func liveFunction1(t testing.TB, fn any) *Function {
	t.Helper()
	f, err := NewFunction(fn)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

type tally struct {
	N     int
	Words map[string]int
	Last  *float64
	At    time.Time
	Seen  []string
}

func tallyFold(t testing.TB) Fold {
	return Fold{
		Name: "tally", Args: []Expr{Column{"s"}, Column{"f"}},
		Init: liveFunction1(t, func() tally { return tally{Words: map[string]int{}} }),
		Step: liveFunction1(t, func(a tally, s string, f *float64) tally {
			a.N++
			a.Words[s]++
			a.Seen = append(a.Seen, s)
			if f != nil {
				a.Last = f
			}
			return a
		}),
		Merge: liveFunction1(t, func(a, b tally) tally {
			a.N += b.N
			for w, n := range b.Words {
				a.Words[w] += n
			}
			a.Seen = append(a.Seen, b.Seen...)
			if b.Last != nil {
				a.Last = b.Last
			}
			return a
		}),
		Finish: liveFunction1(t, func(a tally) (string, error) {
			last := "none"
			if a.Last != nil {
				last = fmt.Sprint(*a.Last)
			}
			return fmt.Sprint(a.N, a.Words, strings.Join(a.Seen, ""), last), nil
		}),
	}
}

// Parts that are reduced apart and merged give what all rows give at once.
func TestReduceMerges(t *testing.T) {
	mem := checked(t)
	r := rand.New(rand.NewPCG(1, 2))
	var s, f []any
	for range 200 {
		s, f = append(s, string(rune('a'+r.IntN(3)))), append(f, float64(r.IntN(100)))
		if r.IntN(5) == 0 {
			f[len(f)-1] = nil
		}
		if r.IntN(9) == 0 {
			s[len(s)-1] = nil
		}
	}
	rec := record(mem, column{"s", stringType, s}, column{"f", float64Type, f})
	defer rec.Release()
	bound, err := BindAgg(Reduce, tallyFold(t), rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	groups := make([]uint32, 200)
	for i := range groups {
		groups[i] = uint32(i % 4)
	}
	whole := bound.New(mem)
	defer whole.Release()
	if err := whole.Update(t.Context(), rec, groups, 4); err != nil {
		t.Fatal(err)
	}
	merged := bound.New(mem)
	defer merged.Release()
	for from := 0; from < 200; from += 40 {
		part := bound.New(mem)
		slice := rec.NewSlice(int64(from), int64(from+40))
		if err := part.Update(t.Context(), slice, groups[from:from+40], 4); err != nil {
			t.Fatal(err)
		}
		slice.Release()
		state, err := part.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := merged.Merge(t.Context(), state, []uint32{0, 1, 2, 3}, 4); err != nil {
			t.Fatal(err)
		}
		state[0].Release()
		if part.Bytes() < 1000 {
			t.Errorf("%d bytes held", part.Bytes())
		}
		part.Release()
	}
	a, err := whole.Result(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	b, err := merged.Result(t.Context(), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Release()
	if !sameAll(valuesOf(a), valuesOf(b)) || !strings.Contains(valuesOf(a)[0].(string), "map[") {
		t.Errorf("%v\n%v", valuesOf(a), valuesOf(b))
	}
}

func TestStateCodec(t *testing.T) {
	type inner struct {
		A [2]int8
		B map[int]string
		C *inner
	}
	half := 0.5
	for _, v := range []any{
		true, -3, uint16(7), float32(1.5), 2 + 3i, "text",
		[]byte{1, 0},
		[]byte(nil),
		[]string{"a", ""},
		[]string(nil),
		[3]bool{true},
		map[string][]float64{"x": {1, 2}, "y": nil},
		map[string]int(nil), &half, (*float64)(nil),
		time.Date(2013, 1, 2, 3, 4, 5, 6, time.UTC), time.Second,
		inner{[2]int8{-1, 2}, map[int]string{1: "a"}, &inner{B: map[int]string{}}},
		struct{}{},
		[]struct{}{{}, {}},
	} {
		r := reflect.ValueOf(v)
		if err := checkState(r.Type(), nil); err != nil {
			t.Errorf("%T: %v", v, err)
		}
		text, err := encodeState(nil, r)
		if err != nil {
			t.Errorf("%T: %v", v, err)
			continue
		}
		got, err := decodeState(r.Type(), text)
		if err != nil || !reflect.DeepEqual(got.Interface(), v) {
			t.Errorf("%#v: %#v, %v", v, got, err)
		}
		for n := range text {
			if _, err := decodeState(r.Type(), text[:n]); err == nil && r.Type().Size() > 0 {
				t.Errorf("%#v: %d of %d bytes were enough", v, n, len(text))
			}
		}
	}
	for _, v := range []any{make(chan int), func() {}, struct{ X any }{}, struct{ x int }{}, map[string]error{}} {
		if err := checkState(reflect.TypeOf(v), nil); err == nil {
			t.Errorf("%T was taken", v)
		}
	}
}

func FuzzDecodeState(f *testing.F) {
	text, err := encodeState(nil, reflect.ValueOf(tally{N: 1, Words: map[string]int{"a": 1}, Seen: []string{"x"}}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, src []byte) {
		v, err := decodeState(reflect.TypeFor[tally](), src)
		if err != nil {
			return
		}
		again, err := encodeState(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeState(reflect.TypeFor[tally](), again); err != nil {
			t.Error(err)
		}
	})
}

func TestReduceMistakes(t *testing.T) {
	rec := record(checked(t), column{"s", stringType, vals("a", "b")}, column{"f", float64Type, vals(1.0, 2.0)})
	defer rec.Release()
	step := liveFunction1(t, func(n int, f float64) int { return n + 1 })
	merge := liveFunction1(t, func(a, b int) int { return a + b })
	args := []Expr{Column{"f"}}
	for want, fold := range map[string]Fold{
		"Reduce x: it needs a step and a merge":                               {Name: "x", Step: step, Args: args},
		"Reduce x: step takes 1 column behind the state, not 0":               {Name: "x", Step: step, Merge: merge},
		"Reduce x: step is a func(float64) int, want func(state, columns…)":   {Name: "x", Step: liveFunction1(t, func(float64) int { return 1 }), Merge: merge},
		"Reduce x: init is a func() string, want func() int":                  {Name: "x", Init: liveFunction1(t, func() string { return "" }), Step: step, Merge: merge, Args: args},
		"Reduce x: merge is a func(int) int, want func(a, b int) int":         {Name: "x", Step: step, Merge: liveFunction1(t, func(a int) int { return a }), Args: args},
		"Reduce x: finish is a func(string) string, want func(int) result":    {Name: "x", Step: step, Merge: merge, Finish: liveFunction1(t, strings.ToUpper), Args: args},
		"Reduce x: it gives []int, which no column holds":                     {Name: "x", Step: step, Merge: merge, Finish: liveFunction1(t, func(int) []int { return nil }), Args: args},
		"x: parameter 1 is float64, s is string (cast the column to float)":   {Name: "x", Step: step, Merge: merge, Args: []Expr{Column{"s"}}},
		"Reduce x: the state can't travel between lanes: it has a chan int":   {Name: "x", Step: liveFunction1(t, func(c chan int, f float64) chan int { return c }), Merge: liveFunction1(t, func(a, b chan int) chan int { return a }), Finish: liveFunction1(t, func(c chan int) int { return 1 }), Args: args},
		"x: error with f = 1 in row 0 of the batch: bad":                      {Name: "x", Step: liveFunction1(t, func(n int, f float64) (int, error) { return n, errors.New("bad") }), Merge: merge, Args: args},
		"x: panic with f = 1 in row 0 of the batch: assignment to entry in n": {Name: "x", Step: liveFunction1(t, func(m map[int]int, f float64) map[int]int { m[1] = 2; return m }), Merge: liveFunction1(t, func(a, b map[int]int) map[int]int { return a }), Finish: liveFunction1(t, func(map[int]int) int { return 1 }), Args: args},
	} {
		bound, err := BindAgg(Reduce, fold, rec.Schema())
		if err == nil {
			acc := bound.New(checked(t))
			err = acc.Update(t.Context(), rec, []uint32{0, 0}, 1)
			acc.Release()
		}
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

func TestReduceCancelled(t *testing.T) {
	mem := checked(t)
	rec := record(mem, column{"f", float64Type, vals(1.0, 2.0, 3.0)})
	defer rec.Release()
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	bound, err := BindAgg(Reduce, Fold{
		Name: "x", Args: []Expr{Column{"f"}},
		Step:  liveFunction1(t, func(n int, f float64) int { cancel(); calls++; return n + 1 }),
		Merge: liveFunction1(t, func(a, b int) int { return a + b }),
	}, rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	acc := bound.New(mem)
	defer acc.Release()
	if err := acc.Update(ctx, rec, make([]uint32, 3), 1); !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	if bound.Type() != arrow.PrimitiveTypes.Int64 {
		t.Error(bound.Type())
	}
}

// A step with a loop beside it gives what it gives row by row, and finds the row that fails.
func TestReduceFolds(t *testing.T) {
	step := func(s string, x float64, w *string) (string, error) {
		if x == 150 {
			return s, errors.New("bad")
		}
		if w != nil {
			s += *w
		}
		return s + fmt.Sprint(x, ";"), nil
	}
	loops := 0
	folds := func(s string, x []float64, w []*string) (string, error) {
		loops++
		var err error
		for i := range x {
			if s, err = step(s, x[i], w[i]); err != nil {
				return s, err
			}
		}
		return s, nil
	}
	SetCompiler(&fakeCompiler{entries: map[string]any{"F": step, "L": folds, "M": func(a, b string) string { return a + b }}})
	defer SetCompiler(nil)
	of := func(entry, folds string, fn any) *Function {
		live := liveFunction1(t, fn)
		return &Function{Version: FunctionVersion, Name: entry, Source: "folds", Entry: entry, Folds: folds, Params: live.Params, Result: live.Result}
	}
	mem := checked(t)
	var f, s []any
	groups := make([]uint32, 140)
	for i := range groups {
		f, s = append(f, float64(i)), append(s, fmt.Sprint("w", i))
		if i%5 == 0 {
			f[i] = nil
		}
		if i%3 == 0 {
			s[i] = nil
		}
		groups[i] = uint32(i * i % 7)
	}
	rec := record(mem, column{"f", float64Type, f}, column{"s", stringType, s})
	defer rec.Release()
	result := func(folds string) []any {
		bound, err := BindAgg(Reduce, Fold{Name: "x", Step: of("F", folds, step), Merge: of("M", "", strings.TrimPrefix), Args: []Expr{Column{"f"}, Column{"s"}}}, rec.Schema())
		if err != nil {
			t.Fatal(err)
		}
		acc := bound.New(mem)
		defer acc.Release()
		if err := acc.Update(t.Context(), rec, groups, 7); err != nil {
			t.Fatal(err)
		}
		a, err := acc.Result(t.Context(), 7)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Release()
		return valuesOf(a)
	}
	want, got := result(""), result("L")
	if !sameAll(got, want) || loops == 0 || loops > 60 || len(got[1].(string)) < 20 {
		t.Errorf("%d loops: %v\nwant %v", loops, got, want)
	}
	f[20], f[21] = 150.0, 1.0
	rec2 := record(mem, column{"f", float64Type, f}, column{"s", stringType, s})
	defer rec2.Release()
	bound, err := BindAgg(Reduce, Fold{Name: "x", Step: of("F", "L", step), Merge: of("M", "", strings.TrimPrefix), Args: []Expr{Column{"f"}, Column{"s"}}}, rec2.Schema())
	if err != nil {
		t.Fatal(err)
	}
	acc := bound.New(mem)
	defer acc.Release()
	err = acc.Update(t.Context(), rec2, groups, 7)
	if failure, ok := errors.AsType[*RowError](err); !ok || failure.Row != 20 || failure.Values != `f = 150, s = "w20"` {
		t.Errorf("%v", err)
	}
}
