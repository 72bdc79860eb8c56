package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// The types of messages of comms.
const (
	commOpen  = "comm_open"
	commMsg   = "comm_msg"
	commClose = "comm_close"
)

// CommMessage is a comm_open, comm_msg or comm_close, from a front end or to all of them.
type CommMessage struct {
	Kind     string          `json:"kind"`             // the msg_type
	ID       string          `json:"id"`               // comm_id
	Target   string          `json:"target,omitempty"` // target_name of comm_open
	Data     json.RawMessage `json:"data,omitempty"`   // an object; nil is an empty one
	Metadata map[string]any  `json:"metadata,omitempty"`
	Buffers  [][]byte        `json:"-"` // binary frames behind the content
}

// comms are the open ones, whichever side has opened them.
type comms struct {
	mu      sync.Mutex
	targets map[string]string // by comm_id

	waiting atomic.Int64 // messages in the queue of the main shell
}

func isComm(r *request) bool {
	return r.MsgType == commOpen || r.MsgType == commMsg || r.MsgType == commClose
}

// overtakes reports whether a request of the main shell is handled while a cell runs: a page that is loaded again asks kernel_info
// first, and shows nothing before it has the answer; messages of comms keep their order among themselves.
func (k *kernel) overtakes(r *request) bool {
	if r.shell != k.main || !k.isComputing() {
		return false
	}
	switch r.MsgType {
	case "kernel_info_request", "comm_info_request":
		return true
	case commOpen:
		r.early = k.comms.waiting.Load() == 0
		return r.early
	case commMsg, commClose:
		return k.comms.waiting.Load() == 0 && k.comms.has(r.content)
	}
	return false
}

// has reports whether the comm of a message is open.
func (c *comms) has(message json.RawMessage) bool {
	var content commContent
	if json.Unmarshal(message, &content) != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.targets[content.ID]
	return ok
}

// note follows what is said. It reports whether the comm was open before.
func (c *comms) note(m CommMessage) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, known := c.targets[m.ID]
	switch m.Kind {
	case commOpen:
		c.targets[m.ID] = m.Target
	case commClose:
		delete(c.targets, m.ID)
	}
	return known
}

// take empties the list.
func (c *comms) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := slices.Sorted(maps.Keys(c.targets))
	clear(c.targets)
	return ids
}

// commContent is the content of the three messages.
type commContent struct {
	ID     string          `json:"comm_id"`
	Target string          `json:"target_name,omitempty"`
	Data   json.RawMessage `json:"data"`
}

// commMessage passes a front end's message on. One for a comm that is not open any more is late, and has no use.
func (k *kernel) commMessage(ctx context.Context, r *request) {
	var content commContent
	if err := json.Unmarshal(r.content, &content); err != nil || content.ID == "" {
		k.log.Warn(r.MsgType, "error", errors.Join(errMalformed, err))
		return
	}
	m := CommMessage{
		Kind: r.MsgType, ID: content.ID, Target: content.Target, Data: content.Data, Metadata: r.metadata, Buffers: r.buffers,
	}
	if !k.comms.note(m) && m.Kind != commOpen {
		return
	}
	refused := false
	_, err := guarded(func() (any, error) {
		return nil, k.in.Comm(ctx, m, func(answer CommMessage) error {
			if r.early && answer.Kind == commClose && answer.ID == m.ID {
				refused = true
				return nil
			}
			return k.publishComm(r.raw, answer)
		})
	})
	k.flushHeld(false) // what functions of cells have printed comes before this message's idle
	if refused {
		// The cell that runs, or one behind it, may be about to listen.
		k.comms.note(CommMessage{Kind: commClose, ID: m.ID})
		r.early = false
		k.enqueue(r)
		return
	}
	if e, ok := errors.AsType[*CellError](err); ok && e != nil && e.Lost {
		k.closeComms(r.raw)
		return
	}
	if err == nil {
		return
	}
	if ctx.Err() == nil {
		k.log.Warn(r.MsgType, "comm", m.ID, "error", err)
	}
	if m.Kind == commOpen {
		if err := k.publishComm(r.raw, CommMessage{Kind: commClose, ID: m.ID}); err != nil {
			k.log.Warn(commClose, "error", err)
		}
	}
}

// publishComm sends a message of a comm to all front ends.
func (k *kernel) publishComm(parent json.RawMessage, m CommMessage) error {
	k.comms.note(m)
	content := commContent{ID: m.ID, Target: m.Target, Data: m.Data}
	if len(content.Data) == 0 {
		content.Data = emptyObject
	}
	return k.broadcast(outgoing{kind: m.Kind, parent: parent, metadata: m.Metadata, content: content, buffers: m.Buffers})
}

// closeComms tells front ends that all comms have ended with their session.
func (k *kernel) closeComms(parent json.RawMessage) {
	for _, id := range k.comms.take() {
		if err := k.publishComm(parent, CommMessage{Kind: commClose, ID: id}); err != nil {
			k.log.Warn(commClose, "error", err)
		}
	}
}

// Comm sends a message of a comm, also of a silent execution: comms are no output.
func (c *cell) Comm(m CommMessage) error {
	c.throttle()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.flushLocked(true); err != nil {
		return err
	}
	return c.kernel.publishComm(c.request.raw, m)
}

func (k *kernel) commInfo(_ context.Context, r *request) (any, error) {
	var content struct {
		Target *string `json:"target_name"`
	}
	if err := json.Unmarshal(r.content, &content); err != nil {
		return nil, &CellError{Name: "bad request", Value: err.Error()}
	}
	k.comms.mu.Lock()
	defer k.comms.mu.Unlock()
	open := object{}
	for id, target := range k.comms.targets {
		if content.Target == nil || *content.Target == target {
			open[id] = object{"target_name": target}
		}
	}
	return object{"status": "ok", "comms": open}, nil
}
