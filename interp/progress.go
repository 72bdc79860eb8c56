package interp

import (
	"strings"
	"sync"
	"time"
)

const (
	progressAfter  = 300 * time.Millisecond // nothing is said of what is fast
	progressEvery  = 250 * time.Millisecond
	progressSlowly = 5 * time.Second // where a line can't be taken back
)

// progress says on a cell's stderr what is being waited for: in one line that is written over again and then taken away, or
// in a line now and then, where nothing can be taken away.
type progress struct {
	live  bool
	print func(text string)
	every time.Duration

	mu    sync.Mutex
	next  time.Time
	shown bool
}

func newProgress(live bool, print func(text string)) *progress {
	p := &progress{live: live, print: print, every: progressSlowly, next: time.Now().Add(progressSlowly)}
	if live {
		p.every, p.next = progressEvery, time.Now().Add(progressAfter)
	}
	return p
}

// progress is that of a cell.
func (r *run) progress() *progress {
	return newProgress(r.live(), func(text string) { r.print("stderr", []byte(text)) })
}

// say tells what goes on now.
func (p *progress) say(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Before(p.next) {
		return
	}
	p.next = now.Add(p.every)
	text, _, _ = strings.Cut(text, "\n")
	if !p.live {
		p.print(text + "\n")
		return
	}
	p.shown = true
	p.print(transient + text)
}

// end takes the line away.
func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		p.shown = false
		p.print(transient)
	}
}

// transient begins a line that takes the place of the one before.
const transient = "\r\x1b[K"
