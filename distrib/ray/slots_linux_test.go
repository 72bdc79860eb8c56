package ray

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Two blocks of any size lie in slots at once, more as long as they are small; each that is credited makes room, once.
func TestSlots(t *testing.T) {
	var s slots
	full := func(bytes int) bool {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, number, err := s.take(ctx, bytes)
		if err == nil {
			s.credit(number)
		}
		return errors.Is(err, context.DeadlineExceeded)
	}
	take := func(bytes int) int {
		_, number, err := s.take(t.Context(), bytes)
		if err != nil {
			t.Fatal(err)
		}
		return number
	}
	s.begin()
	first, second := take(50<<20), take(50<<20)
	if first == second || !full(1) {
		t.Errorf("slots %d and %d; full for a third: %v", first, second, full(1))
	}
	s.credit(first)
	s.credit(first) // late
	if again := take(50 << 20); again != first || !full(1) {
		t.Errorf("slot %d again; full: %v", again, full(1))
	}
	s.begin()
	taken := map[int]bool{}
	for range slotCount {
		taken[take(1<<20)] = true
	}
	if len(taken) != slotCount || !full(1) {
		t.Errorf("small blocks in %d slots; full: %v", len(taken), full(1))
	}
	for number := range taken {
		s.credit(number)
	}
	if take(15 << 20); full(1<<20) || full(2<<20) {
		t.Error("full for a second block")
	}
	if take(1 << 20); full(0) || !full(1) {
		t.Error("a third block beside 16 MiB")
	}
	go func() {
		time.Sleep(5 * time.Millisecond)
		s.credit(0)
	}()
	take(1) // waits
}
