package plan

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/source"
)

// parsed is a condition written as in a cell.
func parsed(t testing.TB, text string) expr.Expr {
	t.Helper()
	e, err := expr.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// checkRules compares plans with golden files, in which rule fires is checked.
func checkRules(t *testing.T, cases map[string]Node, rule string) {
	t.Helper()
	for name, n := range cases {
		t.Run(name, func(t *testing.T) {
			if err := sameSchema(Optimize(n), n); err != "" {
				t.Error(err)
			}
			text := "plan\n" + Tree(n) + "optimised\n" + Tree(Optimize(n))
			golden(t, filepath.Join("testdata", "rules", name+".txt"), text)
			if fires := !slices.Contains(keeps, name); slices.Contains(Fired(n), rule) != fires {
				t.Errorf("%q fires: %v, want %v", rule, !fires, fires)
			}
		})
	}
}

// keeps are the plans that their rule leaves as they are.
var keeps = []string{
	"fold_nothing", "push_guarded", "infer_computed", "keys_full", "keys_both", "empty_preview", "empty_left",
	"sort_kept_groups", "sort_kept_first", "sort_kept_floats", "sort_kept_ties", "sort_kept_join", "distinct_part", "distinct_pairs",
	"build_kept_small", "build_kept_left", "build_kept_equal", "build_kept_order", "build_kept_unsure",
	"reduced_kept_inner", "reduced_kept_full", "reduced_kept_all", "reduced_kept_common", "reduced_kept_small", "reduced_kept_groups",
	"eager_kept_float", "eager_kept_both", "eager_kept_others", "eager_kept_reduced", "eager_kept_few",
	"sides_kept_one", "sides_kept_guarded", "sides_kept_left", "sides_kept_wide",
	"common_kept_bare", "common_kept_common", "common_kept_small", "common_kept_first", "common_kept_source", "common_kept_column",
	"codes_kept_rows", "codes_kept_few", "codes_kept_computed",
	"unscale_kept_read", "unscale_kept_filter", "unscale_kept_key", "unscale_kept_compared", "unscale_kept_joined",
	"rotate_kept_many", "rotate_kept_all", "rotate_kept_left", "rotate_kept_keys", "rotate_kept_unsure", "rotate_kept_empty",
}

func TestFoldConstants(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	filter := func(text string) Node { return m(NewFilter(scan, parsed(t, text))) }
	checkRules(t, map[string]Node{
		"fold_arithmetic": filter(`delay > 60 * 2 && origin == upper("ewr")`),
		"fold_logic":      filter(`late && (1 < 2) || delay > 5 && 1 > 2`),
		"fold_not":        filter(`!(delay > 5) && !(!late)`),
		"fold_names":      m(NewProject(scan, []expr.Expr{parsed(t, "delay + (1 + 2)"), parsed(t, "1 + 2")})),
		"fold_aggregate":  m(NewAggregate(scan, []expr.Expr{parsed(t, "delay + (2 * 30)")}, []expr.Expr{parsed(t, "sum(distance * (1 + 1))")})),
		"fold_nothing":    filter(`delay > 5 || distance / air_time > 1`),
	}, "fold constants")
}

func TestPushParts(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	other := m(NewScan(t.Context(), airlines))
	joined := m(NewJoin(scan, other, []string{"carrier"}, []string{"carrier"}, Inner, ""))
	counted := m(NewAggregate(scan, []expr.Expr{col("carrier"), as(col("origin"), "from")}, []expr.Expr{agg(expr.Count, nil)}))
	distinct := m(NewDistinct(scan, []string{"carrier"}))
	checkRules(t, map[string]Node{
		"push_parts":    m(NewFilter(joined, parsed(t, `delay > 60 && origin_right == "EWR" && name < origin`))),
		"push_groups":   m(NewFilter(counted, parsed(t, `from == "EWR" && count > 3`))),
		"push_distinct": m(NewFilter(distinct, parsed(t, `carrier == "UA" && delay > 3`))),
		"push_all":      m(NewFilter(m(NewDistinct(scan, nil)), parsed(t, `delay > 3`))),
		"push_guarded":  m(NewFilter(joined, parsed(t, `name < origin && int(origin_right) > 3`))),
	}, "push filter")
}

func TestInferFilters(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	filter := func(in Node, text string) Node { return m(NewFilter(in, parsed(t, text))) }
	checkRules(t, map[string]Node{
		"infer_range":      filter(scan, `delay > 5 && delay > 3 && delay != 2 && delay <= 9`),
		"infer_below":      filter(m(NewAggregate(filter(scan, `delay >= 5`), []expr.Expr{as(col("delay"), "d")}, nil)), `d > 3 && is_not_null(d)`),
		"infer_null":       filter(scan, `like(origin, "E%") && is_not_null(origin)`),
		"infer_excluded":   filter(scan, `delay > 5 && late && delay <= 5`),
		"infer_null_twice": filter(scan, `is_null(delay) && delay != 5`),
		"infer_twice":      filter(scan, `late && delay > distance && delay > distance`),
		"infer_unknown":    filter(scan, `delay > nil`),
		"infer_computed":   filter(scan, `delay + 1 > 5 && delay + 1 > 3 && delay > 5.5 && delay > 3.5`),
	}, "drop implied filter")
	other := m(NewScan(t.Context(), airlines))
	on := func(left, right Node, kind JoinKind) Node {
		return m(NewJoin(left, right, []string{"carrier"}, []string{"carrier"}, kind, ""))
	}
	few := filter(scan, `carrier == "UA" && late`)
	named := filter(other, `is_in(carrier, "UA", "AA") && like(name, "A%")`)
	checkRules(t, map[string]Node{
		"keys_inner": on(few, other, Inner),
		"keys_right": on(scan, named, Inner),
		"keys_above": filter(on(scan, other, Left), `carrier > "M"`),
		"keys_both":  on(few, filter(other, `carrier == "UA"`), Semi),
		"keys_anti":  on(few, other, Anti),
		"keys_full":  on(few, named, Full),
	}, "infer key filter")
}

func TestInferSides(t *testing.T) {
	m := must(t)
	scan, other := m(NewScan(t.Context(), flights)), m(NewScan(t.Context(), airlines))
	on := func(kind JoinKind, text string) Node {
		return m(NewFilter(m(NewJoin(scan, other, []string{"carrier"}, []string{"carrier"}, kind, "_other")), parsed(t, text)))
	}
	checkRules(t, map[string]Node{
		"sides_both":         on(Inner, `origin == "EWR" && name == "A" && delay < distance || origin == "JFK" && origin_other == "B"`),
		"sides_left":         on(Left, `origin == "EWR" && name == "A" || origin == "JFK" && name == "B"`),
		"sides_kept_one":     on(Inner, `origin == "EWR" && name == "A" || origin == name`),
		"sides_kept_guarded": on(Inner, `origin == "EWR" && int(name) > 3 || origin != name && int(name) > 4`),
		"sides_kept_left":    on(Left, `origin == "EWR" && name == "A" || delay > distance * air_time && name == "B"`),
		"sides_kept_wide":    on(Inner, `delay > 3 && name == "A" || delay > 5 && origin == name`),
	}, "infer side filter")
}

func TestDropEmpty(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	other := m(NewScan(t.Context(), airlines))
	none := m(NewFilter(scan, lit(false)))
	on := func(left, right Node, kind JoinKind) Node {
		return m(NewJoin(left, right, []string{"carrier"}, []string{"carrier"}, kind, ""))
	}
	checkRules(t, map[string]Node{
		"empty_plan":    m(NewSort(m(NewAggregate(on(none, other, Left), []expr.Expr{col("name")}, []expr.Expr{agg(expr.Count, nil)})), []SortKey{{X: col("count")}})),
		"empty_total":   m(NewAggregate(none, nil, []expr.Expr{agg(expr.Count, nil)})),
		"empty_inner":   on(other, none, Inner),
		"empty_anti":    on(other, none, Anti),
		"empty_left":    on(other, m(NewScan(t.Context(), airlines)), Left),
		"empty_preview": m(NewPreview(other, 20)),
	}, "drop empty input")
}

func TestDropSorts(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	other := m(NewScan(t.Context(), airlines))
	sorted := func(in Node, keys ...string) Node {
		var list []SortKey
		for _, k := range keys {
			list = append(list, SortKey{X: col(k)})
		}
		return m(NewSort(in, list))
	}
	byDelay := sorted(scan, "delay")
	count := func(in Node, aggs ...string) Node {
		list := []expr.Expr{agg(expr.Count, nil)}
		for _, a := range aggs {
			list = append(list, parsed(t, a))
		}
		return m(NewAggregate(in, []expr.Expr{col("carrier"), col("origin")}, list))
	}
	on := func(left, right Node, kind JoinKind) Node {
		return m(NewJoin(left, right, []string{"carrier"}, []string{"carrier"}, kind, ""))
	}
	top := m(NewLimit(byDelay, 9))
	checkRules(t, map[string]Node{
		"sort_total":       m(NewAggregate(byDelay, nil, []expr.Expr{agg(expr.Count, nil), agg(expr.Max, col("distance")), agg(expr.Sum, col("delay"))})),
		"sort_groups":      sorted(count(on(m(NewFilter(byDelay, col("late"))), sorted(other, "name"), Inner)), "origin", "count", "carrier"),
		"sort_semi":        on(scan, sorted(other, "name"), Semi),
		"sort_top":         sorted(m(NewProject(top, []expr.Expr{as(col("delay"), "d"), col("origin")})), "d"),
		"sort_kept_groups": count(byDelay),
		"sort_kept_first":  m(NewAggregate(byDelay, nil, []expr.Expr{agg(expr.First, col("origin"))})),
		"sort_kept_floats": sorted(count(byDelay, "sum(distance)"), "origin", "carrier"),
		"sort_kept_ties":   m(NewLimit(sorted(count(byDelay), "count"), 3)),
		"sort_kept_join":   sorted(on(byDelay, other, Inner), "delay"),
	}, "drop sort")
	checkRules(t, map[string]Node{
		"sort_again": sorted(m(NewFilter(sorted(scan, "delay", "distance"), parsed(t, `late && distance + delay > 3`))), "delay"),
		"sort_sorts": sorted(sorted(scan, "distance", "delay", "origin"), "delay", "late"),
	}, "merge sorts")
}

func TestDropDistinct(t *testing.T) {
	m := must(t)
	scan := m(NewScan(t.Context(), flights))
	other := m(NewScan(t.Context(), airlines))
	groups := m(NewAggregate(scan, []expr.Expr{col("carrier"), as(col("origin"), "from")}, []expr.Expr{agg(expr.Count, nil)}))
	distinct := func(in Node, names ...string) Node { return m(NewDistinct(in, names)) }
	on := func(left, right Node, kind JoinKind) Node {
		return m(NewJoin(left, right, []string{"carrier"}, []string{"carrier"}, kind, ""))
	}
	carriers := distinct(other, "carrier")
	checkRules(t, map[string]Node{
		"distinct_groups": distinct(m(NewProject(groups, []expr.Expr{as(col("carrier"), "c"), col("from"), col("count")})), "c", "from"),
		"distinct_twice":  distinct(m(NewFilter(carriers, parsed(t, `name > "M"`)))),
		"distinct_join":   distinct(on(groups, carriers, Left), "from", "carrier", "count"),
		"distinct_right":  distinct(on(carriers, groups, Inner), "from", "carrier"),
		"distinct_semi":   on(scan, distinct(m(NewProject(other, []expr.Expr{col("carrier"), col("name")}))), Anti),
		"distinct_part":   distinct(groups, "carrier"),
		"distinct_pairs":  distinct(on(groups, m(NewDistinct(other, nil)), Inner), "from", "carrier"),
	}, "drop distinct")
}

// held is a source that codes its text.
type held struct{ named }

func (s held) Coded(columns []string) source.Source {
	if len(columns) == 0 {
		return nil
	}
	return s.named
}

func TestCodeText(t *testing.T) {
	m := must(t)
	scan, other := m(NewScan(t.Context(), held{flights})), m(NewScan(t.Context(), held{airlines}))
	named := m(NewProject(scan, []expr.Expr{as(col("carrier"), "by"), as(col("origin"), "airport"), col("delay")}))
	byName := []SortKey{{X: col("by")}}
	number := expr.Window{Func: expr.RowNumber, By: []expr.Expr{col("by")}}
	checkRules(t, map[string]Node{
		"codes_group":         m(NewAggregate(named, []expr.Expr{col("by")}, []expr.Expr{agg(expr.Sum, col("delay"))})),
		"codes_operand":       m(NewAggregate(named, nil, []expr.Expr{agg(expr.Max, col("airport"))})),
		"codes_join":          m(NewJoin(named, other, []string{"by"}, []string{"carrier"}, Inner, "")),
		"codes_above":         m(NewDistinct(m(NewJoin(named, other, []string{"by"}, []string{"carrier"}, Left, "")), []string{"name"})),
		"codes_sort":          m(NewSort(named, []SortKey{{X: col("delay")}})),
		"codes_distinct":      m(NewDistinct(named, nil)),
		"codes_window":        m(NewProject(named, []expr.Expr{col("airport"), as(number, "n")})),
		"codes_kept_rows":     m(NewLimit(m(NewSort(named, byName)), 5)),
		"codes_kept_few":      m(NewSort(m(NewFilter(named, parsed(t, "delay > 3"))), byName)),
		"codes_kept_computed": m(NewDistinct(m(NewProject(scan, []expr.Expr{as(parsed(t, "upper(carrier)"), "c")})), nil)),
	}, "code text")
}
