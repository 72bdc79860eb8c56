package main

import (
	"context"
	"io"
	"strconv"

	"github.com/rivulet-go/rivulet/kernel"
)

// notebookCell is a cell of a front end that shows text.
type notebookCell struct {
	*output
	count int
}

var _ kernel.Cell = (*notebookCell)(nil)

func (c *notebookCell) ID() string                         { return "gotest-" + strconv.Itoa(c.count) }
func (c *notebookCell) Count() int                         { return c.count }
func (c *notebookCell) Silent() bool                       { return false }
func (c *notebookCell) AllowStdin() bool                   { return false }
func (c *notebookCell) Metadata() map[string]any           { return nil }
func (c *notebookCell) Stream(_, text string) error        { return c.add(text) }
func (c *notebookCell) Update(string, kernel.Bundle) error { return nil }
func (c *notebookCell) Next(string, bool)                  {}
func (c *notebookCell) Clear(bool) error                   { return nil }
func (c *notebookCell) Comm(kernel.CommMessage) error      { return nil }

// Show counts as output: a test shows nothing but what it prints.
func (c *notebookCell) Show(_ string, b kernel.Bundle) error {
	text, _ := b.Data["text/plain"].(string)
	return c.add(text)
}

// Result is an output too.
func (c *notebookCell) Result(id string, b kernel.Bundle) error { return c.Show(id, b) }

// Input has nothing to give.
func (c *notebookCell) Input(context.Context, string, bool) (string, error) { return "", io.EOF }
