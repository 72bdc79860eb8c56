package frame_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	. "github.com/rivulet-go/rivulet/frame"
)

// measure is a row of whole numbers, floats and text, with nulls.
type measure struct {
	X *int
	Y float64
	S string
}

func measures() []measure {
	list := make([]measure, 5000)
	for i := range list {
		x := i%97 - 40
		list[i] = measure{X: &x, Y: float64(i) / 8, S: fmt.Sprint(i % 50)}
		if i%11 == 0 {
			list[i].X = nil
		}
		if i%7 == 0 {
			list[i].S = ""
		}
	}
	return list
}

// TestSharedExpressions computes in Go what plans with common expressions give.
func TestSharedExpressions(t *testing.T) {
	rows := measures()
	df := New(rows)
	sum, count, most := 0.0, 0, math.Inf(-1)
	var products strings.Builder
	products.WriteString("p q\n")
	numbers := 0
	for _, r := range rows {
		if r.S != "" {
			var n int
			fmt.Sscan(r.S, &n)
			if n+1 > 10 {
				numbers += (n+1)*2 + n + 1
			}
		}
		if r.X == nil {
			continue
		}
		if e := float64(*r.X*2) + r.Y; e > 50 {
			sum, count, most = sum+e, count+1, max(most, e)
			if *r.X > 50 && e < 100 {
				fmt.Fprintf(&products, "%v %v\n", e*e, e-1)
			}
		}
	}
	e := "X * 2 + Y"
	for _, c := range []struct {
		name string
		df   *Frame
		want string
	}{
		{
			"filter and aggregate",
			df.Filter(e+" > 50").Agg(Count().As("n"), "sum("+e+") as s", "max("+e+") as m"),
			fmt.Sprintf("n s m\n%v %v %v", count, sum, most),
		},
		{
			"filters and projection",
			df.Filter(e+" > 50").Filter("X > 50 && "+e+" < 100").Select("("+e+") * ("+e+") as p", "("+e+") - 1 as q"),
			strings.TrimSuffix(products.String(), "\n"),
		},
		{
			"what a condition guards",
			df.Filter(`S != "" && int(S) + 1 > 10`).Select("int(S) + 1 as a", "(int(S) + 1) * 2 as b").Agg("sum(a + b) as s"),
			fmt.Sprintf("s\n%d", numbers),
		},
		{
			"filter alone",
			df.Filter("X * 2 + Y > 50 || X * 2 + Y < -90").Filter("X * 2 + Y <= 50").Agg(Count().As("n")),
			"n\n0",
		},
		{
			"a column of that name",
			df.WithColumn(e, "1").Filter(e+" > 50").Agg("sum("+e+") as s", `sum(col("`+e+`")) as n`),
			fmt.Sprintf("s n\n%v %v", sum, count),
		},
		{
			"zeros of both signs",
			df.Head(1).Select("(Y + 1) * 0.0 as a", "(Y + 1) * -0.0 as b", "1 / ((Y + 1) * -0.0) as c"),
			"a b c\n0 -0 -Inf",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := lines(t, c.df); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
