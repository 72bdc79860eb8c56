package plan

import (
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// BenchmarkOptimize is what a cell waits for before anything is read.
func BenchmarkOptimize(b *testing.B) {
	m := must(b)
	scan := m(NewScan(b.Context(), flights))
	other := m(NewScan(b.Context(), airlines))
	filter := m(NewFilter(scan, parsed(b, `delay > 60 && origin == "EWR"`)))
	groups := m(NewAggregate(filter, []expr.Expr{col("carrier")}, []expr.Expr{agg(expr.Mean, col("delay")), agg(expr.Count, nil)}))
	joined := m(NewJoin(groups, m(NewFilter(other, parsed(b, `name > "M"`))), []string{"carrier"}, []string{"carrier"}, Inner, ""))
	for name, n := range map[string]Node{
		"scan": scan, "groups": m(NewSort(groups, []SortKey{{X: col("carrier")}})), "join": m(NewFilter(joined, parsed(b, `count > 3 && origin != "JFK"`))),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Optimize(n)
			}
		})
	}
}
