package zmtp

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

const (
	// DefaultQueueBytes is where a Publisher begins to wait for a subscriber.
	DefaultQueueBytes = 64 << 20
	// DefaultStallAfter is how long a subscriber with a full queue may read nothing before it is disconnected.
	DefaultStallAfter = 2 * time.Second

	maxTopics = 1024
)

var errTopics = fmt.Errorf("more than %d subscriptions: %w", maxTopics, ErrTooLarge)

// Publisher is a PUB socket. All subscribers see the messages in the order of Publish, each through its own queue.
type Publisher struct {
	*Server
	QueueBytes int64         // set before the first Publish
	StallAfter time.Duration // set before the first Publish
}

// NewPublisher listens on endpoint.
func NewPublisher(endpoint string, c Config) (*Publisher, error) {
	c.Type = zmq4.Pub
	c.Handle = subscription
	c.Limits = Limits{FrameBytes: commandLimitBytes, MessageBytes: commandLimitBytes, Frames: 16}
	s, err := Listen(endpoint, c)
	if err != nil {
		return nil, err
	}
	return &Publisher{Server: s, QueueBytes: DefaultQueueBytes, StallAfter: DefaultStallAfter}, nil
}

// Publish queues m for the subscribers of its first frame. It never waits; see Throttle.
func (b *Publisher) Publish(m Message) error {
	if len(m) == 0 {
		return errors.New("publish: empty message")
	}
	topic := string(m[0])
	b.mu.Lock() // held over all subscribers: concurrent messages have one order
	defer b.mu.Unlock()
	if b.closed {
		return ErrClosed
	}
	for p := range b.peers {
		if p.topics.match(topic) && !b.drop(p) {
			_ = p.Send(m)
		}
	}
	return nil
}

// Throttle waits while a subscriber's queue is full and still moves. Whoever produces much calls it before Publish;
// a subscriber that has stopped reading is disconnected, so one cannot hold up the others.
func (b *Publisher) Throttle(ctx context.Context) {
	for b.full() {
		select {
		case <-ctx.Done():
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (b *Publisher) full() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	full := false
	for p := range b.peers {
		full = full || p.QueuedBytes() > b.QueueBytes && !b.drop(p)
	}
	return full
}

// drop disconnects and forgets a subscriber whose queue is full and stands still. The caller holds b.mu.
func (b *Publisher) drop(p *Peer) bool {
	if p.QueuedBytes() <= b.QueueBytes || !p.stalled(b.StallAfter) {
		return false
	}
	b.config.Logger.Warn("subscriber disconnected", "peer", p.raw.RemoteAddr(), "cause", "it has stopped reading",
		"queued", p.QueuedBytes(), "limit", b.QueueBytes)
	p.kill()
	delete(b.peers, p)
	return true
}

// Subscribed waits until n peers subscribe to topic; it is for tests and for callers that must not lose a beginning.
func (b *Publisher) Subscribed(ctx context.Context, topic string, n int) error {
	for {
		if b.count(topic) >= n {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
}

func (b *Publisher) count(topic string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for p := range b.peers {
		if p.topics.match(topic) {
			n++
		}
	}
	return n
}

// subscription handles the messages of ZMTP 3.0 subscribers: 1 and a prefix to subscribe, 0 and a prefix to cancel.
func subscription(p *Peer, m Message) {
	if len(m) != 1 || len(m[0]) == 0 {
		return
	}
	prefix := string(m[0][1:])
	switch m[0][0] {
	case 0:
		p.topics.remove(prefix)
	case 1:
		if p.subscribe(prefix) != nil {
			p.kill()
		}
	}
}

// subscribe queues the welcome and adds the topic as one step for Publish: the welcome comes first, and nothing that is
// published after its arrival is missed.
func (p *Peer) subscribe(prefix string) error {
	var first Message
	if p.welcome != nil {
		first = p.welcome(prefix)
	}
	p.topics.mu.Lock()
	defer p.topics.mu.Unlock()
	if first != nil {
		if err := p.Send(first); err != nil {
			return err
		}
	}
	return p.topics.add(prefix)
}

// topics are the prefixes that a peer subscribes to, each counted, as ZeroMQ does.
type topics struct {
	mu    sync.RWMutex
	count map[string]int
}

// add counts a subscription; the caller holds t.mu.
func (t *topics) add(prefix string) error {
	if t.count == nil {
		t.count = map[string]int{}
	}
	if len(t.count) >= maxTopics {
		return errTopics
	}
	t.count[prefix]++
	return nil
}

func (t *topics) remove(prefix string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch n := t.count[prefix]; {
	case n > 1:
		t.count[prefix] = n - 1
	case n == 1:
		delete(t.count, prefix)
	}
}

func (t *topics) match(topic string) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	for prefix := range t.count {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return false
}
