package expr

import (
	"testing"
	"time"
)

func TestWindowText(t *testing.T) {
	x, k := Column{"x"}, Column{"k"}
	for _, c := range []struct {
		e    Expr
		want string
	}{
		{Window{Func: RowNumber}, "row_number()"},
		{Window{Func: Ntile, N: 4, Order: []OrderKey{{x, true}}}, "over(ntile(4), order_by(desc(x)))"},
		{Window{Func: Lag, X: x, N: 1, Default: Literal{int64(0)}}, "lag(x, 1, 0)"},
		{Window{Func: "sum", X: x, By: []Expr{k, x}}, "over(sum(x), by(k, x))"},
		{Window{Func: "count"}, "over(count())"},
		{Window{Func: "corr", X: x, Args: []Expr{k}, By: []Expr{k}}, "over(corr(x, k), by(k))"},
		{Window{Func: "mean", X: x, Frame: &WindowFrame{RowsFrame, FrameBound{Offset: Literal{int64(-6)}}, FrameBound{Unbounded: true}}}, "over(mean(x), rows_between(-6, unbounded))"},
		{
			Window{Func: "sum", X: x, Order: []OrderKey{{k, false}}, Frame: &WindowFrame{RangeFrame, FrameBound{Offset: Literal{-time.Hour}}, FrameBound{Offset: Literal{0.5}}}},
			`over(sum(x), order_by(k), range_between(duration("-1h0m0s", "ns"), 0.5))`,
		},
		{FillForward(x), "over(last_value_ignore_nulls(x), rows_between(unbounded, 0))"},
		{Diff(x, -2), "x - lead(x, 2)"},
	} {
		if got := c.e.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		if back, err := Parse(c.want); err != nil {
			t.Error(err)
		} else if back.String() != c.want {
			t.Errorf("%s read back as %s", c.want, back)
		}
	}
}

func TestWindowSugar(t *testing.T) {
	for text, want := range map[string]string{
		"over(x / sum(x), k)":                 "x / over(sum(x), by(k))",
		"over(cum_max(x), by(k))":             "over(max(x), by(k), rows_between(unbounded, 0))",
		"over(diff(x), order_by(k))":          "x - over(lag(x, 1), order_by(k))",
		"over(first(x) + over(sum(x), k), y)": "over(first_value(x), by(y)) + over(sum(x), by(k))",
		"shift(x, -1)":                        "lead(x, 1)",
		"lag(x)":                              "lag(x, 1)",
	} {
		got, err := Parse(text)
		if err != nil {
			t.Error(err)
		} else if got.String() != want {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{
		"over(x, by(k))", "over()", "over(sum(x), rows_between(1))", "over(sum(x), rows_between(x, 1))", "ntile()", "lag()", "lag(x, y)",
		"over(rank(), rows_between(0, 1))", "by(x)", "over(cum_sum(x), rows_between(0, 1))", "row_number(x)", "diff()", "cum_sum(x, 2)",
	} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%s is %s", text, got)
		}
	}
}
