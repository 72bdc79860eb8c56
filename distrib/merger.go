package distrib

import (
	"context"
	"fmt"
	"sync"
)

// window is how many splits a lane may be ahead of the one that is consumed. It bounds work that a limit throws away.
const window = 64

// merger puts the blocks of a stage's lanes in order: by split, then by sequence. A lane that is ahead waits while it
// holds more than its share of unconsumed bytes; the consumer empties the lane that has the lowest split, so that one
// always goes on.
type merger struct {
	mu      sync.Mutex
	changed sync.Cond
	share   int64 // bytes that one lane may have unconsumed
	splits  map[int]*pending
	head    int           // the split being consumed
	held    map[int]int64 // unconsumed bytes by lane
	waiting map[int]int   // unconsumed blocks by lane that the budget had no room for
	lanes   int           // running
	open    bool          // nobody waits
	closed  bool
	err     error // an error that has no place in the order
}

// pending is what has arrived of one split.
type pending struct {
	next   int // sequence of the next block to consume
	blocks map[int]arrived
	err    error
	errSeq int
}

type arrived struct {
	ref  Ref
	lane int
}

func newMerger(lanes int, shareBytes int64) *merger {
	m := &merger{
		share: shareBytes, lanes: lanes,
		splits: map[int]*pending{}, held: map[int]int64{}, waiting: map[int]int{},
	}
	m.changed.L = &m.mu
	return m
}

func (m *merger) split(i int) *pending {
	p := m.splits[i]
	if p == nil {
		p = &pending{blocks: map[int]arrived{}}
		m.splits[i] = p
	}
	return p
}

// put takes a block from a lane and keeps the lane waiting while it is too far ahead. It reports false, and does not
// take the block, where the block is known already (the task was run again) or nobody wants it any more; more says
// whether the lane should go on.
func (m *merger) put(ctx context.Context, lane int, ref Ref) (taken, more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false, false
	}
	if ref.ID.Split < m.head {
		return false, true
	}
	p := m.split(ref.ID.Split)
	if _, have := p.blocks[ref.ID.Seq]; have || ref.ID.Seq < p.next {
		return false, true
	}
	p.blocks[ref.ID.Seq] = arrived{ref, lane}
	m.held[lane] += ref.Bytes
	if ref.Unreserved {
		m.waiting[lane]++
	}
	m.changed.Broadcast()
	for !m.closed && !m.open && ctx.Err() == nil &&
		(m.held[lane] > m.share || m.waiting[lane] > 0 || ref.ID.Split > m.head+window) {
		m.changed.Wait()
	}
	return true, !m.closed && ctx.Err() == nil
}

// starved is the split that the consumer waits for.
func (m *merger) starved() (split int, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.splits[m.head]
	if p == nil {
		return m.head, true
	}
	_, have := p.blocks[p.next]
	return m.head, !have
}

// unblock lets lanes go on however far ahead they are: the consumer waits for something that needs their places.
func (m *merger) unblock() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.open = true
	m.changed.Broadcast()
}

// fail records a lane's error at its place in the order; a nil id means that it has none.
func (m *merger) fail(id BlockID, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.changed.Broadcast()
	if id.Split < m.head {
		if m.err == nil {
			m.err = err
		}
		return
	}
	if p := m.split(id.Split); p.err == nil {
		p.err, p.errSeq = err, id.Seq
	}
}

// laneDone says that one lane ended.
func (m *merger) laneDone() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lanes--
	m.changed.Broadcast()
}

// wake makes every waiter look at its context again.
func (m *merger) wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changed.Broadcast()
}

// next gives the next block in order; false at the end.
func (m *merger) next(ctx context.Context) (Ref, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for {
		if err := ctx.Err(); err != nil {
			return Ref{}, false, err
		}
		p := m.splits[m.head]
		if p != nil {
			if a, ok := p.blocks[p.next]; ok {
				m.consume(p, a)
				return a.ref, true, nil
			}
			if p.err != nil && (p.errSeq <= p.next || m.lanes == 0) {
				return Ref{}, false, p.err
			}
		}
		if m.lanes == 0 {
			return Ref{}, false, m.end()
		}
		m.changed.Wait()
	}
}

// peek gives the block that comes next where it is there already. It is not consumed.
func (m *merger) peek() (Ref, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.splits[m.head]; p != nil {
		a, ok := p.blocks[p.next]
		return a.ref, ok && !a.ref.Last
	}
	return Ref{}, false
}

func (m *merger) consume(p *pending, a arrived) {
	delete(p.blocks, p.next)
	p.next++
	m.held[a.lane] -= a.ref.Bytes
	if a.ref.Unreserved {
		m.waiting[a.lane]--
	}
	if a.ref.Last {
		delete(m.splits, m.head)
		m.head++
	}
	m.changed.Broadcast()
}

// end checks, when all lanes have ended, that nothing is missing.
func (m *merger) end() error {
	if m.err != nil {
		return m.err
	}
	for i, p := range m.splits {
		if p.err != nil {
			return p.err
		}
		if i >= m.head {
			return fmt.Errorf("split %d: block %d never arrived", m.head, m.split(m.head).next)
		}
	}
	return nil
}

// close gives back what was not consumed; later blocks are refused.
func (m *merger) close() []Ref {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	m.changed.Broadcast()
	var rest []Ref
	for _, p := range m.splits {
		for _, a := range p.blocks {
			if !a.ref.Last {
				rest = append(rest, a.ref)
			}
		}
	}
	clear(m.splits)
	return rest
}
