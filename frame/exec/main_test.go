package exec

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/tests/sample"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	plenty = 1 << 30
	scarce = 1 << 10 // refuses whatever is above the floor
)

// recycled gives memory as the pool does: what is not asked to be zeroed has other contents.
type recycled struct{ *arrowmemory.CheckedAllocator }

func (r recycled) AllocateDirty(size int) []byte {
	b := r.Allocate(size)
	fill(b, 0xAA)
	return b
}

// testEnv checks at the end of the test that all memory and the whole budget came back.
func testEnv(t *testing.T, budgetBytes int64) *Env {
	t.Helper()
	mem := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	env := &Env{Mem: recycled{mem}, Budget: memory.NewBudget(budgetBytes), Spill: t.TempDir(), pack: 1}
	if budgetBytes == scarce {
		env.floor = 64 << 10
	}
	t.Cleanup(func() {
		mem.AssertSize(t, 0)
		if used := env.Budget.Used(); used != 0 {
			t.Errorf("budget: %d bytes still reserved", used)
		}
	})
	return env
}

// sampleDays is in how many days each case of a long suite has been run.
const sampleDays = 24

// sampled counts the cases of a suite, and says whether this one is run today.
func sampled(i *int) bool {
	*i++
	return sample.Today(*i, sampleDays)
}

var strategies = []struct {
	name   string
	budget int64
}{{"memory", plenty}, {"spill", scarce}}

// checkSpilled asserts that an operator used the disk exactly where the budget is scarce.
func checkSpilled(t *testing.T, before, budgetBytes int64) {
	t.Helper()
	if spilled := memory.SpilledBytes() - before; (spilled > 0) != (budgetBytes == scarce) {
		t.Errorf("spilled %d bytes under a budget of %d", spilled, budgetBytes)
	}
}

var testSchema = arrow.NewSchema([]arrow.Field{
	{Name: "row", Type: arrow.PrimitiveTypes.Int64},
	{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "b", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	{Name: "d", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "u", Type: arrow.PrimitiveTypes.Uint64, Nullable: true},
	{Name: "ts", Type: arrow.FixedWidthTypes.Timestamp_us, Nullable: true},
	{Name: "dec", Type: &arrow.Decimal128Type{Precision: 20, Scale: 2}, Nullable: true},
	{Name: "l", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64), Nullable: true},
}, nil)

// shape is how random frames are made.
type shape struct {
	rows     int
	distinct int     // values of a column, about
	nulls    float64 // fraction
	batch    int     // largest batch
	skew     bool    // half the rows have one value
	seed     uint64
}

// row is a row of a frame for references: nil is null.
type row []any

// randomFrame makes the same frame as batches and as rows.
func randomFrame(env *Env, s shape) ([]arrow.Record, []row) {
	r := rand.New(rand.NewPCG(s.seed, 7))
	var recs []arrow.Record
	var rows []row
	for len(rows) < s.rows {
		n := min(1+r.IntN(s.batch), s.rows-len(rows))
		if r.IntN(5) == 0 {
			n = 0
		}
		var part []row
		for range n {
			part = append(part, randomRow(r, s, len(rows)+len(part)))
		}
		rows = append(rows, part...)
		recs = append(recs, recordOf(env, testSchema, part))
	}
	if s.seed%2 == 1 { // as frames in memory are
		recs = coded(env, testSchema, recs)
	}
	return recs, rows
}

// coded is records with their text coded.
func coded(env *Env, schema *arrow.Schema, recs []arrow.Record) []arrow.Record {
	codes := NewTextCodes(env.Mem, schema)
	defer codes.Close()
	for i, rec := range recs {
		var err error
		if recs[i], err = codes.Code(rec); err != nil {
			panic(err)
		}
	}
	out, err := codes.Finish(recs)
	if err != nil {
		panic(err)
	}
	return out
}

// plainSchema is a schema whose columns are not coded.
func plainSchema(s *arrow.Schema) *arrow.Schema {
	fields := s.Fields()
	for i, f := range fields {
		if f.Type.ID() == arrow.DICTIONARY {
			fields[i].Type = arrow.BinaryTypes.String
		}
	}
	return arrow.NewSchema(fields, nil)
}

func randomRow(r *rand.Rand, s shape, number int) row {
	pick := func() int {
		if s.skew && r.IntN(2) == 0 {
			return 0
		}
		return r.IntN(s.distinct)
	}
	floats := []float64{math.NaN(), math.Copysign(0, -1), 0, math.Inf(1), math.Inf(-1), math.Float64frombits(0xFFF8000000000001)}
	text := func(k int) string {
		switch k % 7 {
		case 0:
			return ""
		case 1:
			return fmt.Sprintf("k\x00%d", k)
		case 2:
			return strings.Repeat("long ", 12) + fmt.Sprint(k)
		case 3:
			return fmt.Sprintf("\u00fc\u4e16\U0001F600%d", k)
		case 4:
			return "a\xff\xff\xff\xff\xff\xff\xff\xff"[:1+k%9]
		}
		return fmt.Sprintf("key %06d", k)
	}
	out := row{int64(number)}
	f := float64(pick()) - 3.5
	if k := r.IntN(12); k < len(floats) {
		f = floats[k]
	}
	i := int64(pick()) - 5
	switch r.IntN(20) {
	case 0:
		i = math.MaxInt64
	case 1:
		i = math.MinInt64
	}
	list := make([]any, r.IntN(3))
	for j := range list {
		list[j] = int64(r.IntN(3))
	}
	out = append(out, i, f, text(pick()), pick()%2 == 0, arrow.Date32(pick()-3), uint64(pick())<<60|uint64(pick()),
		arrow.Timestamp(pick()), decimal128.New(int64(pick()-1), uint64(pick())), list)
	for c := 1; c < len(out); c++ {
		if r.Float64() < s.nulls {
			out[c] = nil
		}
	}
	return out
}

