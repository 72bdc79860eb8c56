package expr

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// Kinds of random expressions.
const (
	kindBool = iota
	kindInt
	kindUint
	kindFloat
	kindText
	kindDay
	kindTime
	kinds
)

var (
	someInts   = []any{int64(0), int64(1), int64(-1), int64(2), int64(7), int64(math.MaxInt64), int64(math.MinInt64), int64(1<<53 + 1), int64(100)}
	someUints  = []any{uint64(0), uint64(1), uint64(3), uint64(math.MaxUint64), uint64(1 << 63)}
	someFloats = []any{0.0, math.Copysign(0, -1), 1.5, -2.5, 1e300, math.NaN(), math.Inf(1), math.Inf(-1), 0.1, 9007199254740993.0, 7.0}
	someTexts  = []any{"", "a", "UA", "Émile", "日本語", "12", "-7", "aab", "\x00"}
	someDays   = []any{int32(0), int32(-1), int32(15706), int32(59), int32(-719163), int32(11016)}
	someTimes  = []any{int64(0), int64(-1), int64(1356998400000000), int64(86400e6 - 1), int64(-86400e6)}
)

var kindTypes = [kinds]arrow.DataType{boolType, int64Type, uint64Type, float64Type, stringType, dateType, microType}

type generator struct{ *rand.Rand }

func (g generator) one(of []any) any { return of[g.IntN(len(of))] }

func (g generator) value(kind int) any {
	switch kind {
	case kindBool:
		return g.IntN(2) == 0
	case kindInt:
		if g.IntN(3) > 0 {
			return g.Int64N(20) - 10
		}
		return g.one(someInts)
	case kindUint:
		return g.one(someUints)
	case kindFloat:
		if g.IntN(2) == 0 {
			return float64(g.IntN(40)-20) / 4
		}
		return g.one(someFloats)
	case kindText:
		return g.one(someTexts)
	case kindDay:
		return g.one(someDays)
	default:
		return g.one(someTimes)
	}
}

var columnNames = [kinds][]string{{"p", "q"}, {"i", "j"}, {"u", "v"}, {"f", "g"}, {"s", "odd name"}, {"d", "e"}, {"t", "true"}}

func (g generator) record(mem memory.Allocator, rows int) (arrow.Record, []map[string]any) {
	out := make([]map[string]any, rows)
	for i := range out {
		out[i] = map[string]any{}
	}
	var columns []column
	for kind, names := range columnNames {
		for c, name := range names {
			v := make([]any, rows)
			for i := range v {
				// The second column of each kind has no nulls: those take other paths.
				if c == 0 && g.IntN(4) == 0 {
					continue
				}
				v[i] = g.value(kind)
				switch x := v[i].(type) {
				case int32:
					out[i][name] = refDay(x)
				case int64:
					out[i][name] = x
					if kind == kindTime {
						out[i][name] = refTime(x)
					}
				default:
					out[i][name] = x
				}
			}
			columns = append(columns, column{name, kindTypes[kind], v})
		}
	}
	return record(mem, columns...), out
}

// coded takes rec over and codes its text.
func coded(mem memory.Allocator, rec arrow.Record) arrow.Record {
	defer rec.Release()
	columns := make([]arrow.Array, rec.NumCols())
	for i, c := range rec.Columns() {
		columns[i] = c
		c.Retain()
		text, ok := c.(*array.String)
		if !ok {
			continue
		}
		defer c.Release()
		words := array.NewStringBuilder(mem)
		defer words.Release()
		codes := array.NewUint32Builder(mem)
		defer codes.Release()
		words.Append("")
		places := map[string]uint32{}
		for row := range text.Len() {
			s := text.Value(row)
			if text.IsNull(row) {
				codes.AppendNull()
				continue
			}
			if places[s] == 0 {
				words.Append(s)
				places[s] = uint32(words.Len() - 1)
			}
			codes.Append(places[s])
		}
		w, k := words.NewArray(), codes.NewArray()
		defer w.Release()
		defer k.Release()
		columns[i] = batch.NewCoded(text.Len(), text.NullN(), k.Data().Buffers()[0], k.Data().Buffers()[1], w.Data())
	}
	defer func() {
		for _, c := range columns {
			c.Release()
		}
	}()
	return batch.NewRecord(rec.Schema(), columns, rec.NumRows())
}

func (g generator) column(kind int) Expr {
	return Column{columnNames[kind][g.IntN(2)]}
}

