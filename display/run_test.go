package display

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// counting is a computation of n steps: each adds ten rows and covers ten bytes more.
func counting(t testing.TB, n int, step time.Duration, stop error) Watcher {
	mem := checked(t)
	return watchFunc(func(ctx context.Context, yield func(batch.Snapshot, error) bool) {
		for k := range int64(n) {
			select {
			case <-time.After(step):
			case <-ctx.Done():
				yield(batch.Snapshot{}, ctx.Err())
				return
			}
			s := batch.Snapshot{
				Record: ints(mem, k*10, k*10+10), Rows: k*10 + 10, Final: stop == nil && k == int64(n)-1,
				Covered:  []batch.Span{{Input: "x.csv", Start: 0, End: k*10 + 10}},
				Progress: batch.Progress{Splits: int(k) + 1, SplitsTotal: n, Rows: k*10 + 10, Elapsed: time.Duration(k+1) * step},
			}
			if !yield(s, nil) {
				return
			}
		}
		if stop != nil {
			yield(batch.Snapshot{}, stop)
		}
	})
}

func runWith(ctx context.Context, s *fakeSurface, w Watcher, p *pacer) error {
	d := newDrawing(s, "id", s.Result)
	d.updates, d.lines = p, &pacer{}
	return d.run(ctx, func(ctx context.Context) { d.produce(w.Watch(ctx, int(watchRows()))) })
}

func TestRunPaceAndFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSurface{live: true}
		start := time.Now()
		if err := runWith(t.Context(), s, counting(t, 500, 10*time.Millisecond, nil), &pacer{}); err != nil {
			t.Fatal(err)
		}
		if len(s.sent) < 12 || len(s.sent) > 21 {
			t.Errorf("%d displays in 5 s", len(s.sent))
		}
		first, last := s.sent[0], s.sent[len(s.sent)-1]
		if first.call != "result" || first.id != "id" || first.at.Sub(start) > 30*time.Millisecond {
			t.Errorf("first: %s %q after %v", first.call, first.id, first.at.Sub(start))
		}
		checkRate(t, s.sent[1:])
		rows := int64(0)
		for i, d := range s.sent {
			m := rivulet(d.b)
			if i > 0 && d.call != "update" || d.id != "id" || m["seq"] != i+1 {
				t.Errorf("display %d: %s %q seq %v", i, d.call, d.id, m["seq"])
			}
			covered := m["covered"].([][]any)
			if m["rows"].(int64) <= rows || covered[0][2] != m["rows"] {
				t.Errorf("display %d: rows %v after %d, covered %v", i, m["rows"], rows, covered)
			}
			rows = m["rows"].(int64)
		}
		if rivulet(last.b)["final"] != true || rows != 5000 {
			t.Errorf("last: %v", rivulet(last.b))
		}
		if strings.Contains(last.b.Data["text/html"].(string), "progress") {
			t.Error("the final state has a progress bar")
		}
	})
}

// checkRate fails where more than four updates leave in some second.
func checkRate(t *testing.T, all []sent) {
	t.Helper()
	for i := range all {
		if i+4 < len(all) && all[i+4].at.Sub(all[i].at) < time.Second {
			t.Errorf("five updates in %v", all[i+4].at.Sub(all[i].at))
		}
	}
}

func TestRunSharesThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pacer{}
		one, two := &fakeSurface{live: true}, &fakeSurface{live: true}
		done := make(chan error)
		go func() { done <- runWith(t.Context(), one, counting(t, 300, 10*time.Millisecond, nil), p) }()
		go func() { done <- runWith(t.Context(), two, counting(t, 300, 10*time.Millisecond, nil), p) }()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		var all []sent
		for a, b := one.sent[1:], two.sent[1:]; len(a)+len(b) > 0; {
			if len(b) == 0 || len(a) > 0 && a[0].at.Before(b[0].at) {
				all, a = append(all, a[0]), a[1:]
			} else {
				all, b = append(all, b[0]), b[1:]
			}
		}
		checkRate(t, all)
		for _, s := range []*fakeSurface{one, two} {
			if rivulet(s.last())["final"] != true {
				t.Error("a final state is missing")
			}
		}
	})
}

// A result that is complete at once is drawn once.
func TestRunShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSurface{live: true}
		if err := runWith(t.Context(), s, counting(t, 3, time.Millisecond, nil), &pacer{}); err != nil {
			t.Fatal(err)
		}
		if len(s.sent) != 1 || rivulet(s.sent[0].b)["final"] != true || s.sent[0].call != "result" {
			t.Errorf("sent %+v", s.sent)
		}
	})
}

func TestRunInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSurface{live: true}
		ctx, cancel := context.WithTimeout(t.Context(), 1005*time.Millisecond)
		defer cancel()
		start := time.Now()
		err := runWith(ctx, s, counting(t, 400, 10*time.Millisecond, nil), &pacer{})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err %v", err)
		}
		if d := time.Since(start); d > 1300*time.Millisecond {
			t.Errorf("ended after %v", d)
		}
		last := s.last()
		text := last.Data["text/plain"].(string)
		if !strings.Contains(text, "1,000 rows × 1 column so far") ||
			!strings.Contains(text, "partial: interrupted after 25 % of the input") || rivulet(last)["final"] != false {
			t.Errorf("last: %s", text)
		}
		if strings.Contains(last.Data["text/html"].(string), "<progress") {
			t.Error("an interrupted result still has a progress bar")
		}
	})
}

func TestRunInterruptedBeforeAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSurface{live: true}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := runWith(ctx, s, counting(t, 4, time.Hour, nil), &pacer{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("err %v", err)
		}
		if len(s.sent) != 0 {
			t.Errorf("sent %+v", s.sent)
		}
	})
}

func TestRunError(t *testing.T) {
	boom := errors.New("flights.csv: row 12, column \"x\": <bad>")
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSurface{live: true}
		if err := runWith(t.Context(), s, counting(t, 100, 10*time.Millisecond, boom), &pacer{}); !errors.Is(err, boom) {
			t.Errorf("err %v", err)
		}
		last := s.last().Data
		if text := last["text/plain"].(string); !strings.Contains(text, boom.Error()) || !strings.Contains(text, "partial") {
			t.Errorf("text %s", text)
		}
		if html := last["text/html"].(string); !strings.Contains(html, "&lt;bad&gt;") {
			t.Errorf("html %s", html)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSurface{live: true}
		if err := runWith(t.Context(), s, counting(t, 0, 0, boom), &pacer{}); !errors.Is(err, boom) || len(s.sent) != 0 {
			t.Errorf("err %v, sent %+v", err, s.sent)
		}
	})
}

func TestRunPanicAndEarlyEnd(t *testing.T) {
	for name, w := range map[string]Watcher{
		"panic: boom": watchFunc(func(context.Context, func(batch.Snapshot, error) bool) { panic("boom") }),
		"before it":   watchFunc(func(context.Context, func(batch.Snapshot, error) bool) {}),
	} {
		if err := runWith(t.Context(), &fakeSurface{live: true}, w, &pacer{}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: err %v", name, err)
		}
	}
}

func TestRunTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSurface{}
		if err := runWith(t.Context(), s, counting(t, 200, 10*time.Millisecond, nil), &pacer{}); err != nil {
			t.Fatal(err)
		}
		if len(s.sent) != 1 || s.sent[0].call != "result" || s.sent[0].id != "" || rivulet(s.sent[0].b)["final"] != true {
			t.Errorf("sent %+v", s.sent)
		}
		if n := len(s.lines); n < 5 || n > 9 || s.lines[n-1] != "" {
			t.Errorf("lines %q", s.lines)
		}
		if !strings.Contains(s.lines[1], "% · ") || !strings.Contains(s.lines[1], "of 200 splits") {
			t.Errorf("line %q", s.lines[1])
		}
	})
}

// The producer is stopped and waited for where the surface is gone.
func TestRunSurfaceFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("pipe closed")
		s := &fakeSurface{live: true, fail: gone}
		if err := runWith(t.Context(), s, counting(t, 200, 10*time.Millisecond, nil), &pacer{}); !errors.Is(err, gone) {
			t.Errorf("err %v", err)
		}
		if len(s.sent) != 1 {
			t.Errorf("%d displays", len(s.sent))
		}
	})
}

func TestRunSlowClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &fakeSurface{live: true, slowness: 500 * time.Millisecond}
		if err := runWith(t.Context(), s, counting(t, 1000, 10*time.Millisecond, nil), &pacer{}); err != nil {
			t.Fatal(err)
		}
		if n := len(s.sent); n < 4 || n > 7 || rivulet(s.last())["final"] != true {
			t.Errorf("%d displays in 10 s to a client that takes 0.5 s for each", n)
		}
	})
}
