package display

import (
	"context"
	"sync"
	"time"
)

const (
	// window and most are the law: at most four updates in any second, for the whole process.
	window = time.Second
	most   = 4
	// spacing of ordinary updates leaves one place in every window to a final state, which then need not wait.
	spacing = 334 * time.Millisecond
)

// pacer hands out the moments at which updates may leave. It is safe for concurrent use.
type pacer struct {
	mu   sync.Mutex
	sent []time.Time // at most the last four
	slow time.Duration
}

var updates, progressLines pacer

// wait returns when an update may leave, and counts it. A final state waits only where the window is full.
func (p *pacer) wait(ctx context.Context, final bool) error {
	for {
		d := p.take(final)
		if d <= 0 {
			return nil
		}
		t := time.NewTimer(d)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		}
	}
}

// take counts an update now, or says how long to wait before asking again.
func (p *pacer) take(final bool) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	room, gap := most, time.Duration(0)
	if !final {
		room, gap = most-1, max(spacing, p.slow)
	}
	var d time.Duration
	if n := len(p.sent); n > 0 {
		d = p.sent[n-1].Add(gap).Sub(now)
		if n >= room {
			d = max(d, p.sent[n-room].Add(window).Sub(now))
		}
	}
	if d > 0 {
		return d
	}
	if p.sent = append(p.sent, now); len(p.sent) > most {
		p.sent = append(p.sent[:0], p.sent[1:]...)
	}
	return 0
}

// took tells how long the last update took to leave: a client that lags gets fewer.
func (p *pacer) took(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.slow = min(4*d, 5*time.Second)
}
