package frame_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	. "github.com/rivulet-go/rivulet/frame"
)

func TestJoinKinds(t *testing.T) {
	left := New(map[string]any{"k": []any{1, 2, nil, 4}, "a": []string{"w", "x", "y", "z"}, "n": []int{5, 50, 5, 5}})
	right := New(map[string]any{"id": []any{2, 2, nil, 7}, "b": []float64{10, 20, 30, 40}, "n": []int{1, 60, 1, 1}})
	on := On("k", "id")
	for _, c := range []struct {
		name string
		got  *Frame
		want string
	}{
		{"right", left.Join(right, on, "right").Select("k", "a", "b", "n_right"), "2 x 10 1; 2 x 20 60; null null 30 1; 7 null 40 1"},
		{"full", left.Join(right, on, "full").Select("k", "a", "b"), "1 w null; 2 x 10; 2 x 20; null y null; 4 z null; null null 30; 7 null 40"},
		{"semi", left.Join(right, on, "semi").Select("k", "a"), "2 x"},
		{"anti", left.Join(right, on, "anti").Select("k", "a"), "1 w; null y; 4 z"},
		{"cross", left.Head(2).Join(right.Head(2), nil, "cross").Select("k", "id", "n_right"), "1 2 1; 1 2 60; 2 2 1; 2 2 60"},
		{"expression", left.Join(right, On("k * 2", Col("id").Mul(2))).Select("k", "id", "b"), "2 2 10; 2 2 20"},
		{"where", left.Join(right, on.Where("n < n_right"), "left").Select("k", "b"), "1 null; 2 20; null null; 4 null"},
		{"where right", left.Join(right, on.Where("n < n_right"), "right").Select("k", "a", "b"), "2 null 10; 2 x 20; null null 30; 7 null 40"},
		{"where full", left.Join(right, on.Where("n < n_right"), "full").Select("k", "a", "b"), "1 w null; 2 x 20; null y null; 4 z null; 2 null 10; null null 30; 7 null 40"},
		{"where semi", left.Join(right, Where("n > n_right && a < \"z\""), "semi").Select("a"), "w; x; y"},
		{"where anti", left.Join(right, Where(Col("n").Gt(Col("n_right"))), "anti").Select("a"), ""},
		{"columns", left.Join(right, on, "anti"), "w 1 5; y null 5; z 4 5"},
	} {
		got, err := rowTexts(c.got)
		if err != nil || got != c.want {
			t.Errorf("%s: got %s (%v) want %s", c.name, got, err, c.want)
		}
	}
	for want, f := range map[string]*Frame{
		`Join: a cross join has no keys: give nil for them`:                     left.Join(right, "k", "cross"),
		`Join: left side: unknown column "no"`:                                  left.Join(right, On("no", "id")),
		`Join: unknown column "nope"`:                                           left.Join(right, on.Where("nope > 1")),
		`Join: n + 1 is int64, not a condition`:                                 left.Join(right, on.Where("n + 1"), "left"),
		`Join: no keys given`:                                                   left.Join(right, nil, "left"),
		`Join: column "k" is int64 on the left, "b" is float64 on the right: c`: left.Join(right, On("k", "b")),
	} {
		if err := f.Err(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v want %s", err, want)
		}
	}
}

// rowTexts are the values of a frame, row by row.
func rowTexts(f *Frame) (string, error) {
	var rows []string
	err := f.Each(func(r Row) error {
		var cells []string
		for _, c := range f.Columns() {
			cells = append(cells, "null")
			if !r.IsNull(c) {
				cells[len(cells)-1] = fmt.Sprint(r.Value(c))
			}
		}
		rows = append(rows, strings.Join(cells, " "))
		return nil
	})
	return strings.Join(rows, "; "), err
}

func TestJoinAsOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	side := func(n int) (on []any, keys []string, ids []int) {
		for i := range n {
			var at any = float64(rng.IntN(60)) / 2
			if rng.IntN(9) == 0 {
				at = []any{nil, math.NaN(), math.Copysign(0, -1)}[rng.IntN(3)]
			}
			on, keys, ids = append(on, at), append(keys, string(rune('a'+rng.IntN(3)))), append(ids, i)
		}
		return on, keys, ids
	}
	for _, n := range []int{1, 40, 300} {
		on, keys, ids := side(200)
		otherOn, otherKeys, otherIDs := side(n)
		left := New(map[string]any{"at": append(on, 1.5), "k": append(keys, "z"), "id": append(ids, 200)})
		right := New(map[string]any{"at": append(otherOn, nil), "k": append(otherKeys, "a"), "row": append(otherIDs, n)})
		for _, direction := range []string{"backward", "forward", "nearest"} {
			for _, within := range []float64{-1, 0, 2} {
				options := []AsOf{Same("k"), Direction(direction)}
				if within >= 0 {
					options = append(options, Within(within))
				}
				got, err := rowTexts(left.JoinAsOf(right, "at", options...).Select("id", "row"))
				var want []string
				for i := range on {
					want = append(want, fmt.Sprint(i, " ", asOfPartner(on[i], keys[i], otherOn, otherKeys, direction, within)))
				}
				want = append(want, "200 null")
				if err != nil || got != strings.Join(want, "; ") {
					t.Errorf("%d rows, %s within %v: got %s (%v) want %s", n, direction, within, got, err, want)
				}
			}
		}
	}
}

// asOfPartner looks at every row.
func asOfPartner(at any, key string, others []any, keys []string, direction string, within float64) string {
	best, distance := "null", math.Inf(1)
	x, ok := at.(float64)
	found := false
	for i, o := range others {
		y, there := o.(float64)
		d := math.Abs(x - y)
		if x == y {
			d = 0
		}
		if !ok || !there || keys[i] != key || x != x || y != y || within >= 0 && d > within {
			continue
		}
		if direction == "backward" && y > x || direction == "forward" && y < x {
			continue
		}
		// Of equal rows the last counts looking back, the first looking forward, and looking both ways the last of the earlier ones.
		later := y <= x && direction != "forward"
		if !found || d < distance || d == distance && later {
			best, distance, found = fmt.Sprint(i), d, true
		}
	}
	return best
}

func TestJoinAsOfErrors(t *testing.T) {
	f := New(map[string]any{"at": []time.Time{time.Unix(0, 0)}, "n": []int{1}, "s": []string{"x"}})
	for want, got := range map[string]*Frame{
		`JoinAsOf: left side: unknown column "no"`:                                           f.JoinAsOf(f, "no"),
		`JoinAsOf: one column orders the rows, not 2; name keys in Same`:                     f.JoinAsOf(f, []string{"at", "n"}),
		`JoinAsOf: the tolerance of timestamp[`:                                              f.JoinAsOf(f, "at", Within(3)),
		`JoinAsOf: the tolerance of int64 columns is an int, not a time.Duration`:            f.JoinAsOf(f, "n", Within(time.Second)),
		`JoinAsOf: the tolerance is -3, less than 0`:                                         f.JoinAsOf(f, "n", Within(-3)),
		`JoinAsOf: column "s" is utf8; it has to be a number, a date, a timestamp or a dura`: f.JoinAsOf(f, "s"),
		`JoinAsOf: unknown direction "up"; directions: backward, forward, nearest`:           f.JoinAsOf(f, "n", Direction("up")),
		`JoinAsOf: column "at" is timestamp[`:                                                f.JoinAsOf(f, On("at", "n")),
	} {
		if err := got.Err(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v want %s", err, want)
		}
	}
}

// TestJoinSidesInMemory: which side a join holds goes by the rows that frames in memory have.
func TestJoinSidesInMemory(t *testing.T) {
	few := New(planes(200)).Select("Plane", "Delay as few")
	many := New(planes(120_000))
	joined := few.Join(many, "Plane").Agg(Count().As("n"), Sum("Delay").As("late"))
	if e := joined.Explain(); !strings.Contains(e, "build side") {
		t.Errorf("the larger side is held:\n%s", e)
	}
	if got, want := lines(t, joined), lines(t, many.Join(few, "Plane").Agg(Count().As("n"), Sum("Delay").As("late"))); got != want {
		t.Errorf("%s\nthe other way round\n%s", got, want)
	}
}
