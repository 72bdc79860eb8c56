package kernel

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A Jupyter server drops output that comes faster than its limits: by default 3 MB of streams and 3000 messages within 3
// seconds. The pace stays below them by what their ways there may differ in.
const (
	paceWindow   = 3300 * time.Millisecond
	paceBytes    = 2_500_000
	paceMessages = 2_800
)

// pace counts what was published, as a server does.
type pace struct {
	mu    sync.Mutex
	sent  []sentMessage // within the window, oldest first
	bytes int           // of streams among them
}

type sentMessage struct {
	at    time.Time
	bytes int
}

// note counts a message of so many bytes. An idle status begins anew, as it does in the server.
func (p *pace) note(kind string, content any, bytes int, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch kind {
	case "status":
		if s, ok := content.(map[string]string); ok && s["execution_state"] == "idle" {
			p.sent, p.bytes = nil, 0
		}
		return
	case "execute_input", "comm_open":
		return
	}
	p.forget(now)
	if kind != "stream" {
		bytes = 0
	}
	p.sent = append(p.sent, sentMessage{now, bytes})
	p.bytes += bytes
}

func (p *pace) forget(now time.Time) {
	for len(p.sent) > 0 && now.Sub(p.sent[0].at) > paceWindow {
		p.bytes -= p.sent[0].bytes
		p.sent = p.sent[1:]
	}
}

// rest is how long the next message has to wait.
func (p *pace) rest(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(now)
	if len(p.sent) == 0 || p.bytes < paceBytes && len(p.sent) < paceMessages {
		return 0
	}
	return p.sent[0].at.Add(paceWindow).Sub(now) + time.Millisecond
}

// throttle holds the output of a cell back while a subscriber lags far behind, and where its front end is in a browser,
// behind a server, for that one's limits. An interrupted cell is let out.
func (c *cell) throttle() {
	k := c.kernel
	k.throttle()
	if !c.request.behindServer() {
		return
	}
	for {
		rest := k.pace.rest(time.Now())
		if rest <= 0 || errors.Is(context.Cause(c.ctx), ErrInterrupted) {
			return
		}
		interrupted := c.ctx.Done()
		if c.ctx.Err() != nil {
			interrupted = nil // late output of a cell that has ended
		}
		select {
		case <-time.After(rest):
		case <-interrupted:
		case <-k.done.Done():
			return
		}
	}
}

// behindServer says whether a request came from a front end in a browser: they leave the name of the user to others, where
// clients on the kernel's own sockets give it.
func (r *request) behindServer() bool { return r.Username == "" }
