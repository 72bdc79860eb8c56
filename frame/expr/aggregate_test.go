package expr

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/tests/sample"
)

// TestAggregatesRandom spreads random rows over accumulators and batches, merges their states, and compares with each
// group's rows taken one by one.
func TestAggregatesRandom(t *testing.T) {
	for seed := range sample.Seeds(150, 3) {
		for kind := range kinds {
			for _, f := range AggFuncs() {
				if f.tame() && kind > kindFloat || f.selects() && kind == kindText || (f == Any || f == All) && kind != kindBool {
					continue
				}
				checkAggregate(t, generator{rand.New(rand.NewPCG(seed, uint64(kind)))}, f, kind)
				if t.Failed() {
					t.Fatalf("seed %d, %s of %s", seed, f, kindTypes[kind])
				}
			}
		}
	}
}

func checkAggregate(t *testing.T, g generator, f AggFunc, kind int) {
	t.Helper()
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	groups := 1 + g.IntN(5)*g.IntN(4)
	rows := make([][]any, groups)
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: kindTypes[kind], Nullable: true}, {Name: "y", Type: int64Type, Nullable: true}}, nil)
	other := make([][]any, groups)
	b, err := BindAgg(f, Column{"x"}, schema, argsOf(f)...)
	if err != nil {
		t.Fatal(err)
	}
	total := b.New(mem)
	defer total.Release()
	// Groups become known as they appear, in each accumulator on its own.
	global := map[int]uint32{}
	for range 1 + g.IntN(3) {
		part := b.New(mem)
		local := map[int]uint32{}
		var order []int
		for range g.IntN(4) {
			n := g.IntN(140)
			v, y, ids := make([]any, n), make([]any, n), make([]uint32, n)
			for i := range v {
				group := g.IntN(groups)
				id, ok := local[group]
				if !ok {
					id = uint32(len(local))
					local[group], order = id, append(order, group)
				}
				ids[i] = id
				if g.IntN(4) > 0 {
					v[i] = g.operand(f, kind)
				}
				if g.IntN(6) > 0 {
					y[i] = g.Int64N(20)
				}
				rows[group], other[group] = append(rows[group], v[i]), append(other[group], y[i])
			}
			rec := record(mem, column{"x", kindTypes[kind], v}, column{"y", int64Type, y})
			if err := part.Update(t.Context(), rec, ids, len(local)); err != nil {
				t.Fatal(err)
			}
			rec.Release()
			if r, err := part.Result(t.Context(), len(local)); err != nil || r.Len() != len(local) {
				t.Fatalf("result between updates: %v, %v", r, err)
			} else {
				r.Release()
			}
		}
		state, err := part.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ids := make([]uint32, len(order))
		for i, group := range order {
			if _, ok := global[group]; !ok {
				global[group] = uint32(len(global))
			}
			ids[i] = global[group]
		}
		for i, s := range state {
			if !arrow.TypeEqual(s.DataType(), b.StateTypes()[i]) {
				t.Fatalf("state %d is %s, want %s", i, s.DataType(), b.StateTypes()[i])
			}
		}
		if err := total.Merge(t.Context(), state, ids, len(global)); err != nil {
			t.Fatal(err)
		}
		for _, s := range state {
			s.Release()
		}
		part.Release()
	}
	r, err := total.Result(t.Context(), len(global))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if !arrow.TypeEqual(r.DataType(), b.Type()) {
		t.Fatalf("result is %s, want %s", r.DataType(), b.Type())
	}
	if len(global) > 0 && total.Bytes() == 0 {
		t.Error("Bytes is 0")
	}
	got := valuesOf(r)
	some := len(got) / 2
	firsts, err := total.Result(t.Context(), some)
	if err != nil {
		t.Fatal(err)
	}
	defer firsts.Release()
	if !sameAll(valuesOf(firsts), got[:some]) {
		t.Errorf("the first %d groups have %v, all %v", some, valuesOf(firsts), got)
	}
	for group, id := range global {
		want := refAggregate(f, rows[group], other[group])
		if f.selects() && (kind == kindDay || kind == kindTime) {
			want = refTimeQuantile(f, rows[group])
		}
		if !nearly(got[id], want) {
			t.Errorf("group %d of %v: got %v (%T), want %v (%T)", group, rows[group], got[id], got[id], want, want)
		}
	}
}

// operand is a value that sums without overflow or rounding where it is to be summed.
func (g generator) operand(f AggFunc, kind int) any {
	if f.tame() {
		switch kind {
		case kindInt:
			return g.Int64N(2000) - 1000
		case kindUint:
			return uint64(g.IntN(1000))
		case kindFloat:
			return float64(g.IntN(4000)-2000) / 8
		}
	}
	return g.value(kind)
}

// tame are the aggregates that compute with values, so that large ones would drown small ones.
func (f AggFunc) tame() bool {
	return slices.Contains([]AggFunc{Sum, Mean, Std, StdPop, Var, VarPop, Corr, Cov}, f)
}

