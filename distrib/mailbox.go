package distrib

import (
	"context"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// mailboxBytes is what a mailbox holds of rows to append before the producer waits. A preview never gets there.
const mailboxBytes = 16 << 20

// mailbox passes snapshots from the run to who shows them. It holds one: a newer one takes the place of one that was
// not fetched, so that a slow consumer does not slow the run. Rows to append are not lost by that, they are joined.
type mailbox struct {
	concat func([]arrow.Record) (arrow.Record, error)

	mu      sync.Mutex
	changed sync.Cond
	full    bool
	latest  batch.Snapshot
	append  []arrow.Record // rows of the latest snapshot, in order, where it appends
	bytes   int64
	ended   bool
	err     error
	closed  bool
}

func newMailbox(concat func([]arrow.Record) (arrow.Record, error)) *mailbox {
	m := &mailbox{concat: concat}
	m.changed.L = &m.mu
	return m
}

// send takes s over, and the records that are appended by it (s.Record counts only where it replaces).
func (m *mailbox) send(ctx context.Context, s batch.Snapshot, appended []arrow.Record) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		releaseAll(appended)
		if s.Record != nil {
			s.Record.Release()
		}
		return
	}
	if m.latest.Record != nil {
		m.latest.Record.Release()
	}
	if len(m.append) > 0 && m.latest.Mode == batch.Replace {
		s.Mode = batch.Replace // rows that nobody has seen yet took the place of others
	}
	m.latest, m.full = s, true
	m.append = append(m.append, appended...)
	for _, rec := range appended {
		m.bytes += batch.Bytes(rec)
	}
	m.changed.Broadcast()
	for m.bytes > mailboxBytes && !m.closed && ctx.Err() == nil {
		m.changed.Wait()
	}
}

// end says that no more is sent. The last snapshot can still be fetched, err comes after it.
func (m *mailbox) end(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended, m.err = true, err
	m.changed.Broadcast()
}

// fetch waits for the next snapshot; false at the end, with the error if there is one.
func (m *mailbox) fetch() (s batch.Snapshot, ok bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for !m.full {
		if m.ended {
			return batch.Snapshot{}, false, m.err
		}
		m.changed.Wait()
	}
	s = m.latest
	m.latest, m.full = batch.Snapshot{}, false
	if len(m.append) > 0 {
		s.Record, err = m.concat(m.append)
		releaseAll(m.append)
		m.append, m.bytes = nil, 0
		m.changed.Broadcast()
	}
	return s, err == nil, err
}

// close drops what was not fetched and lets the producer go on without being heard.
func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	if m.latest.Record != nil {
		m.latest.Record.Release()
	}
	releaseAll(m.append)
	m.latest, m.append, m.full = batch.Snapshot{}, nil, false
	m.changed.Broadcast()
}

// wake makes a waiting producer look at its context.
func (m *mailbox) wake() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changed.Broadcast()
}
