package memory

import (
	"fmt"
	"sync"
)

// Reservation is one holder's share of a budget. It is safe for concurrent use.
type Reservation struct {
	budget *Budget
	name   string
	mu     sync.Mutex
	size   int64
}

// NewReservation makes an empty reservation; name tells who asks, in errors.
func (b *Budget) NewReservation(name string) *Reservation {
	return &Reservation{budget: b, name: name}
}

// Resize makes the reservation n bytes. An error wraps ErrBudget and leaves it as it was.
func (r *Reservation) Resize(n int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resize(n)
}

// Grow adds n bytes. An error wraps ErrBudget and leaves the reservation as it was.
func (r *Reservation) Grow(n int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.resize(r.size + n)
}

func (r *Reservation) resize(n int64) error {
	n = max(n, 0)
	if n <= r.size {
		r.budget.Release(r.size - n)
		r.size = n
		return nil
	}
	if err := r.budget.Reserve(n - r.size); err != nil {
		return fmt.Errorf("%s: %w", r.name, err)
	}
	r.size = n
	return nil
}

// Size is the bytes reserved.
func (r *Reservation) Size() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.size
}

// Release gives everything back; the reservation can be used again.
func (r *Reservation) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.budget.Release(r.size)
	r.size = 0
}