func (f AggFunc) selects() bool { return f == Median || f == Quantile }

const testFraction = 0.3

func argsOf(f AggFunc) []Expr {
	switch f {
	case Quantile:
		return []Expr{Literal{testFraction}}
	case Corr, Cov:
		return []Expr{Column{"y"}}
	}
	return nil
}

func nearly(a, b any) bool {
	x, ok1 := a.(float64)
	y, ok2 := b.(float64)
	if ok1 && ok2 && !math.IsNaN(x) && !math.IsInf(x, 0) {
		return math.Abs(x-y) <= 1e-9*max(1, math.Abs(y))
	}
	return same(a, b)
}

func refAggregate(f AggFunc, rows, other []any) any {
	if f == Corr || f == Cov {
		return refPairs(f, rows, other)
	}
	var values []any
	distinct := map[string]bool{}
	for _, v := range rows {
		if v != nil {
			values = append(values, v)
			if v == 0.0 {
				v = 0.0
			}
			distinct[fmt.Sprint(v)] = true
		}
	}
	switch f {
	case Count:
		return int64(len(values))
	case CountDistinct:
		return int64(len(distinct))
	case First:
		return rows[0]
	case Last:
		return rows[len(rows)-1]
	}
	if len(values) == 0 {
		return nil
	}
	if _, day := values[0].(int32); f.selects() && !day {
		return refQuantile(f, values)
	}
	if f == Any || f == All {
		return f == Any && slices.Contains(values, any(true)) || f == All && !slices.Contains(values, any(false))
	}
	if f == Min || f == Max {
		best := values[0]
		for _, v := range values {
			if c := refOrder(v, best); c < 0 && f == Min || c > 0 && f == Max {
				best = v
			}
		}
		return best
	}
	if f.selects() {
		return nil // refTimeQuantile
	}
	sum, n := 0.0, float64(len(values))
	for _, v := range values {
		sum += number64(v)
	}
	squares := 0.0
	for _, v := range values {
		squares += (number64(v) - sum/n) * (number64(v) - sum/n)
	}
	switch {
	case f == Mean:
		return sum / n
	case (f == Std || f == Var) && n < 2:
		return nil
	case f == Std:
		return math.Sqrt(squares / (n - 1))
	case f == Var:
		return squares / (n - 1)
	case f == StdPop:
		return math.Sqrt(squares / n)
	case f == VarPop:
		return squares / n
	}
	switch values[0].(type) {
	case uint64:
		return uint64(sum)
	case float64:
		return sum
	}
	return int64(sum)
}

// refQuantile sorts.
func refQuantile(f AggFunc, values []any) any {
	v := make([]float64, len(values))
	for i := range v {
		v[i] = number64(values[i])
	}
	slices.SortFunc(v, func(a, b float64) int { return refCompare(a, b) })
	q := testFraction
	if f == Median {
		q = 0.5
	}
	at := q * float64(len(v)-1)
	low, high := v[int(at)], v[min(int(at)+1, len(v)-1)]
	if at == math.Trunc(at) || low == high {
		return low
	}
	return low + (at-math.Trunc(at))*(high-low)
}

// refTimeQuantile is of microseconds, rounded half away from zero.
func refTimeQuantile(f AggFunc, rows []any) any {
	var v []int64
	for _, x := range rows {
		switch x := x.(type) {
		case int32:
			v = append(v, int64(x)*24*60*60*1e6)
		case int64:
			v = append(v, x)
		}
	}
	if len(v) == 0 {
		return nil
	}
	slices.Sort(v)
	q := testFraction
	if f == Median {
		q = 0.5
	}
	at := q * float64(len(v)-1)
	low, high := v[int(at)], v[min(int(at)+1, len(v)-1)]
	step := (at - math.Trunc(at)) * float64(high-low)
	x := low + int64(step)
	if rest := step - math.Floor(step); rest > 0.5 || rest == 0.5 && x >= 0 {
		x++
	}
	return x
}

func refPairs(f AggFunc, rows, other []any) any {
	var x, y []float64
	for i := range rows {
		if rows[i] != nil && other[i] != nil {
			x, y = append(x, number64(rows[i])), append(y, number64(other[i]))
		}
	}
	n := float64(len(x))
	if n == 0 || n == 1 && f == Cov {
		return nil
	}
	mean := func(v []float64) (m float64) {
		for _, a := range v {
			m += a / n
		}
		return m
	}
	spread := func(a, b []float64) (s float64) {
		for i := range a {
			s += (a[i] - mean(a)) * (b[i] - mean(b))
		}
		return s
	}
	if f == Cov {
		return spread(x, y) / (n - 1)
	}
	if slices.Min(x) == slices.Max(x) || slices.Min(y) == slices.Max(y) {
		return math.NaN()
	}
	return spread(x, y) / math.Sqrt(spread(x, x)*spread(y, y))
}

