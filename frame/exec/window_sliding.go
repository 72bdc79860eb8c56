package exec

import (
	"context"
	"errors"
	"fmt"
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
)

// sliding folds the states of the rows of a frame that moves. Nothing is ever taken away from a state: floats would drift,
// and an infinity would never leave. The rows of the frame are in two stacks: front holds, for each row up to mid, the
// fold from it to mid; back holds the rows after mid and their fold. When front is used up, back becomes front: each row
// is folded twice at most (https://en.wikipedia.org/wiki/Queue_(abstract_data_type) of two stacks). A frame that only
// grows needs no stacks.
type sliding[S any] struct {
	merge   func(a, b S) S
	growing bool
	span    span
	whole   S   // of the rows from mid on
	front   []S // the last is the fold from span.lo to mid
	back    []S
	reserve reserveFunc
	f       *windowFunc
	held    int64
}

func newSliding[S any](frame windowFrame, merge func(a, b S) S, reserve reserveFunc, f *windowFunc) *sliding[S] {
	return &sliding[S]{merge: merge, growing: frame.growing(), reserve: reserve, f: f}
}

// move gives the fold of the rows [lo, hi), of which neither end goes back.
func (s *sliding[S]) move(lo, hi int, at func(row int) S) (S, error) {
	var zero S
	if s.span.jump(lo) {
		s.whole, s.front, s.back = zero, s.front[:0], s.back[:0]
	}
	for ; s.span.hi < hi; s.span.hi++ {
		state := at(s.span.hi)
		s.whole = s.merge(s.whole, state)
		if s.growing {
			continue
		}
		if len(s.back) == cap(s.back) {
			if err := s.grow(); err != nil {
				return zero, err
			}
		}
		s.back = append(s.back, state)
	}
	if s.growing {
		return s.whole, nil
	}
	for ; s.span.lo < lo; s.span.lo++ {
		if len(s.front) == 0 {
			s.turn()
		}
		s.front = s.front[:len(s.front)-1]
	}
	if len(s.front) == 0 {
		return s.whole, nil
	}
	return s.merge(s.front[len(s.front)-1], s.whole), nil
}

// turn makes the back the front.
func (s *sliding[S]) turn() {
	var fold S
	s.front, s.back = s.back, s.front
	for i, j := 0, len(s.front)-1; i < j; i, j = i+1, j-1 {
		s.front[i], s.front[j] = s.front[j], s.front[i]
	}
	for i, state := range s.front {
		fold = s.merge(state, fold)
		s.front[i] = fold
	}
	var zero S
	s.back, s.whole = s.back[:0], zero
}

// grow asks for the memory of twice the rows.
func (s *sliding[S]) grow() error {
	var zero S
	return s.ask(int64(2*max(64, cap(s.back))+cap(s.front)) * int64(unsafe.Sizeof(zero)))
}

func (s *sliding[S]) ask(bytes int64) error {
	if err := askMore(s.reserve, &s.held, bytes, s.f); err != nil {
		return err
	}
	return nil
}

// askMore makes what a function holds n bytes.
func askMore(reserve reserveFunc, held *int64, n int64, f *windowFunc) error {
	if reserve == nil || n <= *held {
		return nil
	}
	if err := reserve(n - *held); err != nil {
		if errors.Is(err, memory.ErrBudget) {
			return fmt.Errorf("window: %s: its frame takes %s of memory (make the frame smaller, or end it at the current row): %w",
				f.Window, memory.FormatSize(n), err)
		}
		return err
	}
	*held = n
	return nil
}

// moments is count, mean and sum of squared differences from it
// (https://en.wikipedia.org/wiki/Algorithms_for_calculating_variance#Parallel_algorithm).
type moments struct {
	count    float64
	mean, m2 float64
}

func mergeMoments(a, b moments) moments {
	switch {
	case a.count == 0:
		return b
	case b.count == 0:
		return a
	}
	n := a.count + b.count
	delta := b.mean - a.mean
	return moments{n, a.mean + delta*b.count/n, a.m2 + b.m2 + delta*delta*a.count*b.count/n}
}

// momentEval is standard deviation and variance, of a sample or a population.
type momentEval struct {
	env  *Env
	f    *windowFunc
	fold *sliding[moments]
	add  wordCursor
}

func newMomentEval(env *Env, f *windowFunc, frame windowFrame, rows *sortedRows, reserve reserveFunc) windowEval {
	return &momentEval{env: env, f: f, add: newWordCursor(rows, f.operand), fold: newSliding(frame, mergeMoments, reserve, f)}
}

func (e *momentEval) close() { e.add.close() }

func (e *momentEval) eval(_ context.Context, b *windowBlock) (arrow.Array, error) {
	lo, hi := b.lo[e.f.frame], b.hi[e.f.frame]
	out := newFixedColumn[float64](e.env.Mem, b.rows())
	agg := expr.AggFunc(e.f.Func)
	root := agg == expr.Std || agg == expr.StdPop
	lost := 1.0 // degrees of freedom
	if agg == expr.StdPop || agg == expr.VarPop {
		lost = 0
	}
	var err error
	guarded(out, func() {
		for i := range out.values {
			s, failed := e.fold.move(lo[i], hi[i], func(row int) moments {
				if word, null := e.add.at(row); !null {
					return moments{1, wordFloat(word), 0}
				}
				return moments{}
			})
			if failed != nil {
				err = failed
				return
			}
			if s.count <= lost {
				out.null(i)
				continue
			}
			out.values[i] = s.m2 / (s.count - lost)
			if root {
				out.values[i] = math.Sqrt(out.values[i])
			}
		}
	})
	if err != nil {
		out.drop()
		return nil, err
	}
	return out.array(e.f.dt), nil
}
