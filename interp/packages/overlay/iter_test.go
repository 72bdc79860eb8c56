package overlay_test

import (
	realiter "iter"
	"maps"
	"runtime"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/interp/packages/overlay/iter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestPull(t *testing.T) {
	next, stop := iter.Pull(count(3))
	defer stop()
	for i := range 5 {
		v, ok := next()
		if want := i < 3; ok != want || want && v != i || !want && v != 0 {
			t.Errorf("%d: got %d %v", i, v, ok)
		}
	}
}

func TestPullStops(t *testing.T) {
	ended := false
	next, stop := iter.Pull(func(yield func(int) bool) {
		defer func() { ended = true }()
		for yield(1) {
		}
	})
	next()
	stop()
	stop()
	if v, ok := next(); ok || v != 0 || !ended {
		t.Errorf("got %d %v after stop, ended %v", v, ok, ended)
	}
	_, stop = iter.Pull(func(func(int) bool) { t.Error("ran, though next was not called") })
	stop()
}

func TestPull2(t *testing.T) {
	got := map[string]int{}
	next, stop := iter.Pull2(iter.Seq2[string, int](maps.All(map[string]int{"a": 1, "b": 2})))
	defer stop()
	for k, v, ok := next(); ok; k, v, ok = next() {
		got[k] = v
	}
	if !maps.Equal(got, map[string]int{"a": 1, "b": 2}) {
		t.Errorf("got %v", got)
	}
	if k, v, ok := next(); k != "" || v != 0 || ok {
		t.Errorf("got %q %d %v at the end", k, v, ok)
	}
}

func TestPullPanics(t *testing.T) {
	next, stop := iter.Pull(func(yield func(int) bool) {
		yield(1)
		panic("in the sequence")
	})
	defer stop()
	next()
	if p := panicOf(func() { next() }); p != "in the sequence" {
		t.Errorf("panic %v", p)
	}
	if _, ok := next(); ok {
		t.Error("goes on after a panic")
	}
}

func TestPullGoexit(t *testing.T) {
	var done bool
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		next, stop := iter.Pull(func(func(int) bool) { runtime.Goexit() })
		defer stop()
		next()
		done = true
	}()
	<-finished
	if done {
		t.Error("next returned")
	}
}

// A sequence may pull another one.
func TestPullNested(t *testing.T) {
	sums := func(yield func(int) bool) {
		next, stop := iter.Pull(count(4))
		defer stop()
		sum := 0
		for v, ok := next(); ok; v, ok = next() {
			if sum += v; !yield(sum) {
				return
			}
		}
	}
	var got []int
	next, stop := iter.Pull(sums)
	defer stop()
	for v, ok := next(); ok; v, ok = next() {
		got = append(got, v)
	}
	if !slices.Equal(got, []int{0, 1, 3, 6}) {
		t.Errorf("got %v", got)
	}
}

func BenchmarkPull(b *testing.B) {
	endless := func(yield func(int) bool) {
		for yield(1) {
		}
	}
	b.Run("overlay", func(b *testing.B) {
		next, stop := iter.Pull(endless)
		defer stop()
		for b.Loop() {
			next()
		}
	})
	b.Run("compiled", func(b *testing.B) {
		next, stop := realiter.Pull(endless)
		defer stop()
		for b.Loop() {
			next()
		}
	})
}
