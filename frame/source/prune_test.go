package source

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/tests/sample"
)

func TestRowSpans(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	spans := func(bits []bool) (out rowSpans) {
		for i, b := range bits {
			if b {
				out = out.add(int64(i), int64(i+1))
			}
		}
		return out
	}
	for range 1000 {
		a, b, and, or := make([]bool, 12), make([]bool, 12), make([]bool, 12), make([]bool, 12)
		for i := range a {
			a[i], b[i] = r.IntN(2) == 0, r.IntN(3) == 0
			and[i], or[i] = a[i] && b[i], a[i] || b[i]
		}
		if got := spans(a).and(spans(b)); !slices.Equal(got, spans(and)) {
			t.Fatalf("%v and %v: %v", a, b, got)
		}
		if got := spans(a).or(spans(b)); !slices.Equal(got, spans(or)) {
			t.Fatalf("%v or %v: %v", a, b, got)
		}
	}
}

func TestBehindPrefix(t *testing.T) {
	for prefix, want := range map[string]string{"ab": "ac", "a\x7f": "b", "": "-", "\x7f": "-", "é": "-", "éa": "éb"} {
		got, ok := behindPrefix(prefix)
		if !ok {
			got = "-"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", prefix, got, want)
		}
	}
}

// clustered is rows whose columns are nearly sorted, with nulls, NaN and texts longer than bounds may be.
func clustered(t *testing.T, r *rand.Rand, rows int) arrow.Record {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "f", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "u", Type: arrow.PrimitiveTypes.Uint64, Nullable: true},
		{Name: "d", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	defer b.Release()
	for i := range rows {
		at := i + r.IntN(40)
		if at%50 < 3 {
			for _, f := range b.Fields() {
				f.AppendNull()
			}
			continue
		}
		b.Field(0).(*array.Int64Builder).Append(int64(at - rows/2))
		f := float64(at) / 8
		if r.IntN(100) == 0 {
			f = []float64{math.NaN(), math.Copysign(0, -1), math.Inf(1)}[r.IntN(3)]
		}
		b.Field(1).(*array.Float64Builder).Append(f)
		b.Field(2).(*array.StringBuilder).Append(fmt.Sprintf("%05d%s", at, strings.Repeat("é", r.IntN(60))))
		b.Field(3).(*array.Uint64Builder).Append(math.MaxUint64 - uint64(at))
		b.Field(4).(*array.Date32Builder).Append(arrow.Date32(at - 1000))
	}
	return b.NewRecord()
}

func anyPredicate(r *rand.Rand, rows int, depth int) expr.Expr {
	if depth < 3 && r.IntN(2) == 0 {
		left, right := anyPredicate(r, rows, depth+1), anyPredicate(r, rows, depth+1)
		switch r.IntN(3) {
		case 0:
			return expr.Binary{Op: expr.And, Left: left, Right: right}
		case 1:
			return expr.Binary{Op: expr.Or, Left: left, Right: right}
		}
		return expr.Unary{Op: expr.Not, X: left}
	}
	at := r.IntN(rows)
	column := []string{"i", "f", "s", "u", "d"}[r.IntN(5)]
	value := map[string]any{
		"i": []any{int64(at - rows/2), float64(at-rows/2) + 0.5}[r.IntN(2)], "f": []any{float64(at) / 8, int64(at / 8), math.NaN()}[r.IntN(3)],
		"s": fmt.Sprintf("%05d", at), "u": math.MaxUint64 - uint64(at), "d": fmt.Sprintf("%d-03-01", 1968+r.IntN(20)),
	}[column]
	x, l := expr.Column{Name: column}, expr.Literal{Value: value}
	switch r.IntN(10) {
	case 0:
		return expr.Call{Func: []string{"is_null", "is_not_null"}[r.IntN(2)], Args: []expr.Expr{x}}
	case 1:
		return expr.Call{Func: "is_in", Args: []expr.Expr{x, l, l}}
	case 2:
		if column == "s" {
			return expr.Call{Func: "starts_with", Args: []expr.Expr{x, l}}
		}
	case 3:
		return expr.Binary{Op: expr.Equal, Left: l, Right: x}
	}
	return expr.Binary{Op: expr.Equal + expr.BinaryOp(r.IntN(6)), Left: x, Right: l}
}

