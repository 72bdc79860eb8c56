package supervisor

import (
	"context"
	"errors"

	"github.com/rivulet-go/rivulet/interp/pipe"
	"github.com/rivulet-go/rivulet/kernel"
)

// begin makes a cell the receiver of outputs numbered n and of raw output.
func (c *child) begin(n uint64, cell kernel.Cell) *execution {
	ctx, cancel := context.WithCancel(context.Background())
	e := &execution{number: n, cell: cell, done: make(chan *kernel.CellError, 1), ctx: ctx, cancel: cancel}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cells[n] = e
	delete(c.cells, n-keepCells)
	c.running = e
	return e
}

// end closes the cell's input requests; its late output is still delivered. It stays the owner of raw output until
// the next cell begins.
func (c *child) end(e *execution) { e.cancel() }

func (c *child) lookup(n uint64) *execution {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cells[n]
}

// raw delivers what the process wrote to its descriptors 1 and 2.
func (c *child) raw(name, text string) {
	c.mu.Lock()
	e := c.running
	c.mu.Unlock()
	if e == nil {
		c.o.Logf("session: %s", text)
		return
	}
	if err := e.cell.Stream(name, text); err != nil {
		c.o.Logf("session: stream: %v", err)
	}
}

// readMain delivers frames in order. What was written raw before a frame was sent lies in the pipes when the frame
// arrives, so reading them dry first keeps that order.
func (c *child) readMain() {
	ready := false
	for {
		m, err := c.main.Receive()
		if err != nil {
			if errors.Is(err, pipe.ErrTooLarge) {
				c.killed(err.Error())
			}
			return
		}
		if m.Kind == pipe.Ready {
			if !ready {
				ready = true
				close(c.ready)
			}
			continue
		}
		if m.Kind != pipe.Reply {
			c.out.drain()
			c.errs.drain()
		}
		if err := c.deliver(m); err != nil {
			c.o.Logf("session: %s: %v", m.Kind, err)
		}
	}
}

func (c *child) deliver(m *pipe.Message) error {
	if m.Kind == pipe.Reply {
		c.mu.Lock()
		asked, ok := c.asked[m.Seq]
		delete(c.asked, m.Seq)
		c.mu.Unlock()
		if ok {
			asked.reply <- m
		}
		return nil
	}
	if m.Kind == pipe.Comm {
		return c.comm(m)
	}
	e := c.lookup(m.Cell)
	if e == nil {
		return errors.New("no such cell")
	}
	b := kernel.Bundle{}
	if m.Bundle != nil {
		b = *m.Bundle
	}
	switch m.Kind {
	case pipe.Stream:
		return e.cell.Stream(m.Name, m.Text)
	case pipe.Show:
		return e.cell.Show(m.ID, b)
	case pipe.Update:
		return e.cell.Update(m.ID, b)
	case pipe.Result:
		return e.cell.Result(m.ID, b)
	case pipe.Clear:
		return e.cell.Clear(m.Flag)
	case pipe.Next:
		e.cell.Next(m.Text, m.Flag)
	case pipe.Input:
		go c.input(e, m)
	case pipe.Done:
		c.errs.release()
		e.done <- m.Error
	}
	return nil
}

// input asks the front end for a line, off the reading goroutine: the cell's other outputs go on.
func (c *child) input(e *execution, m *pipe.Message) {
	r := &pipe.Message{Kind: pipe.InputReply, Seq: m.Seq}
	line, err := e.cell.Input(e.ctx, m.Text, m.Flag)
	if err != nil && e.ctx.Err() != nil {
		return // the cell is interrupted: with an answer it could go on until it hears of that
	}
	if err != nil {
		r.Fail = err.Error()
	}
	r.Text = line
	if err := c.main.Send(r); err != nil {
		c.o.Logf("session: input: %v", err)
	}
}

// comm passes on what the session says by a comm: to the message that it answers, or as the cell that says it. Both may be
// long gone, where a widget is old; then it comes from the last cell.
func (c *child) comm(m *pipe.Message) error {
	c.mu.Lock()
	send := c.asked[m.Seq].answer
	if e := c.cells[m.Cell]; send == nil && e != nil {
		send = e.cell.Comm
	}
	if send == nil && c.running != nil {
		send = c.running.cell.Comm
	}
	c.mu.Unlock()
	if send == nil || m.Comm == nil {
		return errors.New("nobody to say it to")
	}
	return send(*m.Comm)
}

// question is a request that waits for its reply.
type question struct {
	reply  chan *pipe.Message             // buffered; receives once
	answer func(kernel.CommMessage) error // takes what comes before it; nil where nothing may
}

// ask sends a request and waits for its reply.
func (c *child) ask(ctx context.Context, m *pipe.Message, answer func(kernel.CommMessage) error) (*pipe.Message, error) {
	reply := make(chan *pipe.Message, 1)
	c.mu.Lock()
	c.seq++
	m.Seq = c.seq
	c.asked[m.Seq] = question{reply, answer}
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.asked, m.Seq)
		c.mu.Unlock()
	}()
	if err := c.main.Send(m); err != nil {
		return nil, err
	}
	select {
	case r := <-reply:
		if r.Fail != "" {
			return nil, errors.New(r.Fail)
		}
		return r, nil
	case <-c.dead:
		return nil, errors.New("session: died")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
