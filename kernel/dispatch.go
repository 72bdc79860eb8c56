package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// replier handles one type of request. What it returns is the reply's content; an error becomes an error reply.
type replier func(*kernel, context.Context, *request) (any, error)

// repliers are of the requests that shell and control answer, except execute_request and shutdown_request.
func repliers() map[string]replier {
	return map[string]replier{
		"kernel_info_request":     (*kernel).kernelInfo,
		"connect_request":         (*kernel).connectInfo,
		"complete_request":        (*kernel).complete,
		"inspect_request":         (*kernel).inspect,
		"is_complete_request":     (*kernel).isComplete,
		"history_request":         (*kernel).history,
		"comm_info_request":       (*kernel).commInfo,
		"interrupt_request":       (*kernel).interruptRequest,
		"create_subshell_request": (*kernel).createSubshell,
		"delete_subshell_request": (*kernel).deleteSubshell,
		"list_subshell_request":   (*kernel).listSubshells,
	}
}

// replyKinds gives the msg_type of the answer.
func replyKind(kind string) string {
	const suffix = "_request"
	if n := len(kind) - len(suffix); n > 0 && kind[n:] == suffix {
		return kind[:n] + "_reply"
	}
	return ""
}

// serve handles requests of one socket in order until the kernel stops, or they are gone.
func (k *kernel) serve(socket string, requests <-chan *request, gone <-chan struct{}) {
	for {
		select {
		case <-k.done.Done():
			return
		case <-gone:
			return
		case r := <-requests:
			if k.done.Err() != nil {
				return
			}
			k.handle(socket, r)
			if r.shell == k.main && isComm(r) {
				k.comms.waiting.Add(-1)
			}
		}
	}
}

func (k *kernel) handle(socket string, r *request) {
	defer func() {
		if p := recover(); p != nil {
			k.log.Error("request", "type", r.MsgType, "panic", p, "stack", string(debug.Stack()))
		}
	}()
	if r.MsgType == "shutdown_request" {
		defer k.stop(ErrShutdown) // after idle
	}
	ctx := k.done
	if socket == "shell" {
		if r.MsgType == "execute_request" {
			k.executing.Lock()
			defer k.executing.Unlock()
		}
		// Before busy: whoever has seen busy may interrupt.
		var end func()
		ctx, end = k.interruptible(r)
		defer end()
	}
	k.status(r, "busy")
	defer k.status(r, "idle")
	switch {
	case r.MsgType == "execute_request" && socket == "shell":
		k.execute(ctx, r)
	case r.MsgType == "shutdown_request":
		k.shutdown(socket, r)
	case k.repliers[r.MsgType] != nil:
		k.answer(ctx, socket, r, k.repliers[r.MsgType])
	case isComm(r):
		k.commMessage(ctx, r)
	default:
		k.log.Warn("unknown request", "socket", socket, "type", r.MsgType)
	}
}

// interruptible makes the context that interruptCell cancels.
func (k *kernel) interruptible(r *request) (ctx context.Context, end func()) {
	ctx, cancel := context.WithCancelCause(k.done)
	k.runningMu.Lock()
	k.running[r] = cancel
	k.runningMu.Unlock()
	return ctx, func() {
		k.runningMu.Lock()
		delete(k.running, r)
		k.runningMu.Unlock()
		cancel(nil)
	}
}

func (k *kernel) answer(ctx context.Context, socket string, r *request, f replier) {
	content, err := guarded(func() (any, error) { return f(k, ctx, r) })
	if err != nil {
		content = failure(asCellError(ctx, err))
	}
	k.reply(socket, r, content, nil)
}

// guarded turns a panic of the interpreter into an error.
func guarded[T any](f func() (T, error)) (_ T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &CellError{Name: "kernel panic", Value: fmt.Sprint(p), Traceback: []string{string(debug.Stack())}}
		}
	}()
	return f()
}

// asCellError is err as its cell shows it.
func asCellError(ctx context.Context, err error) *CellError {
	if e, ok := errors.AsType[*CellError](err); ok && e != nil {
		return e
	}
	if cause := context.Cause(ctx); cause != nil {
		return &CellError{Name: "interrupted", Value: cause.Error()}
	}
	return &CellError{Name: "error", Value: err.Error()}
}

// failure is the content of an error reply.
func failure(e *CellError) map[string]any {
	content := errorContent(e)
	content["status"] = "error"
	return content
}

func status(state string) map[string]string { return map[string]string{"execution_state": state} }

// status publishes busy or idle of a request. Front ends show the last state that they hear, whatever it is of: where the idle of
// another request comes while a cell runs, they are told at once that the kernel is busy still.
func (k *kernel) status(r *request, state string) {
	k.statusMu.Lock()
	defer k.statusMu.Unlock()
	err := k.publish(r.raw, "status", status(state))
	switch {
	case r.MsgType == "execute_request":
		k.computing = state == "busy"
	case state == "idle" && k.computing:
		err = errors.Join(err, k.publish(nil, "status", status("busy")))
	}
	if err != nil {
		k.log.Warn("status", "error", err)
	}
}

// reply answers r on the socket that it came from.
func (k *kernel) reply(socket string, r *request, content any, metadata map[string]any) {
	m := outgoing{kind: replyKind(r.MsgType), parent: r.raw, content: content, metadata: metadata}
	frames, _, err := k.codec.encode(m)
	if err != nil {
		m.content = failure(&CellError{Name: "kernel error", Value: err.Error()})
		m.metadata = nil
		if frames, _, err = k.codec.encode(m); err != nil {
			k.log.Error("reply", "type", m.kind, "error", err)
			return
		}
	}
	router := k.sockets.shell
	if socket == "control" {
		router = k.sockets.control
	}
	if err := router.Reply(r.from, append(append([][]byte{}, r.envelope...), frames...)); err != nil {
		k.log.Info("reply", "type", m.kind, "error", err)
	}
}

// shutdown replies and tells all front ends. Draining delivers both before Run returns.
func (k *kernel) shutdown(socket string, r *request) {
	var content struct {
		Restart bool `json:"restart"`
	}
	// A restart that is not understood is none; the shutdown was asked for anyway.
	_ = json.Unmarshal(r.content, &content)
	answer := map[string]any{"status": "ok", "restart": content.Restart}
	k.reply(socket, r, answer, nil)
	if err := k.publish(r.raw, "shutdown_reply", answer); err != nil {
		k.log.Warn("shutdown", "error", err)
	}
}

// started is the metadata from which front ends compute a cell's time.
func started(t time.Time) map[string]any { return map[string]any{"started": timestamp(t)} }
