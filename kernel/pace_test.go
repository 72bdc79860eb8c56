package kernel

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A server counts what came in the last three seconds; nothing may go over its limits, wherever its window begins.
func TestPaceStaysBelowTheServersLimits(t *testing.T) {
	const window, limitBytes, limitMessages = 3 * time.Second, 3_000_000, 3000
	for _, size := range []int{300, 70_000, 400_000} {
		synctest.Test(t, func(t *testing.T) {
			var p pace
			type sent struct {
				at    time.Time
				bytes int
			}
			var all []sent
			start := time.Now()
			for time.Since(start) < 20*time.Second {
				for rest := p.rest(time.Now()); rest > 0; rest = p.rest(time.Now()) {
					time.Sleep(rest)
				}
				now := time.Now()
				p.note("stream", nil, size, now)
				all = append(all, sent{now, size})
				time.Sleep(100 * time.Microsecond)
			}
			first, bytes := 0, 0
			for i, m := range all {
				bytes += m.bytes
				for ; m.at.Sub(all[first].at) >= window; first++ {
					bytes -= all[first].bytes
				}
				if messages := i - first + 1; bytes > limitBytes || messages > limitMessages {
					t.Fatalf("%d bytes in %d messages within %s", bytes, messages, window)
				}
			}
			if total := len(all) * size; size > 300 && total < 12_000_000 {
				t.Errorf("only %d bytes in 20 s", total)
			}
		})
	}
}

func TestPaceBeginsAnewWithIdle(t *testing.T) {
	var p pace
	now := time.Now()
	p.note("stream", nil, paceBytes, now)
	p.note("status", status("busy"), 100, now)
	if p.rest(now) <= 0 {
		t.Error("a full window lets more through")
	}
	p.note("status", status("idle"), 100, now)
	if rest := p.rest(now); rest != 0 {
		t.Errorf("after idle: %s", rest)
	}
}

// A front end in a browser leaves out the user's name. Its cells are paced, and can be interrupted meanwhile.
func TestOnlyBrowsersArePaced(t *testing.T) {
	text := strings.Repeat("0123456789", 10_000)
	prints := func(ctx context.Context, _ string, c Cell) error {
		for range 40 {
			if err := c.Stream("stdout", text); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
		}
		return nil
	}
	c := start(t, &fake{execute: prints}, "tcp", nil).client("me")
	for _, user := range []string{"ada", ""} {
		c.shell.user = user
		begin := time.Now()
		id := c.shell.send("execute_request", map[string]any{"code": "x"})
		if user == "" {
			time.Sleep(300 * time.Millisecond)
			c.control.send("interrupt_request", nil)
			c.control.receive()
		}
		all := c.until(id)
		took := time.Since(begin)
		bytes := 0
		for _, m := range all {
			if m.kind() == "stream" {
				bytes += len(m.text("text"))
			}
		}
		switch {
		case user != "" && bytes != 40*len(text):
			t.Errorf("%d bytes came", bytes)
		case user == "" && (bytes > 3_000_000 || took > 2*time.Second):
			t.Errorf("paced: %d bytes in %s, though it was interrupted", bytes, took)
		}
		c.shell.receive()
	}
}
