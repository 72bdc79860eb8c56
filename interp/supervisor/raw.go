package supervisor

import (
	"os"
	"strings"
	"sync"
	"syscall"
	"unicode/utf8"
)

// heldMax bounds how much of a fatal trace is kept, in bytes.
const heldMax = 256 << 10

// rawPipe reads one of the child's descriptors 1 and 2 as text.
type rawPipe struct {
	f         *os.File
	deliver   func(string)
	holdCrash bool // keep back what looks like a fatal trace until it is known whether the process dies

	mu   sync.Mutex
	buf  [32 << 10]byte
	tail []byte // an unfinished rune, or an unfinished line that may begin a trace
	held []byte // a trace
	hold bool
	bol  bool // the next byte begins a line
}

func newRawPipe(f *os.File, deliver func(string)) *rawPipe {
	return &rawPipe{f: f, deliver: deliver, bol: true}
}

// run delivers text as it comes, until the pipe ends.
func (p *rawPipe) run() {
	conn, err := p.f.SyscallConn()
	if err != nil {
		return
	}
	more := true
	for more {
		err = conn.Read(func(fd uintptr) bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			n, err := syscall.Read(int(fd), p.buf[:])
			switch {
			case n > 0:
				p.take(p.buf[:n])
			case err == syscall.EAGAIN:
				return false
			case err == syscall.EINTR:
			default:
				more = false
			}
			return true
		})
		if err != nil {
			more = false
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushTail()
}

// drain reads what lies in the pipe now, without waiting.
func (p *rawPipe) drain() {
	conn, err := p.f.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) {
		p.mu.Lock()
		defer p.mu.Unlock()
		for {
			n, err := syscall.Read(int(fd), p.buf[:])
			if n <= 0 && err != syscall.EINTR {
				return
			}
			if n > 0 {
				p.take(p.buf[:n])
			}
		}
	})
}

func (p *rawPipe) close() { p.f.Close() }

// take handles new bytes; mu is held.
func (p *rawPipe) take(b []byte) {
	if p.hold {
		p.keep(b)
		return
	}
	b = append(p.tail, b...)
	p.tail = nil
	if p.holdCrash {
		if i := crashStart(b, p.bol); i >= 0 {
			p.emit(b[:i])
			p.hold = true
			p.keep(b[i:])
			return
		}
	}
	end := len(b)
	for k := 1; k <= utf8.UTFMax && k <= end; k++ {
		if utf8.RuneStart(b[end-k]) {
			if !utf8.FullRune(b[end-k:]) {
				end -= k
			}
			break
		}
	}
	p.emit(b[:end])
	p.tail = append([]byte(nil), b[end:]...)
}

func (p *rawPipe) keep(b []byte) {
	if room := heldMax - len(p.held); len(b) > room {
		b = b[:room]
	}
	p.held = append(p.held, b...)
}

func (p *rawPipe) emit(b []byte) {
	if len(b) == 0 {
		return
	}
	p.bol = b[len(b)-1] == '\n'
	p.deliver(strings.ToValidUTF8(string(b), "\uFFFD"))
}

func (p *rawPipe) flushTail() {
	b := p.tail
	p.tail = nil
	p.emit(b)
}

// release gives up what was held back: the process lives, so it was no fatal trace.
func (p *rawPipe) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := p.held
	p.held, p.hold = nil, false
	p.emit(b)
}

// crash is the held trace.
func (p *rawPipe) crash() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.ToValidUTF8(string(p.held), "\uFFFD")
}

var crashPrefixes = []string{
	"fatal error: ", "panic: ", "runtime: goroutine stack exceeds", "runtime: out of memory", "unexpected fault address",
	"SIGSEGV: ", "SIGABRT: ", "SIGBUS: ", "SIGILL: ", "SIGFPE: ", "SIGQUIT: ",
}

// crashStart finds the first line that begins a fatal trace of the Go runtime, or -1.
func crashStart(b []byte, bol bool) int {
	s := string(b)
	for i := 0; i < len(s); {
		if i > 0 || bol {
			for _, p := range crashPrefixes {
				if strings.HasPrefix(s[i:], p) {
					return i
				}
			}
		}
		nl := strings.IndexByte(s[i:], '\n')
		if nl < 0 {
			break
		}
		i += nl + 1
	}
	return -1
}
