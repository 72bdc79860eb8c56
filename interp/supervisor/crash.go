package supervisor

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"

	"github.com/rivulet-go/rivulet/kernel"
)

// traceLines bounds the Go stack trace that a cell shows.
const traceLines = 40

const lossText = "variables, functions and imports of earlier cells are lost; a new session has started"

// obituary is the error of the cell during which the process died. The child is dead.
func (c *child) obituary() *kernel.CellError {
	c.mu.Lock()
	reason, fault := c.reason, c.fault
	started := c.started
	c.mu.Unlock()
	trace := ""
	if c.errs != nil {
		trace = c.errs.crash()
	}
	cause := ""
	switch {
	case !started && fault != nil:
		cause = "could not start: " + fault.Error()
	case reason != "":
		cause = "was killed: " + reason
	case trace != "":
		cause = fatalLine(trace)
	default:
		cause = ending(fault)
	}
	value := "the session " + cause + "; " + lossText
	if trace != "" && reason == "" {
		value = cause + "; " + lossText
	}
	e := &kernel.CellError{Name: "session lost", Value: value, Lost: true}
	e.Traceback = []string{"\x1b[31m" + e.Name + "\x1b[0m: " + cause}
	if reason == "" {
		e.Traceback = append(e.Traceback, trim(trace)...)
	}
	e.Traceback = append(e.Traceback, "\x1b[33m"+lossText+"\x1b[0m")
	return e
}

// fatalLine is the sentence of a trace that says what happened.
func fatalLine(trace string) string {
	first := ""
	for line := range strings.Lines(trace) {
		line = strings.TrimSpace(line)
		if first == "" {
			first = line
		}
		if strings.HasPrefix(line, "fatal error: ") {
			if why, ok := strings.CutPrefix(first, "runtime: "); ok {
				return line + " (" + why + ")"
			}
			return line
		}
	}
	return first
}

// trim keeps the head of a trace: the message and the first goroutine.
func trim(trace string) []string {
	var lines []string
	for line := range strings.Lines(trace) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "goroutine ") && len(lines) > traceLines/2 {
			break
		}
		if len(lines) == traceLines {
			lines = append(lines, "...")
			break
		}
		lines = append(lines, line)
	}
	return lines
}

// ending says how a process ended.
func ending(err error) string {
	exit := (*exec.ExitError)(nil)
	if !errors.As(err, &exit) {
		if err == nil {
			return "ended (exit status 0)"
		}
		return "ended: " + err.Error()
	}
	ws, ok := exit.Sys().(syscall.WaitStatus)
	if !ok || !ws.Signaled() {
		return "ended (" + exit.String() + ")"
	}
	if ws.Signal() == syscall.SIGKILL {
		return "was killed (signal 9: by a user, or because memory ran out)"
	}
	return fmt.Sprintf("was killed (signal %d: %v)", int(ws.Signal()), ws.Signal())
}
