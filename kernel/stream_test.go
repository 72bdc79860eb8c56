package kernel

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestStreamsAreMerged(t *testing.T) {
	const n = 20_000
	in := &fake{execute: func(_ context.Context, _ string, c Cell) error {
		for i := range n {
			_ = c.Stream("stdout", fmt.Sprintf("line %d\n", i))
		}
		return nil
	}}
	c := start(t, in, "tcp", nil).client("me")
	_, all := c.run("x", nil)
	var text strings.Builder
	messages := 0
	for _, m := range all {
		if m.kind() == "stream" {
			text.WriteString(m.text("text"))
			messages++
		}
	}
	var want strings.Builder
	for i := range n {
		fmt.Fprintf(&want, "line %d\n", i)
	}
	if text.String() != want.String() {
		t.Errorf("%d bytes, not %d, or another order", text.Len(), want.Len())
	}
	if messages > want.Len()/streamFlushBytes+100 {
		t.Errorf("%d messages for %d bytes", messages, want.Len())
	}
}

// A write that stands alone does not wait for the end of the cell.
func TestStreamIsFlushedByTime(t *testing.T) {
	release := make(chan struct{})
	in := &fake{execute: func(_ context.Context, _ string, c Cell) error {
		_ = c.Stream("stdout", "early")
		<-release
		return nil
	}}
	c := start(t, in, "tcp", nil).client("me")
	c.shell.send("execute_request", map[string]any{"code": "x"})
	for {
		if m := c.iopub.receive(); m.text("text") == "early" {
			break
		}
	}
	close(release)
}

// Writes may be cut inside a character.
func TestStreamKeepsCharacters(t *testing.T) {
	const text = "a😀é語\xff"
	in := &fake{execute: func(_ context.Context, _ string, c Cell) error {
		for i := range len(text) {
			_ = c.Stream("stdout", text[i:i+1])
			time.Sleep(streamFlushAfter * 4 / 3)
		}
		return c.Stream("stdout", "\xf0\x9f") // never completed
	}}
	c := start(t, in, "tcp", nil).client("me")
	_, all := c.run("x", nil)
	got := ""
	for _, m := range all {
		if m.kind() == "stream" {
			got += m.text("text")
		}
	}
	if want := "a😀é語\uFFFD\uFFFD\uFFFD"; got != want && got != "a😀é語\uFFFD\uFFFD" {
		t.Errorf("got %q, not %q", got, want)
	}
}

// Cells may write from many goroutines: nothing is lost, each writer's order is kept.
func TestConcurrentWriters(t *testing.T) {
	const writers, lines = 8, 500
	in := &fake{execute: func(_ context.Context, _ string, c Cell) error {
		var group sync.WaitGroup
		for w := range writers {
			group.Go(func() {
				for i := range lines {
					_ = c.Stream([]string{"stdout", "stderr"}[i/50%2], fmt.Sprintf("%d %d\n", w, i))
				}
			})
		}
		group.Wait()
		return nil
	}}
	c := start(t, in, "tcp", nil).client("me")
	_, all := c.run("x", nil)
	next := make([]int, writers)
	for _, m := range all {
		if m.kind() != "stream" {
			continue
		}
		for line := range strings.Lines(m.text("text")) {
			var w, i int
			if _, err := fmt.Sscanf(line, "%d %d", &w, &i); err != nil || next[w] != i {
				t.Fatalf("line %q, expected %d of this writer (%v)", line, next[w], err)
			}
			next[w]++
		}
	}
	for w, n := range next {
		if n != lines {
			t.Errorf("writer %d: %d of %d lines", w, n, lines)
		}
	}
}
