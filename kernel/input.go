package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/rivulet-go/rivulet/kernel/internal/zmtp"
)

// stdinConnectTimeout is how long Input waits for the stdin channel of a front end that has just connected.
const stdinConnectTimeout = 5 * time.Second

// outputFirst is what a question leaves to everything that was published before it to reach front ends: it travels by
// another socket, and a front end that gets a cell's question before its execute_input or its prompt shows them mixed.
const outputFirst = 20 * time.Millisecond

// input is the stdin socket: one question at a time, answered by the front end that sent the cell.
type input struct {
	kernel *kernel
	asking sync.Mutex // held from question to answer

	mu      sync.Mutex
	peer    string // whom the question went to; "" when there is none
	id      string // msg_id of the question
	answers chan string
}

func newInput(k *kernel) *input { return &input{kernel: k, answers: make(chan string, 1)} }

// ask sends input_request and waits for input_reply, the end of ctx, or of the cell.
func (in *input) ask(ctx context.Context, c *cell, prompt string, password bool) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.ctx, func() { cancel(context.Cause(c.ctx)) })()

	in.asking.Lock()
	defer in.asking.Unlock()
	if err := context.Cause(ctx); err != nil {
		return "", err
	}
	frames, id, err := in.kernel.codec.encode(outgoing{
		kind:    "input_request",
		parent:  c.request.raw,
		content: map[string]any{"prompt": prompt, "password": password},
	})
	if err != nil {
		return "", err
	}
	if err := in.kernel.afterOutput(ctx); err != nil {
		return "", err
	}
	in.expect(c.request.from.Identity(), id)
	defer in.expect("", "")
	connect, stop := context.WithTimeout(ctx, stdinConnectTimeout)
	defer stop()
	if err := in.kernel.sockets.stdin.SendWait(connect, c.request.from.Identity(), frames); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return "", cause
		}
		return "", fmt.Errorf("input: the front end has no stdin channel: %w", err)
	}
	select {
	case answer := <-in.answers:
		return answer, nil
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// afterOutput waits until what was published has had its time.
func (k *kernel) afterOutput(ctx context.Context) error {
	rest := outputFirst - time.Since(time.Unix(0, k.published.Load()))
	if rest <= 0 {
		return nil
	}
	select {
	case <-time.After(rest):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// expect sets the question that answers are accepted for, and throws an answer to an older one away.
func (in *input) expect(peer, id string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.peer, in.id = peer, id
	select {
	case <-in.answers:
	default:
	}
}

// receive handles a message on the stdin socket.
func (in *input) receive(p *zmtp.Peer, frames zmtp.Message) {
	r := in.kernel.accept("stdin", p, frames)
	if r == nil || r.MsgType != "input_reply" {
		return
	}
	var content struct {
		Value string `json:"value"`
	}
	if err := json.Unmarshal(r.content, &content); err != nil {
		in.kernel.log.Warn("message dropped", "socket", "stdin", "error", err)
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	// Clients such as jupyter_client send replies without a parent; one with another parent is late.
	if in.id == "" || r.from.Identity() != in.peer || (r.parent.MsgID != "" && r.parent.MsgID != in.id) {
		in.kernel.log.Info("input_reply without a question dropped")
		return
	}
	select {
	case in.answers <- content.Value:
	default:
	}
}
