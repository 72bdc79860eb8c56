package source

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// leastSplits is how many splits there are of a file, where it has so many row groups, however large splits should be.
const leastSplits = 8

// lastSplits is into how many splits at least what is left of a file goes.
const lastSplits = 4

// rowGroups is a split of several row groups of a file, for files whose row groups are small: what lanes make of a split, they make of each.
type rowGroups []*rowGroup

func (s rowGroups) Span() batch.Span {
	span := s[0].Span()
	for _, g := range s[1:] {
		span.End += g.rows
	}
	return span
}

func (s rowGroups) Stored() (bytes int64) {
	for _, g := range s {
		bytes += g.stored
	}
	return bytes
}

func (s rowGroups) Close() {}

func (s rowGroups) Open(ctx context.Context, columns []string, limit int64) batch.Stream {
	return func(yield func(arrow.Record, error) bool) {
		left := limit
		for _, g := range s {
			for rec, err := range g.Open(ctx, columns, left) {
				if rec != nil {
					left -= rec.NumRows()
				}
				if !yield(rec, err) || err != nil {
					return
				}
			}
			if limit > 0 && left <= 0 {
				return
			}
		}
	}
}

// joined puts row groups together to splits of want bytes. Towards the end they become smaller, so that no lane works long on the last
// while the others have nothing to do.
func (s rowGroups) joined(want int64) iter.Seq[Split] {
	return func(yield func(Split) bool) {
		left := s.Stored()
		want = min(want, left/leastSplits)
		for len(s) > 0 {
			n, bytes := 1, s[0].stored
			for n < len(s) && bytes < min(want, left/lastSplits) {
				bytes += s[n].stored
				n++
			}
			split := Split(s[:n:n])
			if n == 1 {
				split = s[0]
			}
			if !yield(split) {
				return
			}
			left -= bytes
			s = s[n:]
		}
	}
}
