package expr

import (
	"reflect"
	"testing"
)

func mustParse(t *testing.T, src string) Expr {
	t.Helper()
	e, err := Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestName(t *testing.T) {
	for src, want := range map[string]string{
		"x": "x", `as(x + 1, "y")`: "y", "sum(x)": "x_sum", "count()": "count", "count(x)": "x_count", "sum(x * 2)": "sum(x * 2)",
		"x + 1": "x + 1", `mean(as(x + 1, "y"))`: "y_mean", `col("a b")`: "a b",
	} {
		if got := Name(mustParse(t, src)); got != want {
			t.Errorf("%s: got %q, want %q", src, got, want)
		}
	}
}

func TestColumns(t *testing.T) {
	got := Columns(mustParse(t, "b + sum(a) * when(c, b)"), mustParse(t, "d + a"))
	if want := []string{"b", "a", "c", "d"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSplitAggregates(t *testing.T) {
	for _, c := range []struct {
		src  string
		aggs []string
		rest string
	}{
		{"sum(x) / count()", []string{"sum(x)", "count()"}, `as(col("sum(x)") / col("count()"), "sum(x) / count()")`},
		{`as(max(x) - min(x), "range")`, []string{"max(x)", "min(x)"}, `as(col("max(x)") - col("min(x)"), "range")`},
		{"sum(x)", []string{"sum(x)"}, `as(col("sum(x)"), "x_sum")`},
		{"when(sum(x) > 0, sum(x), float(k))", []string{"sum(x)"}, `as(when(col("sum(x)") > 0, col("sum(x)"), float(k)), "when(sum(x) > 0, sum(x), float(k))")`},
		{"k + 1", nil, `as(k + 1, "k + 1")`},
	} {
		aggs, rest := SplitAggregates(mustParse(t, c.src))
		var names []string
		for _, a := range aggs {
			names = append(names, AggregateColumn(a))
		}
		if !reflect.DeepEqual(names, c.aggs) || rest.String() != c.rest {
			t.Errorf("%s: got %v, %s", c.src, names, rest)
		}
	}
}

func TestRewrite(t *testing.T) {
	e := mustParse(t, "when(a > 1, lower(b), -a == int(b), sum(a), b)")
	got := Rewrite(e, func(e Expr) Expr {
		if c, ok := e.(Column); ok {
			return Column{c.Name + "2"}
		}
		return e
	})
	if want := "when(a2 > 1, lower(b2), -a2 == int(b2), sum(a2), b2)"; got.String() != want {
		t.Errorf("got %s", got)
	}
	if e.String() != "when(a > 1, lower(b), -a == int(b), sum(a), b)" {
		t.Errorf("the expression was changed: %s", e)
	}
}