func recordOf(env *Env, schema *arrow.Schema, rows []row) arrow.Record {
	b := array.NewRecordBuilder(env.Mem, schema)
	defer b.Release()
	for _, r := range rows {
		for c, v := range r {
			appendValue(b.Field(c), v)
		}
	}
	return b.NewRecord()
}

func appendValue(b array.Builder, v any) {
	if v == nil {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.Int64Builder:
		b.Append(v.(int64))
	case *array.Uint64Builder:
		b.Append(v.(uint64))
	case *array.Float64Builder:
		b.Append(v.(float64))
	case *array.StringBuilder:
		b.Append(v.(string))
	case *array.BooleanBuilder:
		b.Append(v.(bool))
	case *array.Date32Builder:
		b.Append(v.(arrow.Date32))
	case *array.TimestampBuilder:
		b.Append(v.(arrow.Timestamp))
	case *array.Decimal128Builder:
		b.Append(v.(decimal128.Num))
	case *array.ListBuilder:
		b.Append(true)
		for _, e := range v.([]any) {
			appendValue(b.ValueBuilder(), e)
		}
	default:
		panic(fmt.Sprintf("no builder for %T", b))
	}
}

// rowsOf reads records back and releases them.
func rowsOf(recs []arrow.Record) []row {
	var rows []row
	for _, rec := range recs {
		for i := range int(rec.NumRows()) {
			r := make(row, rec.NumCols())
			for c := range r {
				r[c] = valueAt(rec.Column(c), i)
			}
			rows = append(rows, r)
		}
		rec.Release()
	}
	return rows
}

func valueAt(arr arrow.Array, i int) any {
	if arr.IsNull(i) {
		return nil
	}
	switch a := arr.(type) {
	case *array.Int64:
		return a.Value(i)
	case *array.Uint64:
		return a.Value(i)
	case *array.Float64:
		return a.Value(i)
	case *array.String:
		return strings.Clone(a.Value(i))
	case *array.Dictionary:
		return strings.Clone(a.Dictionary().(*array.String).Value(a.GetValueIndex(i)))
	case *array.Null:
		return nil
	case *array.Boolean:
		return a.Value(i)
	case *array.Date32:
		return a.Value(i)
	case *array.Timestamp:
		return a.Value(i)
	case *array.Decimal128:
		return a.Value(i)
	case *array.List:
		from, to := a.ValueOffsets(i)
		list := make([]any, 0, to-from)
		for j := from; j < to; j++ {
			list = append(list, valueAt(a.ListValues(), int(j)))
		}
		return list
	}
	panic(fmt.Sprintf("no reader for %T", arr))
}

// text is a row for comparison: NaNs and zeros look alike.
func (r row) text() string {
	var b []byte
	for _, v := range r {
		switch v := v.(type) {
		case nil:
			b = append(b, "null"...)
		case float64:
			switch {
			case v != v:
				b = append(b, "NaN"...)
			case v == 0:
				b = append(b, "0.0"...)
			default:
				b = strconv.AppendFloat(b, v, 'g', -1, 64)
			}
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case string:
			b = strconv.AppendQuote(b, v)
		case uint64:
			b = strconv.AppendUint(append(b, 'u'), v, 10)
		case bool:
			b = strconv.AppendBool(b, v)
		case arrow.Date32:
			b = strconv.AppendInt(append(b, 'd'), int64(v), 10)
		case arrow.Timestamp:
			b = strconv.AppendInt(append(b, 't'), int64(v), 10)
		case decimal128.Num:
			b = strconv.AppendUint(strconv.AppendInt(append(b, 'x'), v.HighBits(), 16), v.LowBits(), 16)
		case []any:
			b = append(append(append(b, '['), row(v).text()...), ']')
		default:
			panic(fmt.Sprintf("no text for %T", v))
		}
		b = append(b, '|')
	}
	return string(b)
}

func (r row) at(columns ...int) row {
	out := make(row, len(columns))
	for i, c := range columns {
		out[i] = r[c]
	}
	return out
}

// sortTexts puts rows into one order, whatever order they came in.
func sortTexts(rows []row) {
	type entry struct {
		text string
		row  row
	}
	entries := make([]entry, len(rows))
	for i, r := range rows {
		entries[i] = entry{r.text(), r}
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.text, b.text) })
	for i, e := range entries {
		rows[i] = e.row
	}
}

// equalRows compares in order and shows the first difference.
func equalRows(t *testing.T, got, want []row) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if g, w := got[i].text(), want[i].text(); g != w {
			t.Fatalf("row %d:\n got %s\nwant %s", i, g, w)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d rows, want %d", len(got), len(want))
	}
}

// run collects an operator's output over records, which it takes over.
func run(t *testing.T, op batch.Op, recs []arrow.Record) []row {
	t.Helper()
	out, err := batch.Collect(op(context.Background(), batch.FromRecords(recs...)))
	if err != nil {
		t.Fatal(err)
	}
	for _, rec := range out {
		if rec.NumRows() > maxRows {
			t.Errorf("a batch of %d rows", rec.NumRows())
		}
	}
	return rowsOf(out)
}

func column(name string) expr.Expr { return expr.Column{Name: name} }
