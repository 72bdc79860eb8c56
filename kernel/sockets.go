package kernel

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/rivulet-go/rivulet/kernel/internal/zmtp"
)

// sockets are the five of a connection file.
type sockets struct {
	shell, control, stdin *zmtp.Router
	iopub                 *zmtp.Publisher
	heartbeat             *zmtp.Echo
}

// openSockets binds them. Errors name the field of the connection file.
func openSockets(k *kernel) (_ *sockets, err error) {
	s := &sockets{}
	k.sockets = s
	defer func() {
		if err != nil {
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_ = s.close(ctx)
		}
	}()
	c := &k.connection
	// iopub first: requests arrive as soon as shell listens.
	iopub := k.config("iopub", nil)
	iopub.Welcome = k.welcome
	if s.iopub, err = zmtp.NewPublisher(c.endpoint(c.IOPubPort), iopub); err != nil {
		return nil, fmt.Errorf("iopub_port: %w", err)
	}
	if s.heartbeat, err = zmtp.NewEcho(c.endpoint(c.HeartbeatPort), k.config("hb", nil)); err != nil {
		return nil, fmt.Errorf("hb_port: %w", err)
	}
	for _, r := range []struct {
		name   string
		port   int
		into   **zmtp.Router
		handle func(*zmtp.Peer, zmtp.Message)
	}{
		{"stdin", c.StdinPort, &s.stdin, k.input.receive},
		{"control", c.ControlPort, &s.control, k.receiveControl},
		{"shell", c.ShellPort, &s.shell, k.receiveShell},
	} {
		if *r.into, err = zmtp.NewRouter(c.endpoint(r.port), k.config(r.name, r.handle)); err != nil {
			return nil, fmt.Errorf("%s_port: %w", r.name, err)
		}
	}
	return s, nil
}

func (k *kernel) config(name string, handle func(*zmtp.Peer, zmtp.Message)) zmtp.Config {
	return zmtp.Config{Name: name, Logger: k.log, Handle: handle}
}

// close drains and closes all at the same time: a front end that has stopped reading one must not take the others' time.
func (s *sockets) close(ctx context.Context) error {
	var closers []func(context.Context) error
	for _, r := range []*zmtp.Router{s.shell, s.control, s.stdin} {
		if r != nil {
			closers = append(closers, r.Close)
		}
	}
	if s.iopub != nil {
		closers = append(closers, s.iopub.Close)
	}
	if s.heartbeat != nil {
		closers = append(closers, s.heartbeat.Close)
	}
	errs := make([]error, len(closers))
	var group sync.WaitGroup
	for i, f := range closers {
		group.Go(func() { errs[i] = f(ctx) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func (k *kernel) receiveShell(p *zmtp.Peer, frames zmtp.Message) {
	r := k.accept("shell", p, frames)
	if r == nil {
		return
	}
	r.arrival, r.shell = k.arrived.Add(1), k.shellOf(r.SubshellID)
	if r.shell == nil {
		k.log.Warn("message dropped", "socket", "shell", "type", r.MsgType, "error", noSubshell(r.SubshellID))
		k.reply("shell", r, failure(asCellError(k.done, noSubshell(r.SubshellID))), nil)
		return
	}
	if k.overtakes(r) {
		k.handle("shell", r)
		return
	}
	k.enqueue(r)
}

func (k *kernel) enqueue(r *request) {
	if r.shell == k.main && isComm(r) {
		k.comms.waiting.Add(1)
	}
	select {
	case r.shell.queue <- r:
	case <-r.shell.gone:
	case <-k.done.Done():
	}
}

func (k *kernel) receiveControl(p *zmtp.Peer, frames zmtp.Message) {
	r := k.accept("control", p, frames)
	if r == nil {
		return
	}
	select {
	case k.controls <- r:
	case <-k.done.Done():
	}
}
