package source

import (
	"context"
	"iter"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// leastSplits is how many splits there are of a file, where it has so many row groups, however large splits should be.
const leastSplits = 8

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

// joined puts row groups together to splits of want bytes; total is the bytes of the file.
func joined(splits iter.Seq2[Split, error], want, total int64) iter.Seq2[Split, error] {
	want = min(want, total/leastSplits)
	return func(yield func(Split, error) bool) {
		var held rowGroups
		give := func() bool {
			out := held
			held = nil
			switch len(out) {
			case 0:
				return true
			case 1:
				return yield(out[0], nil)
			}
			return yield(out, nil)
		}
		for split, err := range splits {
			g, ok := split.(*rowGroup)
			if err != nil || !ok {
				if !give() || !yield(split, err) || err != nil {
					return
				}
				continue
			}
			held = append(held, g)
			if held.Stored() >= want && !give() {
				return
			}
		}
		give()
	}
}
