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

func TestGroupBeforeJoin(t *testing.T) {
	m := must(t)
	sized := func(s named, rows float64) Node {
		s.rows = rows
		return m(NewScan(t.Context(), s))
	}
	// Of the many flights there are some for each airline's name.
	flown := m(NewJoin(sized(flights, 1e7), sized(airlines, 1e3), []string{"carrier"}, []string{"carrier"}, Left, "_of"))
	few := m(NewJoin(sized(flights, 9e4), sized(airlines, 1e3), []string{"carrier"}, []string{"carrier"}, Left, "_of"))
	places := sized(named{name: "places.csv", schema: schemaOf("place", str, "zone", i64)}, 1e4)
	counted := func(left, right Node, kind JoinKind, aggs ...expr.Expr) Node {
		j := m(NewJoin(left, right, []string{"place"}, []string{"name"}, kind, "_r"))
		return m(NewAggregate(j, []expr.Expr{col("zone")}, aggs))
	}
	count, most := as(agg(expr.Count, nil), "n"), as(agg(expr.Max, binary(expr.Add, col("delay"), lit(int64(1)))), "most")
	checkRules(t, map[string]Node{
		"eager_left":         counted(places, flown, Left, count, as(agg(expr.Count, col("delay")), "delays"), most),
		"eager_inner":        counted(places, flown, Inner, count, as(agg(expr.Sum, col("delay")), "total")),
		"eager_kept_float":   counted(places, flown, Inner, as(agg(expr.Sum, col("distance")), "total")),
		"eager_kept_both":    counted(places, flown, Inner, as(agg(expr.Max, binary(expr.Add, col("delay"), col("zone"))), "most")),
		"eager_kept_others":  counted(places, flown, Left, as(agg(expr.Mean, col("delay")), "mean")),
		"eager_kept_reduced": counted(m(NewFilter(places, parsed(t, "zone == 3"))), flown, Left, count),
		"eager_kept_few":     counted(places, few, Left, count),
	}, "group before join")
}

func TestReduceJoins(t *testing.T) {
	m := must(t)
	sized := func(s named, rows float64) Node {
		s.rows = rows
		return m(NewScan(t.Context(), s))
	}
	filter := func(in Node, text string) Node { return m(NewFilter(in, parsed(t, text))) }
	on := func(left, right Node, kind JoinKind) Node {
		return m(NewJoin(left, right, []string{"carrier"}, []string{"carrier"}, kind, "_r"))
	}
	few, many := filter(sized(airlines, 1e6), `name == "A" && origin == "EWR"`), sized(flights, 1e7)
	late := m(NewProject(filter(many, "late"), []expr.Expr{col("carrier"), col("delay")}))
	checkRules(t, map[string]Node{
		"reduced_semi":        on(few, late, Semi),
		"reduced_anti":        on(few, many, Anti),
		"reduced_left":        on(few, late, Left),
		"reduced_once":        on(on(few, late, Semi), many, Anti),
		"reduced_kept_inner":  on(few, late, Inner),
		"reduced_kept_full":   on(few, late, Full),
		"reduced_kept_all":    on(sized(airlines, 1e6), many, Semi),
		"reduced_kept_common": on(filter(sized(airlines, 1e6), `name > "A"`), many, Semi),
		"reduced_kept_small":  on(few, sized(flights, 5e4), Semi),
		"reduced_kept_groups": on(few, m(NewAggregate(many, []expr.Expr{col("carrier")}, nil)), Semi),
	}, ReducedRule)
}
