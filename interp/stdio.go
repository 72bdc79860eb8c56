package interp

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"strings"
	"sync"
	"syscall"

	"github.com/traefik/yaegi/interp"

	"github.com/rivulet-go/rivulet/interp/pipe"
)

// stdio is what cells have for standard input and output.
type stdio struct {
	s        *session
	out, err *stdPipe
	in       *stdin
}

func newStdio(s *session) (*stdio, error) {
	d := &stdio{s: s}
	var err error
	if d.out, err = newStdPipe(s, "stdout"); err != nil {
		return nil, err
	}
	if d.err, err = newStdPipe(s, "stderr"); err != nil {
		return nil, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	d.in = &stdin{File: null, s: s}
	return d, nil
}

// flush sends what was written to os.Stdout and os.Stderr.
func (d *stdio) flush() {
	d.out.drain()
	d.err.drain()
}

// writer prints for the cell of the calling goroutine.
func (d *stdio) writer(name string) io.Writer { return streamWriter{d, name} }

type streamWriter struct {
	d    *stdio
	name string
}

func (w streamWriter) Write(p []byte) (int, error) {
	w.d.flush()
	if r := w.d.s.owner(); r != nil {
		r.mayGoOn()
		r.print(w.name, p)
		return len(p), nil
	}
	return os.Stderr.Write(p) // of a worker: its log
}

// stdPipe is os.Stdout or os.Stderr of cells: a real file, because Go code expects one, whose other end is read here.
type stdPipe struct {
	s    *session
	name string
	r, w *os.File
	conn syscall.RawConn
	mu   sync.Mutex
	buf  [16 << 10]byte
}

func newStdPipe(s *session, name string) (*stdPipe, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	conn, err := r.SyscallConn()
	if err != nil {
		return nil, err
	}
	p := &stdPipe{s: s, name: name, r: r, w: w, conn: conn}
	go func() {
		_ = conn.Read(func(fd uintptr) bool { return p.read(int(fd)) })
	}()
	return p, nil
}

// read takes what there is; it says whether the pipe has ended.
func (p *stdPipe) read(fd int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		n, err := syscall.Read(fd, p.buf[:])
		switch {
		case n > 0:
			if r := p.s.current.Load(); r != nil {
				r.print(p.name, p.buf[:n])
			} else {
				_, _ = os.Stderr.Write(p.buf[:n]) // of a worker: its log
			}
		case err == syscall.EINTR:
		default:
			return err != syscall.EAGAIN
		}
	}
}

func (p *stdPipe) drain() { _ = p.conn.Control(func(fd uintptr) { p.read(int(fd)) }) }

// stdin is os.Stdin of cells: it asks the front end for a line whenever it runs dry. Its File is /dev/null.
type stdin struct {
	*os.File
	s *session

	mu   sync.Mutex
	line bufio.Reader
	of   *run // the cell that line was read for
}

// errNoInput is what a read gets where the front end takes no input requests.
var errNoInput = errors.New("input: this front end does not take input requests")

// errLateInput is what a function gets that a cell has given to a widget: front ends take questions of a running cell only.
var errLateInput = errors.New("input: the cell that asks has ended")

func (in *stdin) fill() error {
	r := in.s.owner()
	if in.of == r && in.line.Buffered() > 0 {
		return nil
	}
	if r == nil || !r.info.AllowStdin {
		return errNoInput
	}
	in.s.std.flush()
	text, err := r.input("", false)
	if err != nil {
		return err
	}
	in.line.Reset(strings.NewReader(text + "\n"))
	in.of = r
	_, err = in.line.Peek(1)
	return err
}

// Read gives bytes of the current line.
func (in *stdin) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := in.fill(); err != nil {
		return 0, err
	}
	return in.line.Read(p)
}

// ReadRune and UnreadRune let fmt.Scan read no more than it needs.
func (in *stdin) ReadRune() (rune, int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if err := in.fill(); err != nil {
		return 0, 0, err
	}
	return in.line.ReadRune()
}

// UnreadRune gives the last rune back.
func (in *stdin) UnreadRune() error {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.line.UnreadRune()
}

// input asks the front end for a line.
func (r *run) input(prompt string, password bool) (string, error) {
	s := r.s
	reply := make(chan *pipe.Message, 1)
	s.mu.Lock()
	s.seq++
	seq := s.seq
	s.inputs[seq] = reply
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.inputs, seq)
		s.mu.Unlock()
	}()
	if err := r.send(&pipe.Message{Kind: pipe.Input, Seq: seq, Text: prompt, Flag: password}); err != nil {
		return "", err
	}
	select {
	case m := <-reply:
		if m.Fail != "" {
			return "", errors.New(m.Fail)
		}
		return m.Text, nil
	case <-r.halt.Done():
		<-r.stopped
		return "", r.halt.Err()
	}
}

// exit is os.Exit in a cell.
func (d *stdio) exit(code int) {
	d.flush()
	if r := d.s.owner(); r != nil {
		r.exit(code)
	}
}

// fatal logs a text and ends the cell.
func (d *stdio) fatal(l *log.Logger, text string) {
	l.Print(text)
	d.exit(1)
}

// symbols replace those of the standard library that would reach the process's own descriptors, or end the process.
func (d *stdio) symbols() interp.Exports {
	l := log.New(d.writer("stderr"), "", log.LstdFlags)
	fatal := func(text string) { d.fatal(l, text) }
	v := reflect.ValueOf
	return interp.Exports{
		"os/os": {
			"Stdin": v(&d.in).Elem(), "Stdout": v(&d.out.w).Elem(), "Stderr": v(&d.err.w).Elem(), "Exit": v(d.exit),
			"Args": v(&os.Args).Elem(), // the interpreter's own would not be what package flag reads
		},
		"testing/testing": {"Main": v(d.testMain)},
		"log/log": {
			"Fatal":   v(func(a ...any) { fatal(fmt.Sprint(a...)) }),
			"Fatalf":  v(func(f string, a ...any) { fatal(fmt.Sprintf(f, a...)) }),
			"Fatalln": v(func(a ...any) { fatal(fmt.Sprintln(a...)) }),
			"Flags":   v(l.Flags), "Output": v(l.Output), "Panic": v(l.Panic), "Panicf": v(l.Panicf), "Panicln": v(l.Panicln),
			"Prefix": v(l.Prefix), "Print": v(l.Print), "Printf": v(l.Printf), "Println": v(l.Println),
			"SetFlags": v(l.SetFlags), "SetOutput": v(l.SetOutput), "SetPrefix": v(l.SetPrefix), "Writer": v(l.Writer),
			"Default": v(func() *log.Logger { return l }),
		},
	}
}
