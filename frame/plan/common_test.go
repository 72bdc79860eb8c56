package plan

import (
	"fmt"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
)

func TestShareSubplans(t *testing.T) {
	m := must(t)
	sized := func(s named, rows float64) Node {
		s.rows = rows
		return m(NewScan(t.Context(), s))
	}
	scan, unknown := sized(flights, 1e6), m(NewScan(t.Context(), flights))
	names := sized(airlines, 1e3)
	filter := func(in Node, text string) Node { return m(NewFilter(in, parsed(t, text))) }
	joins := 0
	on := func(left, right Node, kind JoinKind) Node {
		joins++
		return m(NewJoin(left, right, []string{"carrier"}, []string{"carrier"}, kind, fmt.Sprint("_", joins)))
	}
	named := func() Node {
		return m(NewJoin(scan, filter(names, `like(name, "A%")`), []string{"carrier"}, []string{"carrier"}, Semi, ""))
	}
	most := func(in Node, column string) Node {
		return m(NewAggregate(in, []expr.Expr{col("carrier")}, []expr.Expr{as(agg(expr.Max, col(column)), "most")}))
	}
	joined := named()
	late := filter(scan, `delay > 5 && delay < 9 && late`)
	far := m(NewProject(scan, []expr.Expr{col("carrier"), as(parsed(t, "distance * 2"), "far")}))
	total := most(joined, "delay")
	checkRules(t, map[string]Node{
		"common_join":     on(joined, most(joined, "delay"), Inner),
		"common_equal":    on(named(), most(named(), "delay"), Inner),
		"common_columns":  m(NewProject(on(joined, most(joined, "delay"), Inner), []expr.Expr{col("most"), col("distance")})),
		"common_filters":  on(filter(joined, `delay > 3`), most(filter(joined, `origin == "EWR" && delay > 0`), "distance"), Inner),
		"common_filtered": on(filter(joined, `delay > 3`), most(joined, "distance"), Inner),
		"common_nested":   on(on(total, most(joined, "air_time"), Inner), filter(total, `most > 3`), Semi),
		"common_scan":     on(late, most(late, "delay"), Inner),
		"common_unknown":  on(most(unknown, "delay"), filter(most(unknown, "delay"), `most > 3`), Semi),
		"common_group":    m(NewLimit(on(total, filter(total, `most > 3`), Semi), 5)),

		"common_kept_bare":   on(scan, most(m(NewProject(scan, []expr.Expr{col("carrier"), as(col("delay"), "d")})), "d"), Inner),
		"common_kept_common": on(filter(scan, `delay > 3`), most(filter(scan, `delay > 3`), "delay"), Inner),
		"common_kept_small":  on(filter(names, `origin == "EWR"`), filter(names, `origin == "EWR"`), Semi),
		"common_kept_first":  m(NewLimit(on(joined, most(joined, "delay"), Left), 5)),
		"common_kept_source": on(most(scan, "delay"), filter(most(sized(flights, 1e7), "delay"), `most > 3`), Semi),
		"common_kept_column": on(far, most(far, "far"), Inner),
	}, SharedRule)
}

// Explain says which stage's rows are read twice.
func TestExplainShared(t *testing.T) {
	m := must(t)
	large := flights
	large.rows = 1e6
	groups := m(NewAggregate(m(NewScan(t.Context(), large)), []expr.Expr{col("carrier")}, []expr.Expr{as(agg(expr.Sum, col("delay")), "total")}))
	most := m(NewAggregate(groups, nil, []expr.Expr{as(agg(expr.Max, col("total")), "most")}))
	golden(t, "testdata/common.txt", Explain(m(NewJoin(groups, most, []string{"total"}, []string{"most"}, Semi, ""))))
}
