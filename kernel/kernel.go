package kernel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/rivulet-go/rivulet/kernel/internal/zmtp"
)

const (
	// stopCellTimeout is how long a cancelled cell may take to end when the kernel stops.
	stopCellTimeout = time.Second
	// drainTimeout is how long front ends may take to receive what is queued for them when the kernel stops.
	drainTimeout = 3 * time.Second
	// queueLength is how many shell requests wait before the kernel stops reading from their sender.
	queueLength = 8192
)

// Options of Run; the zero value is usable.
type Options struct {
	Version   string // implementation_version of kernel_info
	Banner    string
	HelpLinks []HelpLink
	Logger    *slog.Logger // default: warnings on stderr
	History   string       // the file that keeps executed cells; "" keeps them as long as the kernel

	drain time.Duration // drainTimeout, unless a test is in a hurry
}

// HelpLink is an entry of a front end's help menu.
type HelpLink struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

type kernel struct {
	options    Options
	connection Connection
	in         Interpreter
	log        *slog.Logger
	codec      *codec
	sockets    *sockets
	input      *input
	past       *history
	comms      comms

	done context.Context // ends when the kernel stops; outlives requests
	stop context.CancelCauseFunc

	repliers map[string]replier
	main     *shell
	controls chan *request
	arrived  atomic.Uint64 // shell requests so far

	published atomic.Int64 // when something was published last, in nanoseconds of Unix time
	pace      pace

	executing sync.Mutex // held while a cell runs
	count     int        // executions counted

	statusMu  sync.Mutex // held while a state is published
	computing bool       // between busy and idle of a cell

	shellsMu  sync.Mutex
	subshells map[string]*shell
	serving   sync.WaitGroup // subshells

	runningMu sync.Mutex
	running   map[*request]context.CancelCauseFunc // shell requests in progress

	heldMu sync.Mutex
	held   map[*cell]struct{} // cells with unsent text
}

// Run serves the sockets of connectionFile until shutdown_request, SIGTERM, the end of ctx, or the end of the process
// that started the kernel (JPY_PARENT_PID). It closes in. All messages that were published are delivered first, as far
// as front ends take them within a few seconds.
func Run(ctx context.Context, connectionFile string, in Interpreter, o Options) error {
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	if o.drain == 0 {
		o.drain = drainTimeout
	}
	connection, err := ReadConnection(connectionFile)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	k := &kernel{
		options:    o,
		connection: connection,
		in:         in,
		log:        o.Logger,
		codec:      newCodec(connection.Key),
		repliers:   repliers(),
		main:       newShell(),
		controls:   make(chan *request, 64),
		subshells:  map[string]*shell{},
		running:    map[*request]context.CancelCauseFunc{},
		held:       map[*cell]struct{}{},
	}
	k.input, k.past = newInput(k), &history{path: o.History, log: o.Logger}
	k.comms.targets = map[string]string{}
	k.done, k.stop = context.WithCancelCause(ctx)
	defer k.stop(nil)
	if k.sockets, err = openSockets(k); err != nil {
		return errors.Join(fmt.Errorf("connection file %s: %w", connectionFile, err), in.Close())
	}
	return k.run()
}

func (k *kernel) run() error {
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)

	if err := k.publish(nil, "status", status("starting")); err != nil {
		k.log.Warn("status", "error", err)
	}
	var group errgroup.Group
	shell, control := make(chan struct{}), make(chan struct{})
	group.Go(guard(func() {
		defer close(shell)
		k.serve("shell", k.main.queue, nil)
		<-control // no subshell begins any more
		k.serving.Wait()
	}, k.stop))
	group.Go(guard(func() { defer close(control); k.serve("control", k.controls, nil) }, k.stop))
	group.Go(guard(func() { k.watchSignals(signals) }, k.stop))
	group.Go(guard(func() { watchParent(k.done, os.Getenv("JPY_PARENT_PID"), k.stop) }, k.stop))

	<-k.done.Done()
	if cause := context.Cause(k.done); !errors.Is(cause, ErrShutdown) {
		k.log.Info("stopping", "cause", cause)
	}
	<-control
	if !within(stopCellTimeout, shell) {
		k.log.Warn("the running cell does not stop: closing its session")
	}
	closeErr := k.in.Close()
	ended := within(stopCellTimeout, shell)
	k.drain()
	if !ended {
		// Its goroutine is left behind; the process is about to end.
		return errors.Join(errors.New("kernel: the running cell did not end"), closeErr)
	}
	return errors.Join(group.Wait(), closeErr)
}

func within(d time.Duration, end <-chan struct{}) bool {
	select {
	case <-end:
		return true
	case <-time.After(d):
		return false
	}
}

// drain delivers what is queued on all sockets, then closes them.
func (k *kernel) drain() {
	k.flushHeld(true)
	ctx, cancel := context.WithTimeout(context.Background(), k.options.drain)
	defer cancel()
	if err := k.sockets.close(ctx); err != nil {
		k.log.Warn("shutdown", "error", err)
	}
}

func (k *kernel) watchSignals(signals <-chan os.Signal) {
	for {
		select {
		case s := <-signals:
			if s == os.Interrupt {
				k.interruptCell()
				continue
			}
			k.stop(fmt.Errorf("signal: %s", s))
		case <-k.done.Done():
			return
		}
	}
}

// interruptCell cancels the shell requests in progress, and what comms have begun.
func (k *kernel) interruptCell() {
	k.runningMu.Lock()
	for _, cancel := range k.running {
		cancel(ErrInterrupted)
	}
	k.runningMu.Unlock()
	k.in.Interrupt()
}

// accept verifies a message, and logs what it drops.
func (k *kernel) accept(socket string, p *zmtp.Peer, frames zmtp.Message) *request {
	r, err := k.codec.decode(p, frames)
	if err != nil {
		k.log.Warn("message dropped", "socket", socket, "error", err)
		return nil
	}
	return r
}

// guard turns a panic into an error that stops the kernel.
func guard(f func(), stop context.CancelCauseFunc) func() error {
	return func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("kernel: panic: %v\n%s", r, debug.Stack())
				stop(err)
			}
		}()
		f()
		return nil
	}
}