func (g generator) expr(kind, depth int) Expr {
	if depth == 0 || g.IntN(8) == 0 {
		if g.IntN(3) > 0 || kind == kindDay || kind == kindTime {
			return g.column(kind)
		}
		if g.IntN(12) == 0 && kind != kindUint {
			return Literal{}
		}
		return Literal{g.value(kind)}
	}
	depth--
	switch g.IntN(6) {
	case 0:
		c := Case{Whens: []When{{g.expr(kindBool, depth), g.expr(kind, depth)}}}
		if g.IntN(2) == 0 {
			c.Whens = append(c.Whens, When{g.expr(kindBool, depth), g.column(kind)})
		}
		if g.IntN(2) == 0 {
			c.Else = g.expr(kind, depth)
		}
		c.Whens[0].Then = g.typed(c.Whens[0].Then, kind)
		return c
	case 1:
		name := []string{"coalesce", "least", "greatest"}[g.IntN(3)]
		return Call{name, []Expr{g.typed(g.expr(kind, depth), kind), g.expr(kind, depth), g.column(kind)}}
	}
	switch kind {
	case kindBool:
		return g.boolean(depth)
	case kindInt:
		return g.integer(depth)
	case kindUint:
		return Binary{[]BinaryOp{Add, Subtract, Multiply, Modulo}[g.IntN(4)], g.expr(kindUint, depth), g.column(kindUint)}
	case kindFloat:
		return g.float(depth)
	case kindText:
		return g.text(depth)
	case kindDay:
		return Binary{[]BinaryOp{Add, Subtract}[g.IntN(2)], g.expr(kindDay, depth), Literal{g.Int64N(1000)}}
	default:
		return g.column(kind)
	}
}

// typed puts a column in place of a bare null, which has no type of its own.
func (g generator) typed(e Expr, kind int) Expr {
	if isNullLiteral(e) {
		return g.column(kind)
	}
	return e
}

func (g generator) boolean(depth int) Expr {
	kind := g.IntN(kinds)
	switch g.IntN(9) {
	case 0, 1:
		return Binary{[]BinaryOp{And, Or}[g.IntN(2)], g.expr(kindBool, depth), g.expr(kindBool, depth)}
	case 2:
		return Unary{Not, g.expr(kindBool, depth)}
	case 3:
		return Call{[]string{"is_null", "is_not_null"}[g.IntN(2)], []Expr{g.expr(kind, depth)}}
	case 4:
		return Call{[]string{"contains", "starts_with"}[g.IntN(2)], []Expr{g.expr(kindText, depth), g.expr(kindText, depth)}}
	case 5:
		return Call{"is_in", []Expr{g.column(kind), g.expr(kind, 0), g.expr(kind, 0)}}
	case 6:
		return Call{"between", []Expr{g.expr(kind, depth), g.expr(kind, 0), g.expr(kind, 0)}}
	case 7:
		if g.IntN(2) == 0 {
			return Binary{Less, g.column(kindDay), Literal{"2013-01-01"}}
		}
		return Call{"is_nan", []Expr{g.column(kindFloat)}}
	}
	op := Equal + BinaryOp(g.IntN(6))
	l, r := kind, kind
	if kind == kindInt || kind == kindUint || kind == kindFloat {
		r = kindInt + g.IntN(3)
	}
	if kind == kindDay || kind == kindTime {
		r = kindDay + g.IntN(2)
	}
	return Binary{op, g.expr(l, depth), g.expr(r, depth)}
}

func (g generator) integer(depth int) Expr {
	switch g.IntN(8) {
	case 0:
		return Unary{Negate, g.typed(g.expr(kindInt, depth), kindInt)}
	case 1:
		return Call{"abs", []Expr{g.typed(g.expr(kindInt, depth), kindInt)}}
	case 2:
		return Call{"length", []Expr{g.expr(kindText, depth)}}
	case 3:
		return Call{[]string{"year", "month", "day", "weekday", "hour"}[g.IntN(5)], []Expr{g.expr(kindDay+g.IntN(2), depth)}}
	case 4:
		return Cast{g.expr([]int{kindBool, kindFloat, kindUint, kindText}[g.IntN(4)], depth), int64Type}
	default:
		return Binary{[]BinaryOp{Add, Subtract, Multiply, Modulo}[g.IntN(4)], g.typed(g.expr(kindInt, depth), kindInt), g.typed(g.expr(kindInt, depth), kindInt)}
	}
}

