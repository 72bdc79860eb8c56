package exec

import "sync/atomic"

// Usage is what an operator takes of the process's resources. It may be read and written at any time.
type Usage struct{ held, peak, spilled atomic.Int64 }

// Peak is the most bytes that the operator held at once of the memory budget.
func (u *Usage) Peak() int64 { return u.peak.Load() }

// Spilled is how many bytes it wrote to files that it has closed.
func (u *Usage) Spilled() int64 { return u.spilled.Load() }

func (u *Usage) hold(more int64) {
	if u == nil {
		return
	}
	held := u.held.Add(more)
	for peak := u.peak.Load(); held > peak && !u.peak.CompareAndSwap(peak, held); peak = u.peak.Load() {
	}
}

func (u *Usage) spill(bytes int64) {
	if u != nil {
		u.spilled.Add(bytes)
	}
}

// Metered is the environment of one operator, whose usage goes to u; nil meters nothing.
func (e *Env) Metered(u *Usage) *Env {
	if u == nil {
		return e
	}
	own := *e
	own.usage = u
	return &own
}
