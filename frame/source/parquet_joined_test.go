package source

import (
	"slices"
	"testing"
)

func TestSplitsBecomeSmallerTowardsTheEnd(t *testing.T) {
	for _, test := range []struct {
		name   string
		stored []int64 // of row groups
		want   int64
		rows   []int // row groups of each split
	}{
		{"none", nil, 10, nil},
		{"one", []int64{100}, 10, []int{1}},
		{"larger than is wanted", slices.Repeat([]int64{22}, 10), 20, slices.Repeat([]int{1}, 10)},
		{"a little smaller", slices.Repeat([]int64{22}, 10), 100, []int{2, 2, 2, 1, 1, 1, 1}},
		{"small", slices.Repeat([]int64{4}, 50), 1000, []int{7, 7, 7, 7, 6, 4, 3, 3, 2, 1, 1, 1, 1}},
		{"empty ones", make([]int64, 3), 10, []int{1, 1, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var groups rowGroups
			for i, bytes := range test.stored {
				groups = append(groups, &rowGroup{index: i, stored: bytes})
			}
			var got []int
			next := 0
			for split := range groups.joined(test.want) {
				parts, ok := split.(rowGroups)
				if !ok {
					parts = rowGroups{split.(*rowGroup)}
				}
				for _, g := range parts {
					if g.index != next {
						t.Fatalf("row group %d comes after %d", g.index, next-1)
					}
					next++
				}
				got = append(got, len(parts))
			}
			if !slices.Equal(got, test.rows) || next != len(test.stored) {
				t.Errorf("splits of %v row groups, not %v", got, test.rows)
			}
		})
	}
}