func (g generator) float(depth int) Expr {
	switch g.IntN(6) {
	case 0:
		return Call{[]string{"floor", "round", "abs"}[g.IntN(3)], []Expr{g.typed(g.expr(kindFloat, depth), kindFloat)}}
	case 1:
		return Cast{g.expr([]int{kindBool, kindInt, kindUint}[g.IntN(3)], depth), float64Type}
	case 2:
		return Binary{Divide, g.typed(g.expr(kindInt, depth), kindInt), g.typed(g.expr(kindFloat, depth), kindFloat)}
	default:
		op := []BinaryOp{Add, Subtract, Multiply, Divide, Modulo}[g.IntN(5)]
		return Binary{op, g.typed(g.expr(kindFloat, depth), kindFloat), g.typed(g.expr(kindInt+2*g.IntN(2), depth), kindFloat)}
	}
}

func (g generator) text(depth int) Expr {
	switch g.IntN(6) {
	case 0:
		return Call{[]string{"lower", "upper"}[g.IntN(2)], []Expr{g.expr(kindText, depth)}}
	case 1:
		return Call{"replace", []Expr{g.expr(kindText, depth), Literal{g.one(someTexts)}, Literal{"xy"}}}
	case 2:
		return Call{"substr", []Expr{g.expr(kindText, depth), Literal{g.Int64N(6) - 3}, Literal{g.Int64N(4)}}}
	case 3:
		return Cast{g.expr([]int{kindBool, kindInt, kindUint}[g.IntN(3)], depth), stringType}
	default:
		return Binary{Add, g.typed(g.expr(kindText, depth), kindText), g.expr(kindText, depth)}
	}
}

// TestRandom evaluates random expressions over random batches and compares each row with the reference; where the
// reference fails for any row, Eval must fail, and nowhere else.
func TestRandom(t *testing.T) {
	rounds, failed, nulls := 0, 0, 0
	for seed := range sample.Seeds(3000, 3) {
		rounds++
		g := generator{rand.New(rand.NewPCG(seed, 17))}
		mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
		rows := []int{0, 1, 2, 63, 64, 65, 130, 200}[g.IntN(8)]
		rec, want := g.record(mem, rows)
		e := g.expr(g.IntN(kinds), 1+g.IntN(4))
		b, err := Bind(e, rec.Schema())
		if err != nil {
			t.Fatalf("seed %d: %s: %v", seed, e, err)
		}
		if seed%2 == 1 { // as frames in memory are
			rec = coded(mem, rec)
		}
		a, err := b.Eval(t.Context(), mem, rec)
		var got []any
		if err == nil {
			got = valuesOf(a)
		}
		fails := false
		for i := range want {
			v, refErr := reference(e, want[i])
			if refErr != nil {
				if !errors.Is(refErr, errReference) {
					t.Fatalf("seed %d: %s: %v", seed, e, refErr)
				}
				fails = true
				continue
			}
			if err != nil {
				continue
			}
			if v == nil {
				nulls++
			}
			if !same(got[i], plain(v, b.Type())) {
				t.Fatalf("seed %d: %s: row %d: got %v (%T), want %v (%T)\nrow: %v", seed, e, i, got[i], got[i], v, v, want[i])
			}
		}
		// What meets a literal null is null without being evaluated.
		if fails != (err != nil) && (err != nil || !hasNull(e)) {
			t.Fatalf("seed %d: %s: reference fails: %v, Eval: %v", seed, e, fails, err)
		}
		if err != nil {
			failed++
		} else {
			a.Release()
		}
		rec.Release()
		mem.AssertSize(t, 0)
		if t.Failed() {
			t.Fatalf("seed %d: %s", seed, e)
		}
	}
	if failed < rounds/100 || failed > rounds/2 || nulls < rounds {
		t.Errorf("%d of %d failed, %d nulls: the generator is off", failed, rounds, nulls)
	}
}

func hasNull(e Expr) bool {
	found := false
	Walk(e, func(e Expr) bool {
		found = found || isNullLiteral(e)
		return true
	})
	return found
}

// plain is a reference value as the test reads it from an array of the type.
func plain(v any, dt arrow.DataType) any {
	switch v := v.(type) {
	case refDay:
		return int32(v)
	case refTime:
		return int64(v)
	case refSpan:
		return int64(v)
	case int64:
		if dt.ID() == arrow.FLOAT64 {
			return float64(v)
		}
	}
	return v
}

// TestRandomRoundTrip parses what String writes.
func TestRandomRoundTrip(t *testing.T) {
	for seed := range sample.Seeds(5000, 3) {
		g := generator{rand.New(rand.NewPCG(seed, 4))}
		e := g.expr(g.IntN(kinds), 1+g.IntN(5))
		back, err := Parse(e.String())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if back.String() != e.String() {
			t.Fatalf("seed %d: %s\nread back as %s", seed, e, back)
		}
	}
}

func isNullLiteral(e Expr) bool {
	l, ok := e.(Literal)
	return ok && l.Value == nil
}
