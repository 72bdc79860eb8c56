package frame_test

import (
	"fmt"
	"strings"
	"testing"

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