func number64(v any) float64 {
	switch v := v.(type) {
	case bool:
		if v {
			return 1
		}
		return 0
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return v.(float64)
}

func refOrder(a, b any) int {
	if x, ok := a.(int32); ok {
		return cmp.Compare(x, b.(int32))
	}
	return refCompare(a, b)
}

func TestCountRows(t *testing.T) {
	mem := checked(t)
	b, err := BindAgg(Count, nil, arrow.NewSchema(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	acc := b.New(mem)
	defer acc.Release()
	rec := record(mem, column{"x", int64Type, vals(nil, 1, nil)})
	defer rec.Release()
	if err := acc.Update(t.Context(), rec, []uint32{1, 0, 1}, 3); err != nil {
		t.Fatal(err)
	}
	r, err := acc.Result(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Release()
	if got := valuesOf(r); !sameAll(got, vals(1, 2, 0)) {
		t.Errorf("got %v", got)
	}
}

func TestSumOverflow(t *testing.T) {
	mem := checked(t)
	for _, c := range []struct {
		dt     arrow.DataType
		values []any
		want   string
	}{
		{int64Type, vals(math.MaxInt64, 1), "sum(x): the sum 9223372036854775808 of a group does not fit int64 (widen it: sum(decimal(x, 38, 0))"},
		{int64Type, vals(math.MinInt64, -1), "the sum -9223372036854775809 of"},
		{uint64Type, []any{uint64(math.MaxUint64), uint64(1)}, "the sum 18446744073709551616 of a group does not fit uint64"},
		{&arrow.Decimal128Type{Precision: 38}, []any{decimal128.GetMaxValue(38), decimal128.FromI64(1)}, "sum(x): the sum does not fit"},
	} {
		for _, n := range []uint32{1, 2} {
			rec := record(mem, column{"x", c.dt, c.values})
			b, err := BindAgg(Sum, Column{"x"}, rec.Schema())
			if err != nil {
				t.Fatal(err)
			}
			acc := b.New(mem)
			err = acc.Update(t.Context(), rec, []uint32{n - 1, n - 1}, int(n))
			if err == nil {
				var a arrow.Array
				if a, err = acc.Result(t.Context(), int(n)); err == nil {
					a.Release()
				}
			}
			if !errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v", c.dt, err)
			}
			acc.Release()
			rec.Release()
		}
	}
}

func TestDecimalAggregates(t *testing.T) {
	mem := checked(t)
	rec := fewRows(mem)
	defer rec.Release()
	for f, want := range map[AggFunc]any{
		Sum: decimal128.FromI64(825), Min: decimal128.FromI64(-25), Max: decimal128.FromI64(700), First: decimal128.FromI64(150),
		Last: decimal128.FromI64(700), CountDistinct: int64(4), Mean: 8.25 / 4,
	} {
		b, err := BindAgg(f, Column{"m"}, rec.Schema())
		if err != nil {
			t.Fatal(err)
		}
		acc := b.New(mem)
		if err := acc.Update(t.Context(), rec, make([]uint32, 5), 1); err != nil {
			t.Fatal(err)
		}
		r, err := acc.Result(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := valuesOf(r)[0]; !same(got, want) {
			t.Errorf("%s: got %v, want %v", f, got, want)
		}
		r.Release()
		acc.Release()
	}
}

func TestBindAggErrors(t *testing.T) {
	mem := checked(t)
	rec := fewRows(mem)
	defer rec.Release()
	for _, c := range []struct {
		f    AggFunc
		x    string
		kind error
		want string
	}{
		{Sum, "s", ErrType, "sum(s): string has no sum (cast it: float(x))"},
		{Mean, "t", ErrType, "mean(t): timestamp[us] has no mean (cast it: int(x))"},
		{Min, "l", ErrType, "has no min"},
		{First, "l", ErrType, "has no first"},
		{CountDistinct, "l", ErrType, "has no count_distinct"},
		{Max, "", ErrType, "max() needs an operand"},
		{Sum, "sum(i)", ErrType, "sum(sum(i)): an aggregate within an aggregate"},
		{Sum, "nosuch", ErrUnknownColumn, `unknown column "nosuch"`},
		{"mode", "i", ErrUnknownFunction, "unknown aggregate mode (aggregates: sum, mean"},
		{Std, "d", ErrType, "std(d): date has no std (cast it: int(x))"},
		{Corr, "i", ErrType, "corr takes 2 operands, not 1: corr(x, y)"},
		{Any, "i", ErrType, "any(i): int64 has no any (compare: any(x > 0))"},
	} {
		var x Expr
		if c.x != "" {
			var err error
			if x, err = Parse(c.x); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := BindAgg(c.f, x, rec.Schema()); !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s(%s): got %v, want %s", c.f, c.x, err, c.want)
		}
	}
}
