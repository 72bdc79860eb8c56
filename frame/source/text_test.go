package source

import "testing"

// TestNextSplit wants small splits first and last, and whatever is wanted between.
func TestNextSplit(t *testing.T) {
	for _, c := range []struct{ want, most, last int64 }{
		{64 << 20, 64 << 20, 2 * defaultSplit}, {defaultSplit, defaultSplit, defaultSplit}, {512 << 10, 512 << 10, 512 << 10},
	} {
		var sizes []int64
		size, most := int64(0), int64(0)
		for left := int64(600 << 20); left > 0; left -= size {
			was := size
			size = nextSplit(was, c.want, left)
			if was > 0 && size > 2*was {
				t.Errorf("want %d: a split of %d after %d", c.want, size, was)
			}
			sizes, most = append(sizes, size), max(most, size)
		}
		if sizes[0] > firstSplit || most != c.most || sizes[len(sizes)-1] > c.last {
			t.Errorf("want %d: splits of %d", c.want, sizes)
		}
	}
}
