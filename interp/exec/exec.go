package exec

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/rivulet-go/rivulet/kernel"
)

// ErrFailed says that a cell failed; its traceback has been printed.
var ErrFailed = errors.New("exec: a cell failed")

// Options are what Run can do besides.
type Options struct {
	// Events is the path of a file that receives each output as a line of JSON; empty writes none. With it, displays
	// are live: every update is recorded.
	Events string
	// Input answers what cells read from os.Stdin; nil refuses.
	Input io.Reader
}

// Run runs the cells of a file in order and prints their outputs. It returns an error that wraps ErrFailed after the
// first cell that fails.
func Run(ctx context.Context, in kernel.Interpreter, path string, out, errOut io.Writer, o Options) (err error) {
	start := time.Now()
	cells, err := Cells(path)
	if err != nil {
		return err
	}
	p := &printer{out: out, errOut: errOut, live: o.Events != "", terminal: isTerminal(errOut)}
	if o.Input != nil {
		p.in = bufio.NewReader(o.Input)
	}
	if o.Events != "" {
		f, err := os.Create(o.Events)
		if err != nil {
			return err
		}
		p.events = &eventLog{start: start, w: f}
		defer func() { err = errors.Join(err, f.Close()) }()
	}
	for i, c := range cells {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.run(ctx, in, i+1, c); err != nil {
			return fmt.Errorf("%s: cell %d: %w", path, i+1, err)
		}
	}
	return p.err
}

// transient begins a line of progress, which only a terminal can take back.
const transient = "\r\x1b[K"

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

// printer prints the outputs of cells as text.
type printer struct {
	out, errOut io.Writer
	in          *bufio.Reader
	live        bool
	terminal    bool // errOut is one
	events      *eventLog

	mu      sync.Mutex
	pending []*shown // from the first display that may still change
	err     error    // of writing
}

// shown is an output that waits for its turn.
type shown struct {
	id   string // display_id of a display
	text string
}

func (p *printer) run(ctx context.Context, in kernel.Interpreter, n int, c Cell) error {
	p.events.add(n, "start", nil)
	err := in.Execute(ctx, c.Code, &cell{p, n})
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.pending {
		p.write(s.text)
	}
	p.pending = nil
	if err == nil {
		p.events.add(n, "done", nil)
		return p.err
	}
	lines := []string{err.Error()}
	if ce := (*kernel.CellError)(nil); errors.As(err, &ce) {
		lines = ce.Traceback
		p.events.add(n, "error", map[string]any{"ename": ce.Name, "evalue": ce.Value})
	}
	fmt.Fprintln(p.errOut, strings.Join(lines, "\n"))
	return errors.Join(ErrFailed, p.err)
}

// write prints to standard output; mu is held.
func (p *printer) write(text string) {
	if _, err := io.WriteString(p.out, text); err != nil && p.err == nil {
		p.err = err
	}
}

// add prints text in its place; mu is held. A display with an id may still be updated, so it and all that comes after
// it wait for the end of the cell.
func (p *printer) add(id, text string) {
	if id != "" || len(p.pending) > 0 {
		p.pending = append(p.pending, &shown{id, text})
		return
	}
	p.write(text)
}

// cell is one execution for the interpreter.
type cell struct {
	p *printer
	n int
}

var _ kernel.Cell = (*cell)(nil)

func (c *cell) ID() string       { return fmt.Sprintf("exec-%d", c.n) }
func (c *cell) Count() int       { return c.n }
func (c *cell) Silent() bool     { return false }
func (c *cell) AllowStdin() bool { return c.p.in != nil || !c.p.live }

// Metadata has a cellId where the updates of displays are wanted.
func (c *cell) Metadata() map[string]any {
	if c.p.live {
		return map[string]any{"cellId": c.ID()}
	}
	return nil
}

func (c *cell) Stream(name, text string) error {
	c.p.events.add(c.n, "stream", map[string]any{"name": name, "text": text})
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if name == "stderr" && strings.HasPrefix(text, transient) && !c.p.terminal {
		return nil
	}
	if name == "stderr" {
		_, err := io.WriteString(c.p.errOut, text)
		return err
	}
	c.p.add("", text)
	return c.p.err
}

func (c *cell) Show(id string, b kernel.Bundle) error { return c.bundle("display_data", id, b) }

func (c *cell) Result(id string, b kernel.Bundle) error { return c.bundle("execute_result", id, b) }

func (c *cell) bundle(kind, id string, b kernel.Bundle) error {
	c.p.events.bundle(c.n, kind, id, b)
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	c.p.add(id, text(b))
	return c.p.err
}

func (c *cell) Update(id string, b kernel.Bundle) error {
	c.p.events.bundle(c.n, "update_display_data", id, b)
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	for _, s := range c.p.pending {
		if s.id == id && id != "" {
			s.text = text(b)
		}
	}
	return nil
}

// Next has no place to put text.
func (c *cell) Next(string, bool) {}

// Comm has no front end to talk to.
func (c *cell) Comm(kernel.CommMessage) error { return nil }

// Clear forgets what has not been printed yet.
func (c *cell) Clear(bool) error {
	c.p.events.add(c.n, "clear_output", nil)
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	c.p.pending = nil
	return nil
}

func (c *cell) Input(_ context.Context, prompt string, _ bool) (string, error) {
	if c.p.in == nil {
		return "", io.EOF
	}
	c.p.mu.Lock()
	c.p.write(prompt)
	c.p.mu.Unlock()
	line, err := c.p.in.ReadString('\n')
	if err != nil && line == "" {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// text is the text form of a bundle, with a newline at its end.
func text(b kernel.Bundle) string {
	s, ok := b.Data["text/plain"].(string)
	if !ok {
		if s, ok = b.Data["text/markdown"].(string); !ok {
			return ""
		}
	}
	return strings.TrimSuffix(s, "\n") + "\n"
}
