package interp

import (
	"bytes"
	"context"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// patience is how long a compiled call has to wait, once its cell was stopped, to be left alone. It is shorter than the
// grace of the supervisor, which ends the process. One that is seen to compute meanwhile, such as a copy between two
// files, would go on for ever: it is not left, and costs the process.
const patience = time.Second

// maxDumpBytes bounds the traces of all goroutines that are looked at.
const maxDumpBytes = 16 << 20

// settle waits for the end of a stopped cell's goroutine. Compiled code that waits does not look whether its cell was
// stopped: such a goroutine is left where it is, and leaves as soon as it wakes and calls anything of the session.
func (r *run) settle() {
	since := time.Now() // it has been seen waiting only
	for pause := stopTime; ; pause = min(2*pause, patience/20) {
		t := time.NewTimer(pause)
		select {
		case <-r.finished:
			t.Stop()
			return
		case <-t.C:
		}
		waits, known := waiting(r.goroutine.Load())
		if !waits {
			since = time.Now()
		}
		if waits && (known || time.Since(since) > patience) {
			r.finish()
			return
		}
	}
}

// finish says that the cell has ended.
func (r *run) finish() { r.end.Do(func() { close(r.finished) }) }

// dead reports whether the cell has ended because it was stopped: what is left of it must not go on.
func (r *run) dead() bool { return r != nil && r.halt.Err() != nil && r.over() }

// mayGoOn ends the calling goroutine if it belongs to such a cell.
func (r *run) mayGoOn() {
	if r.dead() {
		r.leave()
	}
}

// halting ends when the cell is to stop. A worker, which runs functions and no cells, has no run: what it is asked for ends with it.
func (r *run) halting() context.Context {
	if r == nil {
		return context.Background()
	}
	return r.halt
}

// leave ends the calling goroutine, which belongs to a cell that was stopped. What it has deferred runs as far as it is
// compiled: yaegi has been told to stop by then.
func (r *run) leave() {
	<-r.stopped
	runtime.Goexit()
}

// goroutineID is the number of the calling goroutine in traces.
func goroutineID() uint64 {
	var buf [64]byte
	text := bytes.TrimPrefix(buf[:runtime.Stack(buf[:], false)], []byte("goroutine "))
	number, _, _ := bytes.Cut(text, []byte(" "))
	id, _ := strconv.ParseUint(string(number), 10, 64)
	return id
}

// waiting reports whether a goroutine waits in compiled code, and whether it does so in one of the session's own functions,
// which take care of what they have taken when they wake too late.
func waiting(id uint64) (waits, known bool) {
	head := "goroutine " + strconv.FormatUint(id, 10) + " ["
	trace := "\n\n" + dump()
	_, trace, found := strings.Cut(trace, "\n\n"+head)
	if !found {
		return false, false
	}
	trace, _, _ = strings.Cut(trace, "\n\n")
	state, _, _ := strings.Cut(trace, "]")
	state, _, _ = strings.Cut(state, ",")
	switch {
	case strings.HasPrefix(state, "run"), strings.HasPrefix(state, "preempted"), strings.HasPrefix(state, "GC "), strings.HasPrefix(state, "copystack"):
		return false, false
	}
	return true, strings.Contains(trace, "interp.waits.")
}

// dump is the traces of all goroutines.
func dump() string {
	for n := 64 << 10; ; n *= 4 {
		buf := make([]byte, n)
		if got := runtime.Stack(buf, true); got < n || n >= maxDumpBytes {
			return string(buf[:got])
		}
	}
}
