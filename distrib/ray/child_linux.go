package ray

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
	"golang.org/x/sys/unix"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/batch"
)

// child is the process that runs tasks for one Ray worker, one after the other.
type child struct {
	conn *net.UnixConn
	mem  arrowmemory.Allocator
	run  Run

	inbox []byte // where inputs arrive; mapped anew when it grows

	mu     sync.Mutex // sending
	slots  slots
	inputs chan []byte        // the answer to msgWant
	cancel context.CancelFunc // of the running task
}

// ServeChild runs requests that arrive at the socket which the Ray worker left open, until it is closed.
func ServeChild(ctx context.Context, mem arrowmemory.Allocator, run Run) error {
	fd, err := strconv.Atoi(os.Getenv(socketEnv))
	if err != nil {
		return fmt.Errorf("%s is not set: a worker is started by Ray's workers alone", socketEnv)
	}
	unix.CloseOnExec(fd)
	file := os.NewFile(uintptr(fd), "worker socket")
	conn, err := net.FileConn(file)
	if err != nil {
		return fmt.Errorf("worker socket: %w", err)
	}
	_ = file.Close()
	c := &child{conn: conn.(*net.UnixConn), mem: mem, run: run, inputs: make(chan []byte, 1), cancel: func() {}}
	return c.serve(ctx)
}

// serve ends when the Ray worker is gone, whatever runs.
func (c *child) serve(ctx context.Context) error {
	buf, oob := make([]byte, messageBytes+maxBodyBytes), make([]byte, 128)
	for {
		n, oobn, _, _, err := c.conn.ReadMsgUnix(buf, oob)
		if err != nil || n == 0 {
			return nil //nolint:nilerr // however the Ray worker went, there is nothing more to do
		}
		m, err := decodeMessage(buf[:n])
		if err != nil {
			return err
		}
		fd, err := receivedFile(oob[:oobn])
		if err != nil {
			return err
		}
		if err := c.handle(ctx, m, fd); err != nil {
			return err
		}
	}
}

func receivedFile(oob []byte) (int, error) {
	if len(oob) == 0 {
		return -1, nil
	}
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil || len(messages) != 1 {
		return -1, fmt.Errorf("control message: %w", err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return -1, fmt.Errorf("control message: %d files, %w", len(fds), err)
	}
	return fds[0], nil
}

func (c *child) handle(ctx context.Context, m message, fd int) error {
	switch m.kind {
	case msgRun:
		request := append([]byte(nil), m.body...)
		if fd >= 0 {
			request = make([]byte, m.length)
			file := os.NewFile(uintptr(fd), "request")
			_, err := file.ReadAt(request, 0)
			_ = file.Close()
			if err != nil {
				return fmt.Errorf("request: %w", err)
			}
		}
		taskCtx, cancel := context.WithCancel(ctx)
		c.cancel = cancel
		c.slots.begin()
		select { // of a task that was cancelled
		case <-c.inputs:
		default:
		}
		go func() {
			defer cancel()
			c.task(taskCtx, request)
		}()
	case msgInput:
		if fd >= 0 {
			mapped, err := unix.Mmap(fd, 0, int(m.capacity), unix.PROT_READ, unix.MAP_SHARED)
			_ = unix.Close(fd)
			if err != nil {
				return fmt.Errorf("inbox: %w", err)
			}
			if c.inbox != nil {
				_ = unix.Munmap(c.inbox)
			}
			c.inbox = mapped
		}
		c.inputs <- c.inbox[:m.length]
	case msgCredit:
		c.slots.credit(m.number)
	case msgCancel:
		c.cancel()
	default:
		return fmt.Errorf("a datagram of kind %d", m.kind)
	}
	return nil
}

// task runs one request and says how it ended.
func (c *child) task(ctx context.Context, request []byte) {
	at, err := c.guarded(ctx, request)
	if ctx.Err() != nil {
		c.slots.forget()
	}
	end := message{kind: msgDone}
	if err != nil {
		end.kind = msgFailed
		end.body, err = note{Ref: distrib.Ref{ID: at}, Error: worker.EncodeError(err)}.encode()
		if err != nil || len(end.body) > maxBodyBytes {
			end.body, _ = note{Ref: distrib.Ref{ID: at}, Error: worker.EncodeError(errors.New("an error too long to tell"))}.encode()
		}
	}
	_ = c.send(end, -1)
}

func (c *child) guarded(ctx context.Context, request []byte) (at distrib.BlockID, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("worker: panic: %v\n%s", r, debug.Stack())
		}
	}()
	return c.run(ctx, request, c.input, c.emit)
}

// input fetches an input by its number. The Ray worker gives one at a time.
func (c *child) input(ctx context.Context, number int) (arrow.Record, error) {
	if err := c.send(message{kind: msgWant, number: number}, -1); err != nil {
		return nil, err
	}
	select {
	case b := <-c.inputs:
		return batch.Decode(c.mem, b)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// emit passes a block on, or the end of a split.
func (c *child) emit(ctx context.Context, ref distrib.Ref, rec arrow.Record) error {
	if rec == nil {
		body, err := note{Ref: ref}.encode()
		if err != nil {
			return err
		}
		return c.send(message{kind: msgNote, body: body}, -1)
	}
	defer rec.Release()
	s, number, err := c.slots.take(ctx, batch.EncodedSize(rec))
	if err != nil {
		return err
	}
	length, fresh, err := s.write(rec)
	if err != nil {
		c.slots.credit(number)
		return err
	}
	ref.Bytes = batch.Bytes(rec)
	body, err := note{Ref: ref}.encode()
	if err != nil {
		return err
	}
	fd := -1
	if fresh {
		fd = s.fd
	}
	return c.send(message{kind: msgBlock, number: number, length: length, capacity: int64(len(s.mem)), body: body}, fd)
}

func (c *child) send(m message, fd int) error {
	if len(m.body) > maxBodyBytes {
		return errors.New("a note of a block is too long")
	}
	var oob []byte
	if fd >= 0 {
		oob = unix.UnixRights(fd)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _, err := c.conn.WriteMsgUnix(m.encode(), oob, nil)
	return err
}
