package zmtp

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/go-zeromq/zmq4"
)

// routerQueueBytes is what a client that does not read its replies may make the server hold.
const routerQueueBytes = 64 << 20

// Router is a ROUTER socket: every message comes with its peer, and messages go to one peer.
type Router struct{ *Server }

// NewRouter listens on endpoint.
func NewRouter(endpoint string, c Config) (*Router, error) {
	c.Type = zmq4.Router
	s, err := Listen(endpoint, c)
	if err != nil {
		return nil, err
	}
	return &Router{s}, nil
}

// Reply queues m for the peer p, or for the one that has its identity now where p has gone: it may have reconnected.
func (r *Router) Reply(p *Peer, m Message) error {
	if r.send(p, m) == nil {
		return nil
	}
	return r.Send(p.identity, m)
}

// Send queues m for the peer that took the identity last; ErrClosed where there is none.
func (r *Router) Send(identity string, m Message) error {
	p, _ := r.lookup(identity)
	if p == nil {
		return fmt.Errorf("%s: peer %q: %w", r.config.Name, identity, ErrClosed)
	}
	return r.send(p, m)
}

func (r *Router) send(p *Peer, m Message) error {
	if p.QueuedBytes() > routerQueueBytes {
		r.config.Logger.Warn("peer disconnected", "cause", "it does not read its replies", "queued", p.QueuedBytes())
		p.kill()
	}
	return p.Send(m)
}

// SendWait is Send, but waits until ctx ends for the peer to connect.
func (r *Router) SendWait(ctx context.Context, identity string, m Message) error {
	for {
		p, changed := r.lookup(identity)
		if p != nil {
			return r.Send(identity, m)
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("%s: peer %q: %w", r.config.Name, identity, ErrClosed)
		}
	}
}

// echoQueueBytes is where an Echo stops reading from a peer that does not take its answers.
const echoQueueBytes = 1 << 20

// Echo is a REP socket that answers every request with itself, such as a heartbeat.
type Echo struct{ *Server }

// NewEcho listens on endpoint. The envelope of a request returns with it, so REQ and DEALER peers are served alike.
func NewEcho(endpoint string, c Config) (*Echo, error) {
	c.Type = zmq4.Rep
	c.Limits = Limits{FrameBytes: echoQueueBytes, MessageBytes: echoQueueBytes, Frames: 64}
	c.Handle = func(p *Peer, m Message) {
		_ = p.Send(m)
		for p.QueuedBytes() > echoQueueBytes {
			select {
			case <-p.dead:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	s, err := Listen(endpoint, c)
	if err != nil {
		return nil, err
	}
	return &Echo{s}, nil
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
