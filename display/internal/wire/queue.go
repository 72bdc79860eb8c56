package wire

import "sync"

// maxJobs bounds the functions that wait: a button that is clicked a thousand times while one call takes long is not heard more often.
const maxJobs = 1000

// job is a function of a cell that is to be called.
type job struct {
	owner Owner
	key   any
	f     func()
	done  chan struct{}
}

var queue struct {
	mu      sync.Mutex
	waiting []*job
	running bool
}

// Call calls f in the name of owner when all that came before is done. A call with the same key that waits, unless that is nil, is
// replaced.
func (d *Delivery) Call(owner Owner, key any, f func()) {
	queue.mu.Lock()
	defer queue.mu.Unlock()
	if key != nil {
		for _, j := range queue.waiting {
			if j.key == key {
				j.f = f
				d.jobs = append(d.jobs, j)
				return
			}
		}
	}
	if len(queue.waiting) >= maxJobs {
		return
	}
	j := &job{owner, key, f, make(chan struct{})}
	d.jobs = append(d.jobs, j)
	queue.waiting = append(queue.waiting, j)
	if !queue.running {
		queue.running = true
		go work()
	}
}

// work makes the calls that wait. Its owner takes care of panics.
func work() {
	for {
		queue.mu.Lock()
		if len(queue.waiting) == 0 {
			queue.running = false
			queue.mu.Unlock()
			return
		}
		j := queue.waiting[0]
		queue.waiting = queue.waiting[1:]
		f := j.f
		queue.mu.Unlock()
		j.owner.Run(f)
		close(j.done)
	}
}

// Wait waits for the calls of a delivery, or for the end of patience.
func (d *Delivery) Wait(patience <-chan struct{}) {
	for _, j := range d.jobs {
		select {
		case <-j.done:
		case <-patience:
			return
		}
	}
}
