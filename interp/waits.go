package interp

import "sync"

// waits are the calls of package sync that wait, as cells make them: one that wakes after its cell was stopped gives back
// what it got, and its goroutine ends.
type waits struct{ s *session }

func (w waits) group(g *sync.WaitGroup) {
	g.Wait()
	w.s.owner().mayGoOn()
}

func (w waits) lock(m *sync.Mutex) {
	if !m.TryLock() {
		w.waitFor(m)
	}
}

func (w waits) lockWrite(m *sync.RWMutex) {
	if !m.TryLock() {
		w.waitFor(m)
	}
}

func (w waits) lockRead(m *sync.RWMutex) {
	if !m.TryRLock() {
		w.waitFor(m.RLocker())
	}
}

func (w waits) waitFor(l sync.Locker) {
	l.Lock()
	if r := w.s.owner(); r.dead() {
		l.Unlock()
		r.leave()
	}
}

// condition passes a signal on that came too late. The lock stays with the goroutine, which may have deferred to open it.
func (w waits) condition(c *sync.Cond) {
	c.Wait()
	if r := w.s.owner(); r.dead() {
		c.Signal()
		r.leave()
	}
}