// TestFilteredParquet filters files by random predicates while they are read, and after that: the rows are the same.
func TestFilteredParquet(t *testing.T) {
	groups, left := 0, 0
	for seed := range sample.Seeds(12, 3) {
		r := rand.New(rand.NewPCG(seed, 4))
		rows := 200 + r.IntN(4000)
		rec := clustered(t, r, rows)
		var out bytes.Buffer
		props := parquet.NewWriterProperties(parquet.WithDictionaryDefault(r.IntN(2) == 0), parquet.WithMaxRowGroupLength(int64(100+r.IntN(1000))),
			parquet.WithDataPageSize(512), parquet.WithStats(true), parquet.WithBatchSize(64))
		w, err := pqarrow.NewFileWriter(rec.Schema(), &out, props, pqarrow.DefaultWriterProps())
		if err == nil {
			err = errors.Join(w.Write(rec), w.Close())
		}
		rec.Release()
		if err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), []string{writeFile(t, "a.parquet", out.Bytes())}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			e := anyPredicate(r, rows, 0)
			filter, ok := Filtered(s, e)
			if !ok {
				t.Fatalf("%s is not taken", e)
			}
			columns := [][]string{nil, {"s"}, {"f", "i"}, {}}[r.IntN(4)]
			sameFiltered(t, s, filter, e, columns)
			if r.IntN(5) == 0 {
				sameFiltered(t, s, &travelled{Source: filter, shared: r.IntN(2) == 0, columns: columns}, e, columns)
			}
			for _, in := range s.(*files).inputs {
				for _, may := range in.(*parquetFile).groupsWhere(newRowFilter(e, s.(*files).schema)) {
					if groups++; may {
						left++
					}
				}
			}
		}
	}
	if left == 0 || left > groups*9/10 {
		t.Errorf("%d of %d row groups are left", left, groups)
	}
}

func sameFiltered(t *testing.T, s, filter Source, e expr.Expr, columns []string) {
	t.Helper()
	checked(t)
	schema, err := s.Schema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	bound, err := expr.Bind(e, schema)
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	count := int64(0)
	err = eachBatch(t.Context(), s, 0, nil, func(rec arrow.Record) {
		mask, err := bound.Eval(t.Context(), memory.NewGoAllocator(), rec)
		if err != nil {
			t.Fatal(err)
		}
		defer mask.Release()
		kept, err := batch.FilterRows(memory.NewGoAllocator(), rec, mask.(*array.Boolean))
		if err != nil {
			t.Fatal(err)
		}
		defer kept.Release()
		count += kept.NumRows()
		want = append(want, texts(kept, columns)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = eachBatch(t.Context(), filter, 0, columns, func(rec arrow.Record) {
		count -= rec.NumRows()
		got = append(got, texts(rec, nil)...)
	})
	if err != nil {
		t.Fatal(err)
	}
	if count != 0 || !slices.Equal(got, want) {
		t.Errorf("%s, columns %v: %d rows, want %d", e, columns, len(got), len(want))
	}
}

// texts are the rows of some columns, nil for all.
func texts(rec arrow.Record, columns []string) []string {
	out := make([]string, rec.NumRows())
	for i, f := range rec.Schema().Fields() {
		if columns != nil && !slices.Contains(columns, f.Name) {
			continue
		}
		for row := range out {
			out[row] += f.Name + "=" + rec.Column(i).ValueStr(row) + " "
		}
	}
	if columns != nil { // in the order in which they were asked for
		for row, text := range out {
			words := strings.SplitAfter(text, " ")
			slices.Sort(words)
			out[row] = strings.Join(words, "")
		}
	}
	return out
}
