package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rivulet-go/rivulet/interp/pipe"
	"github.com/rivulet-go/rivulet/kernel"
)

// keepCells is how many finished cells may still receive late output (of goroutines that outlive them).
const keepCells = 256

// child is one session process with its pipes. It is started once and dies once.
type child struct {
	o     *Options
	ready chan struct{} // closed when the session takes cells
	dead  chan struct{} // closed when the process is gone and all its output has been delivered

	cmd     *exec.Cmd
	main    *pipe.Conn
	control *pipe.Conn
	out     *rawPipe
	errs    *rawPipe
	pongs   chan struct{}

	mu      sync.Mutex
	started bool
	fault   error  // why it could not start, or how it ended
	reason  string // why we killed it
	cells   map[uint64]*execution
	running *execution // owner of raw output
	seq     uint64
	asked   map[uint64]question
}

// execution is one cell in flight, or finished and still known for late output.
type execution struct {
	number uint64
	cell   kernel.Cell
	done   chan *kernel.CellError // buffered; receives once
	ctx    context.Context        // of input requests
	cancel context.CancelFunc
}

func startChild(o *Options) *child {
	c := &child{
		o: o, ready: make(chan struct{}), dead: make(chan struct{}), pongs: make(chan struct{}, 1),
		cells: map[uint64]*execution{}, asked: map[uint64]question{},
	}
	go c.run()
	return c
}

// run starts the process and waits for its end. It keeps its thread: the parent-death signal is sent when the thread
// that started the process ends, not when the process does.
func (c *child) run() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(c.dead)
	theirs, err := c.open()
	if err != nil {
		c.fail(err)
		return
	}
	c.mu.Lock()
	err = c.cmd.Start()
	c.started = err == nil
	killed := c.reason != ""
	c.mu.Unlock()
	for _, f := range theirs {
		f.Close()
	}
	if err != nil {
		c.fail(err)
		c.closePipes()
		return
	}
	if killed {
		c.signal()
	}
	var readers sync.WaitGroup
	readers.Go(c.readMain)
	readers.Go(c.readControl)
	readers.Go(func() { c.out.run() })
	readers.Go(func() { c.errs.run() })
	timer := time.AfterFunc(startTime, func() {
		select {
		case <-c.ready:
		default:
			c.killed("it did not start within " + startTime.String())
		}
	})
	err = c.cmd.Wait()
	timer.Stop()
	c.fail(err)
	c.signal() // what it started in its group goes with it
	c.closeSoon()
	readers.Wait()
	c.closePipes()
}

// open makes the pipes and the command; it returns the ends that the child takes.
func (c *child) open() (theirs []*os.File, err error) {
	defer func() {
		if err != nil {
			for _, f := range theirs {
				f.Close()
			}
			c.closePipes()
		}
	}()
	add := func(f *os.File) { theirs = append(theirs, f) }
	mainEnd, mainConn, err := socketPair()
	if err != nil {
		return theirs, err
	}
	add(mainEnd)
	c.main = pipe.NewConn(mainConn)
	controlEnd, controlConn, err := socketPair()
	if err != nil {
		return theirs, err
	}
	add(controlEnd)
	c.control = pipe.NewConn(controlConn)
	outR, outW, err := os.Pipe()
	if err != nil {
		return theirs, err
	}
	add(outW)
	c.out = newRawPipe(outR, func(text string) { c.raw("stdout", text) })
	errR, errW, err := os.Pipe()
	if err != nil {
		return theirs, err
	}
	add(errW)
	c.errs = newRawPipe(errR, func(text string) { c.raw("stderr", text) })
	c.errs.holdCrash = true
	cmd := exec.Command(c.o.Command[0], c.o.Command[1:]...)
	cmd.Env, cmd.Dir = c.o.Env, c.o.Dir
	cmd.Stdout, cmd.Stderr = outW, errW
	cmd.ExtraFiles = []*os.File{mainEnd, controlEnd}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	c.cmd = cmd
	return theirs, nil
}

func socketPair() (theirs *os.File, ours net.Conn, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("session: socketpair: %w", err)
	}
	f := os.NewFile(uintptr(fds[0]), "session")
	ours, err = net.FileConn(f)
	f.Close()
	if err != nil {
		unix.Close(fds[1])
		return nil, nil, fmt.Errorf("session: %w", err)
	}
	return os.NewFile(uintptr(fds[1]), "session"), ours, nil
}

func (c *child) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fault == nil {
		c.fault = err
	}
}

// closeSoon ends the readers also where a grandchild outside the group holds the pipes open.
func (c *child) closeSoon() {
	time.AfterFunc(time.Second, c.closePipes)
}

func (c *child) closePipes() {
	if c.main != nil {
		c.main.Close()
	}
	if c.control != nil {
		c.control.Close()
	}
	if c.out != nil {
		c.out.close()
	}
	if c.errs != nil {
		c.errs.close()
	}
}

func (c *child) isDead() bool {
	select {
	case <-c.dead:
		return true
	default:
		return false
	}
}

// isReady reports whether it takes messages now.
func (c *child) isReady() bool {
	select {
	case <-c.ready:
		return !c.isDead()
	default:
		return false
	}
}

func (c *child) waitReady(ctx context.Context) error {
	select {
	case <-c.ready:
		if c.isDead() {
			return errors.New("session: died")
		}
		return nil
	case <-c.dead:
		return errors.New("session: died")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *child) pid() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.started {
		return 0
	}
	return c.cmd.Process.Pid
}

// signal kills the process group.
func (c *child) signal() {
	if pid := c.pid(); pid > 0 {
		_ = syscall.Kill(-pid, syscall.SIGKILL)
	}
}

func (c *child) kill() { c.killed("its pipe broke") }

// killed kills the process and keeps why.
func (c *child) killed(why string) {
	c.mu.Lock()
	if c.reason == "" {
		c.reason = why
	}
	c.mu.Unlock()
	c.signal()
}

// stop ends the process: it exits by itself when its pipe closes, and is killed where it does not.
func (c *child) stop() {
	c.mu.Lock()
	if c.reason == "" {
		c.reason = "it was stopped"
	}
	started := c.started
	c.mu.Unlock()
	if started {
		c.main.Close()
		select {
		case <-c.dead:
			return
		case <-time.After(300 * time.Millisecond):
		}
		c.signal()
	}
	<-c.dead
}

func (c *child) ping(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	if err := c.control.Send(&pipe.Message{Kind: pipe.Ping}); err != nil {
		return 0, err
	}
	select {
	case <-c.pongs:
		return time.Since(start), nil
	case <-c.dead:
		return 0, errors.New("session: died")
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func (c *child) readControl() {
	for {
		m, err := c.control.Receive()
		if err != nil {
			return
		}
		if m.Kind == pipe.Pong {
			select {
			case c.pongs <- struct{}{}:
			default:
			}
		}
	}
}
