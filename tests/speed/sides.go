package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/rivulet-go/rivulet/interp/supervisor"
	"github.com/rivulet-go/rivulet/kernel"
)

// side evaluates source and gives what it printed.
type side interface {
	eval(ctx context.Context, source string) (string, error)
	io.Closer
}

// rawSide is raw yaegi in a process of its own.
type rawSide struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

func newRaw(ctx context.Context, binary string) (*rawSide, error) {
	cmd := exec.CommandContext(ctx, binary)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("raw yaegi: %w", err)
	}
	return &rawSide{cmd, in, json.NewDecoder(out)}, nil
}

func (s *rawSide) eval(_ context.Context, source string) (string, error) {
	if err := json.NewEncoder(s.in).Encode(source); err != nil {
		return "", fmt.Errorf("raw yaegi: %w", err)
	}
	var answer struct{ Out, Error string }
	if err := s.out.Decode(&answer); err != nil {
		return "", fmt.Errorf("raw yaegi: %w", err)
	}
	if answer.Error != "" {
		return "", errors.New("raw yaegi: " + answer.Error)
	}
	return answer.Out, nil
}

func (s *rawSide) Close() error { return errors.Join(s.in.Close(), s.cmd.Wait()) }

// sessionSide is a Rivulet session.
type sessionSide struct {
	*supervisor.Session
	count int
}

func newSession(binary string) (*sessionSide, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	s, err := supervisor.New(supervisor.Options{Command: []string{binary, "session"}})
	if err != nil {
		return nil, err
	}
	return &sessionSide{Session: s}, nil
}

func (s *sessionSide) eval(ctx context.Context, source string) (string, error) {
	s.count++
	c := &textCell{count: s.count}
	if err := s.Execute(ctx, source, c); err != nil {
		if e, ok := errors.AsType[*kernel.CellError](err); ok {
			return "", fmt.Errorf("rivulet: %s: %s", e.Name, e.Value)
		}
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String(), nil
}

// textCell keeps what a cell prints.
type textCell struct {
	count int
	mu    sync.Mutex
	text  strings.Builder
}

var _ kernel.Cell = (*textCell)(nil)

func (c *textCell) ID() string               { return fmt.Sprint("speed-", c.count) }
func (c *textCell) Count() int               { return c.count }
func (c *textCell) Silent() bool             { return false }
func (c *textCell) AllowStdin() bool         { return false }
func (c *textCell) Metadata() map[string]any { return nil }

// Stream keeps the text.
func (c *textCell) Stream(_, text string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text.WriteString(text)
	return nil
}
func (c *textCell) Show(string, kernel.Bundle) error   { return nil }
func (c *textCell) Update(string, kernel.Bundle) error { return nil }
func (c *textCell) Result(string, kernel.Bundle) error { return nil }
func (c *textCell) Next(string, bool)                  {}
func (c *textCell) Clear(bool) error                   { return nil }
func (c *textCell) Comm(kernel.CommMessage) error      { return nil }

// Input has nothing to give.
func (c *textCell) Input(context.Context, string, bool) (string, error) { return "", io.EOF }
