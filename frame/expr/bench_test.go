package expr

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// benchRows is a batch of about 8 MiB with nulls in one of its columns.
const benchRows = 1 << 18

func benchRecord() arrow.Record {
	r := rand.New(rand.NewPCG(1, 2))
	mem := memory.DefaultAllocator
	s := arrow.NewSchema([]arrow.Field{{Name: "i", Type: int64Type}, {Name: "f", Type: float64Type}, {Name: "n", Type: float64Type, Nullable: true}, {Name: "s", Type: stringType}}, nil)
	b := array.NewRecordBuilder(mem, s)
	defer b.Release()
	for range benchRows {
		b.Field(0).(*array.Int64Builder).Append(r.Int64N(1000))
		b.Field(1).(*array.Float64Builder).Append(r.Float64() * 100)
		if r.IntN(50) == 0 {
			b.Field(2).AppendNull()
		} else {
			b.Field(2).(*array.Float64Builder).Append(r.Float64() * 100)
		}
		b.Field(3).(*array.StringBuilder).Append("id" + strconv.Itoa(r.IntN(1000)))
	}
	return b.NewRecord()
}

func report(b *testing.B) {
	b.ReportMetric(float64(benchRows)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mrows/s")
	b.ReportAllocs()
}

func BenchmarkEval(b *testing.B) {
	rec := benchRecord()
	defer rec.Release()
	for _, src := range []string{
		"i > 500", "f > 50", "n > 50", "f > n", `s == "id77"`, `s < "id77"`, "f > 50 && i < 100", "i + 1", "i * i", "f * 2", "f * n", "f / (i / 60)", "i % 7",
		`contains(s, "77")`, "upper(s)", `when(f > 50, i, 0)`, "coalesce(n, 0.0)", "sqrt(f)", "year(date(i))", "is_in(i, 1, 2, 3, 4, 5)",
	} {
		b.Run(src, func(b *testing.B) {
			e, err := Parse(src)
			if err != nil {
				b.Fatal(err)
			}
			bound, err := Bind(e, rec.Schema())
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				a, err := bound.Eval(b.Context(), memory.DefaultAllocator, rec)
				if err != nil {
					b.Fatal(err)
				}
				a.Release()
			}
			report(b)
		})
	}
}

// BenchmarkUpdate is the inner loop of a group-by over 1e7 rows: 38 of these batches.
func BenchmarkUpdate(b *testing.B) {
	rec := benchRecord()
	defer rec.Release()
	r := rand.New(rand.NewPCG(3, 4))
	for _, groups := range []int{1, 100, 100_000} {
		ids := make([]uint32, benchRows)
		for i := range ids {
			ids[i] = uint32(r.IntN(groups))
		}
		for _, f := range AggFuncs() {
			for _, x := range []string{"i", "f", "n", "s"} {
				if x == "s" && !slices.Contains([]AggFunc{Min, Max, CountDistinct, First, Last}, f) || f == Any || f == All || f == Median || f == Quantile {
					continue
				}
				var args []Expr
				if f == Corr || f == Cov {
					args = []Expr{Column{"f"}}
				}
				b.Run(string(f)+"("+x+")/"+strconv.Itoa(groups), func(b *testing.B) {
					bound, err := BindAgg(f, Column{x}, rec.Schema(), args...)
					if err != nil {
						b.Fatal(err)
					}
					acc := bound.New(memory.DefaultAllocator)
					defer acc.Release()
					for b.Loop() {
						if err := acc.Update(b.Context(), rec, ids, groups); err != nil {
							b.Fatal(err)
						}
					}
					report(b)
				})
			}
		}
	}
}
