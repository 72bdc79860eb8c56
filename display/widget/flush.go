package widget

import (
	"sync"
	"time"

	"github.com/rivulet-go/rivulet/display/internal/wire"
)

const (
	// flushEvery is how often a widget that changes all the time is drawn.
	flushEvery = 50 * time.Millisecond
	// flushEach is the time that every update takes: 200 a second, far below what Jupyter's server lets pass.
	flushEach = 5 * time.Millisecond
)

var pending struct {
	sending sync.Mutex // held by flush

	mu     sync.Mutex
	models []*model
	timer  *time.Timer // of the next flush; nil where none is to come
	next   time.Time   // when the next updates may leave
}

func init() { wire.OnFlush(flush) }

// touch has a model that has changed sent: at once, where nothing was sent lately.
func touch(m *model) {
	if m.port == nil {
		return
	}
	m.mu.Lock()
	queued := m.queued
	m.queued = true
	m.mu.Unlock()
	if queued {
		return
	}
	pending.mu.Lock()
	defer pending.mu.Unlock()
	pending.models = append(pending.models, m)
	if pending.timer == nil {
		pending.timer = time.AfterFunc(time.Until(pending.next), flush)
	}
}

// flush sends all that wait; when it returns, what another call has taken is sent as well.
func flush() {
	pending.sending.Lock()
	defer pending.sending.Unlock()
	pending.mu.Lock()
	models := pending.models
	pending.models = nil
	if pending.timer != nil { // the end of a cell does not wait for it
		pending.timer.Stop()
		pending.timer = nil
	}
	pending.next = time.Now().Add(max(flushEvery, time.Duration(len(models))*flushEach))
	pending.mu.Unlock()
	for _, m := range models {
		m.send()
	}
}
