package interp

import (
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// restAfter is how long no cell has run when the session gives back the memory that cells have left.
	restAfter = 2 * time.Second
	// restHeapBytes is the live heap above which it is not worth the collection, whose time grows with it.
	restHeapBytes = 1 << 30
)

// rest gives memory back to the system between cells. The ballast keeps the collector from doing so while they run: tens
// of megabytes of garbage would stay for as long as a notebook is open.
type rest struct{ timer *time.Timer }

func newRest() rest {
	timer := time.AfterFunc(restAfter, giveBack)
	timer.Stop()
	return rest{timer}
}

func (r rest) begin() { r.timer.Reset(restAfter) }
func (r rest) end()   { r.timer.Stop() }

func giveBack() {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	if live[0].Value.Uint64() < restHeapBytes {
		debug.FreeOSMemory()
	}
}
