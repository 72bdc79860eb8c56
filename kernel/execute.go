package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// settleAfterError is how long the kernel goes on collecting requests before it answers a failed cell. Whatever
// arrives before the answer was sent without knowing of the failure, and stop_on_error aborts it; what comes later was
// sent on purpose. Requests sent together may be a few milliseconds apart here.
const settleAfterError = 20 * time.Millisecond

type executeContent struct {
	Code            string            `json:"code"`
	Silent          bool              `json:"silent"`
	StoreHistory    *bool             `json:"store_history"`
	UserExpressions map[string]string `json:"user_expressions"`
	AllowStdin      *bool             `json:"allow_stdin"`
	StopOnError     *bool             `json:"stop_on_error"`
}

// orTrue is the value of a field whose default is true.
func orTrue(b *bool) bool { return b == nil || *b }

func (k *kernel) execute(ctx context.Context, r *request) {
	if r.arrival <= r.shell.abortUntil {
		k.reply("shell", r, map[string]any{"status": "aborted", "execution_count": k.count}, nil)
		return
	}
	var content executeContent
	if err := json.Unmarshal(r.content, &content); err != nil {
		k.reply("shell", r, failure(&CellError{Name: "bad request", Value: err.Error()}), nil)
		return
	}
	begin := time.Now()
	stored := !content.Silent && orTrue(content.StoreHistory)
	if stored {
		k.count++
		k.past.add(k.count, content.Code)
	}
	c := &cell{
		kernel:     k,
		ctx:        ctx,
		request:    r,
		count:      k.count,
		silent:     content.Silent,
		allowStdin: orTrue(content.AllowStdin),
	}
	if err := c.send("execute_input", map[string]any{"code": content.Code, "execution_count": c.count}); err != nil {
		k.log.Warn("execute_input", "error", err)
	}
	payload, err := guarded(func() ([]any, error) { return k.runCell(ctx, content.Code, c) })
	if e, ok := errors.AsType[*CellError](err); err == nil || ok && e == nil { // nil, or a nil *CellError
		if text, ok := c.result.(string); ok && stored {
			k.past.result(c.count, text)
		}
		k.succeed(c, payload, k.userExpressions(ctx, c, content.UserExpressions), begin)
		return
	}
	k.fail(c, asCellError(ctx, err), orTrue(content.StopOnError), begin)
}

func (k *kernel) succeed(c *cell, payload []any, expressions map[string]any, begin time.Time) {
	if err := c.flush(); err != nil {
		k.log.Warn("stream", "error", err)
	}
	k.reply("shell", c.request, map[string]any{
		"status":           "ok",
		"execution_count":  c.count,
		"user_expressions": expressions,
		"payload":          append(payload, c.next...),
	}, started(begin))
}

func (k *kernel) fail(c *cell, e *CellError, stop bool, begin time.Time) {
	if e.Lost {
		_ = c.Stream("stderr", "The Go session has ended: its variables, functions and imports are gone. "+
			"A new session has started; run the cells that you need again.\n")
	}
	if err := c.fail(e); err != nil {
		k.log.Warn("error message", "error", err)
	}
	if e.Lost {
		k.closeComms(c.request.raw)
	}
	if e.Lost || stop && !c.silent {
		k.abortQueue(c.request.shell)
	}
	content := failure(e)
	content["execution_count"] = c.count
	content["user_expressions"] = map[string]any{}
	content["payload"] = []any{}
	k.reply("shell", c.request, content, started(begin))
}

// abortQueue marks the executions of a shell that have arrived so far.
func (k *kernel) abortQueue(sh *shell) {
	select {
	case <-time.After(settleAfterError):
	case <-k.done.Done():
	}
	sh.abortUntil = k.arrived.Load()
}
