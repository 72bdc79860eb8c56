package source

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/tests/sample"
)

var fewSchema = arrow.NewSchema([]arrow.Field{
	{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "n", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "day", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}, Nullable: true},
	{Name: "price", Type: &arrow.Decimal128Type{Precision: 15, Scale: 2}, Nullable: true},
	{Name: "long", Type: &arrow.Decimal128Type{Precision: 30, Scale: 4}, Nullable: true},
	{Name: "void", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "word", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)

// few is rows of columns with few values, every ninth of which is null, in another order in each.
func few(r *rand.Rand, rows int) arrow.Record {
	b := array.NewRecordBuilder(memory.NewGoAllocator(), fewSchema)
	defer b.Release()
	floats := []float64{0, math.Copysign(0, -1), 1.5, -2, math.NaN(), math.Inf(1)}
	for range rows {
		for _, f := range b.Fields() {
			v := r.IntN(20)
			if r.IntN(9) == 0 {
				f.AppendNull()
				continue
			}
			switch f := f.(type) {
			case *array.Int64Builder:
				f.Append(int64(v - 10))
			case *array.Int32Builder:
				f.Append(int32(v))
			case *array.Float64Builder:
				f.Append(floats[v%len(floats)])
			case *array.Date32Builder:
				f.Append(arrow.Date32(8000 + v))
			case *array.TimestampBuilder:
				f.Append(arrow.Timestamp(v * 1_000_000))
			case *array.Decimal128Builder:
				f.Append(decimal128.FromI64(int64(v-5) * 100))
			case *array.StringBuilder:
				f.Append(fmt.Sprint("w", v))
			}
		}
	}
	return b.NewRecord()
}

func fewPredicate(r *rand.Rand, depth int) expr.Expr {
	if depth < 3 && r.IntN(2) == 0 {
		op := []expr.BinaryOp{expr.And, expr.And, expr.Or}[r.IntN(3)]
		e := expr.Expr(expr.Binary{Op: op, Left: fewPredicate(r, depth+1), Right: fewPredicate(r, depth+1)})
		if r.IntN(6) == 0 {
			e = expr.Unary{Op: expr.Not, X: e}
		}
		return e
	}
	names := []string{"i", "n", "f", "day", "at", "price", "long", "word"}
	name := names[r.IntN(len(names))]
	literal := func() expr.Expr {
		v := r.IntN(24) - 2
		return expr.Literal{Value: map[string]any{
			"i": int64(v - 10), "n": float64(v) + 0.5, "f": []any{math.NaN(), 0.0, 1.5}[r.IntN(3)], "day": fmt.Sprintf("1991-%02d-27", 10+r.IntN(3)),
			"at": fmt.Sprintf("1970-01-01 00:00:%02d", v+2), "price": float64(v-5) + 0.01*float64(r.IntN(2)), "long": int64(v - 5), "word": fmt.Sprint("w", v),
		}[name]}
	}
	x := expr.Column{Name: name}
	switch r.IntN(8) {
	case 0:
		return expr.Call{Func: "between", Args: []expr.Expr{x, literal(), literal()}}
	case 1:
		return expr.Call{Func: "is_in", Args: []expr.Expr{x, literal(), literal()}}
	case 2:
		return expr.Binary{Op: expr.Less, Left: expr.Column{Name: "i"}, Right: expr.Column{Name: "n"}}
	case 3:
		return expr.Member{X: expr.Column{Name: "i"}, Keys: &expr.KeySet{Least: -4, Bits: []uint64{r.Uint64()}}}
	case 4:
		return expr.Call{Func: []string{"is_null", "is_not_null"}[r.IntN(2)], Args: []expr.Expr{x}}
	}
	return expr.Binary{Op: expr.Equal + expr.BinaryOp(r.IntN(6)), Left: x, Right: literal()}
}

// TestFilterOverDictionaries filters columns of few values while they are read, where predicates are evaluated over dictionaries.
func TestFilterOverDictionaries(t *testing.T) {
	for seed := range sample.Seeds(24, 6) {
		r := rand.New(rand.NewPCG(seed, 12))
		rec := few(r, 100+r.IntN(3000))
		path := writeFile(t, "few.parquet", dictionaryParquet(t, rec, int64(80+r.IntN(900))))
		rec.Release()
		s, err := Open(t.Context(), []string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 40 {
			e := fewPredicate(r, 0)
			filter, ok := Filtered(s, e)
			if !ok {
				t.Fatalf("%s is not taken", e)
			}
			sameFiltered(t, s, filter, e, [][]string{nil, {"price"}, {"f", "long", "void"}, {"day", "i", "word"}, {}}[r.IntN(5)])
		}
	}
}

// TestColumnsOfDictionaries says which columns of a predicate are read as places in the dictionary.
func TestColumnsOfDictionaries(t *testing.T) {
	checked(t)
	rec := few(rand.New(rand.NewPCG(13, 14)), 1000)
	defer rec.Release()
	path := writeFile(t, "few.parquet", dictionaryParquet(t, rec, 1000))
	for text, want := range map[string]int{
		`price > 3`: 1, `price > 3 && day == "1991-11-27" || between(f, 1, 2)`: 3, `i < n`: 0, `i < n && i > 2 && at > "1970-01-01 00:00:03"`: 1,
		`is_null(i)`: 0, `long + 1 > 3`: 0, `!(i == 3)`: 0,
	} {
		e, err := expr.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), []string{path}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		filter, _ := Filtered(s, e)
		for split, err := range filter.Splits(t.Context(), 1<<20) {
			if err != nil {
				t.Fatal(err)
			}
			reader, err := split.(*rowGroup).whereReader(split.(*rowGroup).schema)
			if err == nil {
				err = reader.begin(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(reader.own) != want {
				t.Errorf("%s: %d columns, want %d", text, len(reader.own), want)
			}
			reader.close()
			split.Close()
		}
	}
}

// TestStagesOfPredicates says which columns of a predicate are read first, so that of the others only the rows that are left are decoded.
func TestStagesOfPredicates(t *testing.T) {
	rec := few(rand.New(rand.NewPCG(15, 16)), 1000)
	defer rec.Release()
	s, err := Open(t.Context(), []string{writeFile(t, "few.parquet", dictionaryParquet(t, rec, 1000))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	const less = "i < n"
	keys := &expr.KeySet{Least: 0, Bits: []uint64{7}}
	for _, c := range []struct {
		text   string
		keys   *expr.KeySet
		first  []string
		middle []string
	}{
		{text: "price > 3 && " + less, first: []string{"price"}, middle: []string{"i", "n"}},
		{text: less + " && price > 3 && f > 1", first: []string{"f", "price"}, middle: []string{"i", "n"}},
		{text: less, keys: keys, first: []string{"i"}, middle: []string{"n"}},
		{text: less, keys: &expr.KeySet{Least: 0, Bits: []uint64{math.MaxUint64}}},
		{text: "price > 3 && f > 1"},
		{text: "price > 3 && i + 1 < n"}, // which may fail
		{text: "price > 3 || " + less},
	} {
		e, err := expr.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if c.keys != nil {
			e = expr.Binary{Op: expr.And, Left: e, Right: expr.Member{X: expr.Column{Name: "i"}, Keys: c.keys}}
		}
		filter, _ := Filtered(s, e)
		for split, err := range filter.Splits(t.Context(), 1<<20) {
			if err != nil {
				t.Fatal(err)
			}
			wanted := arrow.NewSchema([]arrow.Field{split.(*rowGroup).schema.Field(3)}, nil)
			reader, err := split.(*rowGroup).whereReader(wanted)
			if err == nil {
				err = reader.begin(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			var first, middle []string
			if reader.stages != nil {
				first, middle = names(reader.stages.before), names(reader.stages.middle)
			}
			slices.Sort(first)
			if !slices.Equal(first, c.first) || !slices.Equal(middle, c.middle) {
				t.Errorf("%s: %v, then %v; want %v, then %v", e, first, middle, c.first, c.middle)
			}
			reader.close()
			split.Close()
		}
	}
}

func names(schema *arrow.Schema) (list []string) {
	for _, f := range schema.Fields() {
		list = append(list, f.Name)
	}
	return list
}
