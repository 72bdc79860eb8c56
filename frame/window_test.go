package frame_test

import (
	"testing"

	. "github.com/rivulet-go/rivulet/frame"
)

func TestWindows(t *testing.T) {
	df := sample()
	for _, c := range []struct {
		name string
		f    *Frame
		want string
	}{
		{"row number", df.Select("carrier", RowNumber().Over("carrier").As("n")), `
carrier n
UA 1
AA 1
B6 1
UA 2
AA 2
UA 3`},
		{"order and ties", df.Select("distance", RowNumber().Over(OrderBy("distance")).As("n"), Rank().Over(OrderBy("distance")).As("r"),
			DenseRank().Over(OrderBy("distance")).As("d"), Sum("distance").Over(OrderBy("distance")).As("s")), `
distance n r d s
1400 5 5 4 5059
1089 3 3 3 3659
1576 6 6 5 6635
762 2 2 2 1481
1089 4 3 3 3659
719 1 1 1 719`},
		{"whole partition", df.Select("carrier", Sum("distance").Over(By("carrier")), Count("dep_delay").Over("carrier").As("c")), `
carrier distance_sum c
UA 2881 2
AA 2178 2
B6 1576 0
UA 2881 2
AA 2178 2
UA 2881 2`},
		{"shift and diff", df.Select(Col("distance").Shift(1).As("s"), Col("distance").Shift(-1).As("f"), Col("distance").Diff().As("d"), Lag("distance", 2, -1).As("l")), `
s f d l
<nil> 1089 <nil> -1
1400 1576 -311 -1
1089 762 487 1400
1576 1089 -814 1089
762 719 327 1576
1089 <nil> -370 762`},
		{"fill", df.Select("dep_delay", Col("dep_delay").FillForward().As("f"), Col("dep_delay").FillBackward().Over("carrier").As("b")), `
dep_delay f b
2 2 2
75.5 75.5 75.5
<nil> 75.5 <nil>
-4 -4 -4
33 33 33
<nil> 33 <nil>`},
		{"rolling", df.Select(Sum("distance").Over(RowsBetween(-1, 0)).As("s"), Max("distance").Over(RowsBetween(-1, 1)).As("m"), Mean("dep_delay").Over(RowsBetween(-1, 0)).As("a")), `
s m a
1400 1400 2
2489 1576 38.75
2665 1576 75.5
2338 1576 -4
1851 1089 14.5
1808 1089 33`},
		{"filter", df.Filter(RowNumber().Over("carrier", OrderBy(Desc("distance"))).Eq(1)).Select("carrier", "distance"), `
carrier distance
UA 1400
AA 1089
B6 1576`},
		{"text", df.WithColumn("share", "over(distance / sum(distance), by(carrier))").Select("share"), `
share
0.48594238111766747
0.5
1
0.26449149600833044
0.5
0.2495661228740021`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := "\n" + lines(t, c.f); got != c.want {
				t.Errorf("got%s\nwant%s\n%s", got, c.want, c.f.Explain())
			}
		})
	}
}
