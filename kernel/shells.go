package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"
)

// shell is a queue of requests that are handled in order: the main one, or that of a subshell, which answers while a cell of another one
// runs. Cells run one at a time, whichever shell they come by.
type shell struct {
	queue      chan *request
	gone       chan struct{} // closed when the subshell is deleted
	abortUntil uint64        // execute_requests that arrived up to here are aborted; the goroutine of the shell only
}

func newShell() *shell {
	return &shell{queue: make(chan *request, queueLength), gone: make(chan struct{})}
}

// shellOf is the shell that a message is for, nil where there is none.
func (k *kernel) shellOf(subshell string) *shell {
	if subshell == "" {
		return k.main
	}
	k.shellsMu.Lock()
	defer k.shellsMu.Unlock()
	return k.subshells[subshell]
}

// isComputing reports whether a cell runs.
func (k *kernel) isComputing() bool {
	k.statusMu.Lock()
	defer k.statusMu.Unlock()
	return k.computing
}

func (k *kernel) createSubshell(context.Context, *request) (any, error) {
	id, sh := uuid.NewString(), newShell()
	k.shellsMu.Lock()
	defer k.shellsMu.Unlock()
	if k.done.Err() != nil {
		return nil, ErrShutdown
	}
	k.subshells[id] = sh
	k.serving.Go(func() {
		// The panic of one is logged as that of the main shell is.
		_ = guard(func() { k.serve("shell", sh.queue, sh.gone) }, k.stop)()
	})
	return object{"status": "ok", "subshell_id": id}, nil
}

func (k *kernel) deleteSubshell(_ context.Context, r *request) (any, error) {
	var content struct {
		ID string `json:"subshell_id"`
	}
	if err := json.Unmarshal(r.content, &content); err != nil {
		return nil, &CellError{Name: "bad request", Value: err.Error()}
	}
	k.shellsMu.Lock()
	defer k.shellsMu.Unlock()
	sh := k.subshells[content.ID]
	if sh == nil {
		return nil, noSubshell(content.ID)
	}
	delete(k.subshells, content.ID)
	close(sh.gone)
	return object{"status": "ok"}, nil
}

func noSubshell(id string) error {
	return &CellError{Name: "bad request", Value: fmt.Sprintf("there is no subshell %q", id)}
}

func (k *kernel) listSubshells(context.Context, *request) (any, error) {
	k.shellsMu.Lock()
	defer k.shellsMu.Unlock()
	ids := slices.AppendSeq([]string{}, maps.Keys(k.subshells))
	slices.Sort(ids)
	return object{"status": "ok", "subshell_id": ids}, nil
}
