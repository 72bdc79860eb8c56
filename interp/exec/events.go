package exec

import (
	"encoding/json"
	"io"
	"maps"
	"sync"
	"time"

	"github.com/rivulet-go/rivulet/kernel"
)

// eventLog writes outputs as lines of JSON. "t" is in seconds since Run began, by the monotonic clock. A nil log
// writes nothing.
type eventLog struct {
	start time.Time

	mu sync.Mutex
	w  io.Writer
}

func (l *eventLog) add(cell int, kind string, content map[string]any) {
	if l == nil {
		return
	}
	line := map[string]any{"t": time.Since(l.start).Seconds(), "cell": cell, "type": kind}
	maps.Copy(line, content)
	data, err := json.Marshal(line)
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.w.Write(append(data, '\n'))
}

func (l *eventLog) bundle(cell int, kind, id string, b kernel.Bundle) {
	if l == nil {
		return
	}
	l.add(cell, kind, map[string]any{"id": id, "data": b.Data, "metadata": b.Metadata})
}
