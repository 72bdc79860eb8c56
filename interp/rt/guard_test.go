package rt

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func TestReadsPanics(t *testing.T) {
	if known := runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"; known != readsPanics {
		t.Errorf("the values of panics are read: %v", readsPanics)
	}
	if v := panicking(); v != nil {
		t.Errorf("no panic, but %v", v)
	}
}

func TestGuardedValue(t *testing.T) {
	r := New()
	var got any
	r.Panicked = func(v any) { got = v }
	f := r.GuardedValue(func(n int) (string, error) {
		if n < 0 {
			panic("negative")
		}
		return "text", errors.New("failed")
	}).(func(int) (string, error))
	if s, err := f(1); s != "text" || err == nil || got != nil {
		t.Errorf("%q, %v; panic %v", s, err, got)
	}
	if s, err := f(-1); s != "" || err != nil || got != "negative" {
		t.Errorf("%q, %v; panic %v", s, err, got)
	}
	if x := r.GuardedValue(3); x != 3 {
		t.Errorf("%v of a number", x)
	}
	if r.GuardedValue((func())(nil)).(func()) != nil || r.Guarded(nil) != nil || r.GuardedValue(nil) != nil {
		t.Error("nil")
	}
}

// TestSettle has a goroutine let others go on while it panics.
func TestSettle(t *testing.T) {
	r := New()
	var known atomic.Bool
	r.Panicked = func(any) { known.Store(true) }
	done := make(chan bool)
	r.Go(func() {
		d := r.NewDefers()
		d.Push(func() { close(done); time.Sleep(10 * time.Millisecond) })
		r.Protect(d, func() { panic("late") })
	})
	<-done
	r.Settle(time.Minute)
	if !known.Load() {
		t.Error("the panic is not known")
	}
	r.unwinding.Store(uintptr(0), nil) // of one that compiled code recovered
	r.Settle(time.Millisecond)
	r.Settle(time.Hour)
}

// TestUncaught panics out of functions that are not interpreted, in goroutines of both kinds.
func TestUncaught(t *testing.T) {
	r := New()
	ask := func(f func(func())) (v any, uncaught bool) {
		done := make(chan bool)
		go func() {
			defer close(done)
			f(func() { v, uncaught = r.Uncaught() })
		}()
		<-done
		return v, uncaught
	}
	dies := func(look func()) {
		defer func() { recover(); look() }()
		panic("dies")
	}
	if v, uncaught := ask(dies); v != "dies" || !uncaught {
		t.Errorf("%v, %v", v, uncaught)
	}
	if v, uncaught := ask(func(look func()) { r.guard(func() { dies(look) }) }); uncaught {
		t.Errorf("%v is taken care of", v)
	}
}
