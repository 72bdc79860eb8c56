package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/rivulet-go/rivulet/kernel/internal/zmtp"
)

// cell is the Cell of one execute_request. It stays usable after the execution: late output has the same parent.
type cell struct {
	kernel     *kernel
	ctx        context.Context // of the execution; Input ends with it
	request    *request
	count      int
	silent     bool
	allowStdin bool

	mu     sync.Mutex // orders this cell's messages
	stream streamBuffer
	timer  *time.Timer // flushes stream; nil when not armed
	result any         // the text of the last result
	next   []any       // what the reply asks of the front end
}

var _ Cell = (*cell)(nil)

func (c *cell) ID() string               { return c.request.MsgID }
func (c *cell) Count() int               { return c.count }
func (c *cell) Silent() bool             { return c.silent }
func (c *cell) AllowStdin() bool         { return c.allowStdin }
func (c *cell) Metadata() map[string]any { return c.request.metadata }

func (c *cell) Stream(name, text string) error {
	if name != "stdout" && name != "stderr" {
		return fmt.Errorf("stream %q: neither stdout nor stderr", name)
	}
	if c.silent || text == "" {
		return nil
	}
	c.throttle()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stream.name != name {
		if err := c.flushLocked(true); err != nil {
			return err
		}
		c.stream.name = name
	}
	c.stream.text = append(c.stream.text, text...)
	if c.stream.full() {
		return c.flushLocked(false)
	}
	if c.timer == nil {
		c.timer = time.AfterFunc(streamFlushAfter, func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			_ = c.flushLocked(false)
		})
		c.kernel.holds(c)
	}
	return nil
}

// flush sends what Stream has merged.
func (c *cell) flush() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.flushLocked(true)
}

func (c *cell) flushLocked(all bool) error {
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	text := c.stream.take(all)
	if len(c.stream.text) == 0 {
		c.kernel.releases(c)
	}
	if text == "" {
		return nil
	}
	return c.kernel.publish(c.request.raw, "stream", map[string]any{"name": c.stream.name, "text": text})
}

// send publishes a message behind the stream's text that came before it.
func (c *cell) send(kind string, content any) error {
	if c.silent {
		return nil
	}
	c.throttle()
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.flushLocked(true); err != nil {
		return err
	}
	return c.kernel.publish(c.request.raw, kind, content)
}

// displayContent is the content of display_data, update_display_data and execute_result.
type displayContent struct {
	Data      map[string]any    `json:"data"`
	Metadata  map[string]any    `json:"metadata"`
	Transient map[string]string `json:"transient"`
	Count     *int              `json:"execution_count,omitempty"`
}

func newDisplay(id string, b Bundle) displayContent {
	d := displayContent{Data: b.Data, Metadata: b.Metadata, Transient: map[string]string{}}
	if d.Data == nil {
		d.Data = map[string]any{}
	}
	if d.Metadata == nil {
		d.Metadata = map[string]any{}
	}
	if id != "" {
		d.Transient["display_id"] = id
	}
	return d
}

func (c *cell) Show(id string, b Bundle) error { return c.send("display_data", newDisplay(id, b)) }

func (c *cell) Update(id string, b Bundle) error {
	if id == "" {
		return fmt.Errorf("update of a display: no display id")
	}
	return c.send("update_display_data", newDisplay(id, b))
}

func (c *cell) Result(id string, b Bundle) error {
	d := newDisplay(id, b)
	d.Count = &c.count
	c.mu.Lock()
	c.result = b.Data["text/plain"]
	c.mu.Unlock()
	return c.send("execute_result", d)
}

func (c *cell) Clear(wait bool) error { return c.send("clear_output", map[string]bool{"wait": wait}) }

func (c *cell) Next(text string, replace bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = append(c.next, object{"source": "set_next_input", "text": text, "replace": replace})
}

func (c *cell) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if !c.allowStdin {
		return "", ErrNoStdin
	}
	if err := c.flush(); err != nil {
		return "", err
	}
	return c.kernel.input.ask(ctx, c, prompt, password)
}

// fail publishes an error.
func (c *cell) fail(e *CellError) error {
	return c.send("error", errorContent(e))
}

func errorContent(e *CellError) map[string]any {
	traceback := e.Traceback
	if traceback == nil {
		traceback = []string{e.Name + ": " + e.Value}
	}
	return map[string]any{"ename": e.Name, "evalue": e.Value, "traceback": traceback}
}

// publish sends a message on iopub.
func (k *kernel) publish(parent json.RawMessage, kind string, content any) error {
	return k.broadcast(outgoing{kind: kind, parent: parent, content: content})
}

func (k *kernel) broadcast(m outgoing) error {
	frames, _, err := k.codec.encode(m)
	if err != nil {
		return err
	}
	now, size := time.Now(), 0
	for _, f := range frames {
		size += len(f)
	}
	k.published.Store(now.UnixNano())
	k.pace.note(m.kind, m.content, size, now)
	topic := []byte("kernel." + k.codec.session + "." + m.kind)
	return k.sockets.iopub.Publish(append([][]byte{topic}, frames...))
}

// welcome is the iopub_welcome of a new subscription: its client then knows that it misses nothing from here on.
func (k *kernel) welcome(topic string) zmtp.Message {
	frames, _, err := k.codec.encode(outgoing{kind: "iopub_welcome", content: map[string]any{"subscription": topic}})
	if err != nil {
		k.log.Warn("iopub_welcome", "error", err)
		return nil
	}
	return append(zmtp.Message{[]byte(topic)}, frames...)
}

// throttle waits while a subscriber lags far behind.
func (k *kernel) throttle() { k.sockets.iopub.Throttle(k.done) }

// holds notes a cell with unsent text, for flushHeld.
func (k *kernel) holds(c *cell) {
	k.heldMu.Lock()
	defer k.heldMu.Unlock()
	k.held[c] = struct{}{}
}

func (k *kernel) releases(c *cell) {
	k.heldMu.Lock()
	defer k.heldMu.Unlock()
	delete(k.held, c)
}

// flushHeld sends what any cell still holds; but for all, a character that has only begun is kept.
func (k *kernel) flushHeld(all bool) {
	k.heldMu.Lock()
	cells := make([]*cell, 0, len(k.held))
	for c := range k.held {
		cells = append(cells, c)
	}
	k.heldMu.Unlock()
	for _, c := range cells {
		c.mu.Lock()
		_ = c.flushLocked(all)
		c.mu.Unlock()
	}
}
