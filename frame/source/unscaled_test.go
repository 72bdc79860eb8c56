package source

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// decimals are a row number and decimals of several lengths, of which "few" repeats.
func decimals(r *rand.Rand, rows int) arrow.Record {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
		{Name: "small", Type: &arrow.Decimal128Type{Precision: 7, Scale: 2}, Nullable: true},
		{Name: "few", Type: &arrow.Decimal128Type{Precision: 15, Scale: 2}, Nullable: true},
		{Name: "most", Type: &arrow.Decimal128Type{Precision: 18, Scale: 0}, Nullable: true},
		{Name: "long", Type: &arrow.Decimal128Type{Precision: 19, Scale: 3}, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.NewGoAllocator(), schema)
	defer b.Release()
	for row := range rows {
		b.Field(0).(*array.Int64Builder).Append(int64(row))
		for i, limit := range []int64{1e7, 10, 1e18, 1e18} {
			if f := b.Field(i + 1).(*array.Decimal128Builder); r.IntN(9) == 0 {
				f.AppendNull()
			} else {
				f.Append(decimal128.FromI64(r.Int64N(2*limit-1) - limit + 1))
			}
		}
	}
	return b.NewRecord()
}

// bytesParquet stores decimals as bytes of fixed length, plain or in dictionaries.
func bytesParquet(t *testing.T, rec arrow.Record, dictionaries bool) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := pqarrow.NewFileWriter(rec.Schema(), &out, parquet.NewWriterProperties(parquet.WithDictionaryDefault(dictionaries)), pqarrow.DefaultWriterProps())
	if err == nil {
		err = errors.Join(w.Write(rec), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestUnscaled reads decimals as they are and unscaled: whole, filtered, and far from where the plan is made.
func TestUnscaled(t *testing.T) {
	rec := decimals(rand.New(rand.NewPCG(7, 8)), 3000)
	defer rec.Release()
	filter, err := expr.Parse("n % 100 < 40 && few > 0")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"integers": written(t, "a.parquet", rec), "bytes": bytesParquet(t, rec, false), "dictionaries": bytesParquet(t, rec, true),
	} {
		path, integers := writeFile(t, "a.parquet", data), name == "integers"
		for _, filtered := range []bool{false, true} {
			checked(t)
			s, err := Open(t.Context(), []string{path}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{"small", "few", "most"}
			if filtered {
				s, _ = Filtered(s, filter)
			}
			want = slices.DeleteFunc(want, func(c string) bool { return filtered && c == "few" || !integers && c == "most" })
			made, taken := Unscaled(s, []string{"n", "small", "few", "most", "long", "none"})
			if !slices.Equal(taken, want) {
				t.Errorf("%s: %v are unscaled, want %v", name, taken, want)
			}
			if where, ok := Filtered(made, expr.Binary{Op: expr.Greater, Left: expr.Column{Name: "small"}, Right: expr.Literal{Value: int64(3)}}); ok {
				t.Errorf("%s: %v takes a filter of unscaled values", name, where)
			}
			columns := []string{"most", "n", "few", "small"}
			for _, from := range []Source{made, &travelled{Source: made, shared: true}, &travelled{Source: made, columns: columns}} {
				got := unscaledRows(t, from, columns, taken)
				if rows := unscaledRows(t, s, columns, nil); !slices.Equal(got, rows) || len(got) < 500 {
					t.Errorf("%s, filtered %v: %d rows differ from %d", name, filtered, len(got), len(rows))
				}
			}
		}
	}
}

// unscaledRows are the values of rows as decimals have them, of columns of which some must come as integers.
func unscaledRows(t *testing.T, s Source, columns, integers []string) (out []decimal128.Num) {
	t.Helper()
	err := eachBatch(t.Context(), s, 0, columns, func(rec arrow.Record) {
		for i := range int(rec.NumRows()) {
			for c, col := range rec.Columns() {
				v, isInt := decimal128.FromI64(-1<<62), false
				switch col := col.(type) {
				case *array.Int64:
					isInt = true
					if col.IsValid(i) {
						v = decimal128.FromI64(col.Value(i))
					}
				case *array.Decimal128:
					if col.IsValid(i) {
						v = col.Value(i)
					}
				}
				if name := rec.ColumnName(c); isInt != (name == "n" || slices.Contains(integers, name)) || rec.Schema().Field(c).HasMetadata() {
					t.Fatalf("column %s is %s", name, rec.Schema().Field(c))
				}
				out = append(out, v)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestUnscaledOfAnotherFile: decimals of another scale than the plan was made for are an error.
func TestUnscaledOfAnotherFile(t *testing.T) {
	rec := decimals(rand.New(rand.NewPCG(9, 8)), 10)
	defer rec.Release()
	s, err := Open(t.Context(), []string{writeFile(t, "a.parquet", written(t, "a.parquet", rec))}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	made, _ := Unscaled(s, []string{"few"})
	p := made.(*files).inputs[0].(*parquetFile)
	fields := slices.Clone(p.typed.Fields())
	fields[2].Type = &arrow.Decimal128Type{Precision: 15, Scale: 4}
	p.typed = arrow.NewSchema(fields, nil)
	if _, err := readAll(t.Context(), made, 0, nil); !errors.Is(err, ErrSchema) {
		t.Error(err)
	}
}
