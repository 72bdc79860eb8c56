package plan

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

func TestBuildSides(t *testing.T) {
	m := must(t)
	sized := func(s named, rows float64) Node {
		s.rows = rows
		return m(NewScan(t.Context(), s))
	}
	few, many, large := sized(airlines, 100), sized(flights, 1e6), sized(flights, 1e9)
	on := func(left, right Node, kind JoinKind) Node {
		return m(NewJoin(left, right, []string{"carrier"}, []string{"carrier"}, kind, ""))
	}
	count := func(in Node) Node {
		return m(NewAggregate(in, []expr.Expr{col("carrier")}, []expr.Expr{agg(expr.Count, nil), as(agg(expr.Max, col("origin_right")), "last")}))
	}
	byKeys := func(in Node) Node {
		return m(NewSort(in, []SortKey{{X: col("last")}, {X: col("carrier"), Descending: true}}))
	}
	uncommon := m(NewFilter(few, parsed(t, `name == "United" && origin == "EWR"`)))
	checkRules(t, map[string]Node{
		"build_groups":      byKeys(count(on(few, many, Inner))),
		"build_ordered":     m(NewFilter(on(uncommon, large, Inner), parsed(t, `delay > 3`))),
		"build_chain":       byKeys(count(on(m(NewProject(on(few, many, Inner), []expr.Expr{col("carrier"), col("name"), col("origin")})), large, Inner))),
		"build_kept_small":  byKeys(count(on(few, sized(flights, 9e4), Inner))),
		"build_kept_left":   byKeys(count(on(few, many, Left))),
		"build_kept_equal":  byKeys(count(on(many, many, Inner))),
		"build_kept_order":  on(few, many, Inner),
		"build_kept_unsure": byKeys(count(on(m(NewScan(t.Context(), airlines)), many, Inner))),
	}, "build side")
}

func TestRotateJoins(t *testing.T) {
	m := must(t)
	sized := func(s named, rows float64) Node {
		s.rows = rows
		return m(NewScan(t.Context(), s))
	}
	small, large := sized(airlines, 1e4), sized(flights, 1e6)
	joins := 0 // of which the first is chain
	on := func(left, right Node, l, r string, kind JoinKind) Node {
		joins++
		return m(NewJoin(left, right, []string{l}, []string{r}, kind, fmt.Sprint("_", joins)))
	}
	late := m(NewFilter(m(NewAggregate(large, []expr.Expr{col("origin")}, []expr.Expr{as(agg(expr.Max, col("carrier")), "carrier")})), parsed(t, `carrier > "M"`)))
	united := m(NewFilter(small, parsed(t, `name == "United"`)))
	chain := on(small, large, "carrier", "carrier", Inner)
	renamed := m(NewProject(chain, []expr.Expr{as(col("origin_1"), "from"), as(col("name"), "who"), col("carrier")}))
	first := m(NewAggregate(united, []expr.Expr{col("carrier")}, []expr.Expr{as(agg(expr.Min, col("name")), "name")}))
	checkRules(t, map[string]Node{
		"rotate_groups":      on(chain, late, "origin_1", "origin", Inner),
		"rotate_renamed":     on(renamed, late, "from", "origin", Inner),
		"rotate_semi":        on(renamed, united, "from", "origin", Semi),
		"rotate_anti":        on(renamed, small, "from", "origin", Anti),
		"rotate_inner":       on(on(large, small, "carrier", "carrier", Inner), m(NewAggregate(united, []expr.Expr{col("carrier")}, []expr.Expr{as(agg(expr.Max, col("name")), "name")})), "carrier", "carrier", Inner),
		"rotate_left":        on(on(large, small, "carrier", "carrier", Inner), united, "carrier", "carrier", Semi),
		"rotate_kept_many":   on(chain, united, "origin_1", "origin", Inner),
		"rotate_kept_all":    on(chain, m(NewDistinct(small, []string{"origin"})), "origin_1", "origin", Inner),
		"rotate_kept_left":   on(on(large, united, "carrier", "carrier", Inner), united, "carrier", "carrier", Semi),
		"rotate_kept_keys":   on(chain, late, "carrier", "carrier", Inner),
		"rotate_kept_unsure": on(on(m(NewScan(t.Context(), flights)), small, "carrier", "carrier", Inner), united, "carrier", "carrier", Semi),
		"rotate_kept_empty":  on(on(sized(flights, 0), first, "carrier", "carrier", Inner), first, "carrier", "carrier", Inner),
	}, "join build side first")
}

// TestEstimates are guesses over a file of 400 rows in whose column n the numbers from 0 on stand thrice each.
func TestEstimates(t *testing.T) {
	m := must(t)
	src, err := source.Open(t.Context(), []string{filepath.Join("..", "parquet", "testdata", "indexed.parquet")}, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	scan := m(NewScan(t.Context(), src))
	rows, ok := src.(source.Counted).EstimateRows()
	least, greatest, spans := source.Span(src, "n")
	if !ok || !spans || rows != 400 || greatest-least != 133 {
		t.Fatalf("%v rows, n from %v to %v", rows, least, greatest)
	}
	middle := int64((least + greatest) / 2)
	filter := func(e expr.Expr) Node { return m(NewFilter(scan, e)) }
	half := binary(expr.Less, col("n"), lit(middle))
	few := filter(binary(expr.Less, col("n"), lit(int64(least+(greatest-least)/10))))
	on := func(kind JoinKind) Node { return m(NewJoin(scan, few, []string{"n"}, []string{"n"}, kind, "")) }
	values := min(rows, greatest-least+1)
	for name, c := range map[string]struct {
		n    Node
		want float64
	}{
		"all":       {scan, rows},
		"half":      {filter(half), rows / 2},
		"not":       {filter(expr.Unary{Op: expr.Not, X: half}), rows / 2},
		"between":   {filter(binary(expr.And, binary(expr.GreaterEqual, col("n"), lit(middle)), binary(expr.Less, col("n"), lit(int64(least+(greatest-least)*0.75))))), rows / 4},
		"equal":     {filter(binary(expr.Equal, col("n"), lit(middle))), rows / values},
		"none":      {filter(binary(expr.Greater, col("n"), lit(int64(greatest+1)))), 0},
		"limit":     {m(NewLimit(scan, 7)), 7},
		"groups":    {m(NewAggregate(scan, []expr.Expr{col("n")}, nil)), values},
		"inner":     {on(Inner), rows * rows / 10 / values},
		"semi":      {on(Semi), rows * min(1, rows/10/values)},
		"projected": {m(NewFilter(m(NewProject(scan, []expr.Expr{as(col("n"), "x")})), binary(expr.Less, col("x"), lit(middle)))), rows / 2},
	} {
		e := estimator{known: map[Node]float64{}}
		if got := e.rows(c.n); !(math.Abs(got-c.want) <= 0.02*rows) {
			t.Errorf("%s: %v rows, want about %v", name, got, c.want)
		}
	}
}
