package plan

import (
	"path/filepath"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// TestUnscaleDecimals: decimals are read unscaled where arithmetic and sums are all that looks at them.
func TestUnscaleDecimals(t *testing.T) {
	m := must(t)
	src, err := source.Open(t.Context(), []string{filepath.Join("..", "parquet", "testdata", "plain.parquet")}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	scan := m(NewScan(t.Context(), src))
	filter := func(in Node, text string) Node { return m(NewFilter(in, parsed(t, text))) }
	group := func(in Node, aggs ...string) Node {
		var list []expr.Expr
		for _, a := range aggs {
			list = append(list, parsed(t, a))
		}
		return m(NewAggregate(in, []expr.Expr{col("text")}, list))
	}
	project := func(in Node, texts ...string) Node {
		var list []expr.Expr
		for _, e := range texts {
			list = append(list, parsed(t, e))
		}
		return m(NewProject(in, list))
	}
	on := func(left, right Node, key string) Node {
		return m(NewJoin(left, right, []string{key}, []string{key}, Inner, "_b"))
	}
	const sum, product = "sum(small_decimal)", "sum(small_decimal * (1 - small_decimal)) / count()"
	renamed := project(scan, "text", "as(small_decimal, \"price\")", "as(small_decimal * 2, \"twice\")")
	checkRules(t, map[string]Node{
		"unscale_sum":           group(scan, sum, product),
		"unscale_again":         group(scan, "sum(small_decimal * (1 - small_decimal))", "mean(small_decimal * (1 - small_decimal) * int64)"),
		"unscale_shared":        group(scan, "sum(small_decimal * (1 - small_decimal))", "max(small_decimal * (1 - small_decimal))"),
		"unscale_where":         group(filter(scan, "truth"), product),
		"unscale_renamed":       group(renamed, "sum(price + 1)", "mean(price)"),
		"unscale_join":          group(on(scan, scan, "text"), "sum(small_decimal * small_decimal_b)"),
		"unscale_computed":      project(scan, "text", "small_decimal * int64"),
		"unscale_kept_read":     project(scan, "small_decimal", "small_decimal * 2"),
		"unscale_kept_filter":   group(filter(scan, "small_decimal > 3"), sum),
		"unscale_kept_key":      m(NewAggregate(scan, []expr.Expr{col("small_decimal")}, []expr.Expr{parsed(t, sum)})),
		"unscale_kept_compared": group(scan, sum, "max(small_decimal)"),
		"unscale_kept_joined":   group(on(scan, scan, "small_decimal"), sum),
		"unscale_condition":     group(filter(on(scan, scan, "text"), "small_decimal < small_decimal_b"), "sum(small_decimal + small_decimal_b)"),
	}, "unscale decimals")
}
