package interp

import (
	"fmt"
	"go/ast"
	"go/parser"
	"strings"
	"syscall"
	"time"

	"github.com/rivulet-go/rivulet/interp/cell"
)

// time is %time: the end of the cell says how long it took.
func (l *language) time(r *run, _ cell.Magic) error {
	r.timed = true
	return nil
}

// timed is the statement of a %time, where it stood.
func timed(line cell.Magic) (text, end string) {
	if line.Args == "" {
		return "", ""
	}
	before := line.Column - 1 + strings.LastIndex(line.Text, line.Args)
	return strings.Repeat(" ", before) + line.Args, ""
}

// repeated is the Go of a %timeit.
func repeated(line cell.Magic) (text, end string) {
	body := line.Args
	if x, err := parser.ParseExpr(body); err == nil {
		if _, call := x.(*ast.CallExpr); !call {
			body = "_ = " + body
		}
	}
	text = "display.TimeIt(func() { " + body
	if line.Cell {
		return text, "\n})"
	}
	return text + " })", ""
}

// stopwatch measures the session process and those that it has started and that have ended.
type stopwatch struct {
	wall time.Time
	cpu  time.Duration
}

func newStopwatch() stopwatch { return stopwatch{time.Now(), cpuTime()} }

func (w stopwatch) String() string {
	return fmt.Sprintf("wall %s, processor %s\n", rounded(time.Since(w.wall)), rounded(cpuTime()-w.cpu))
}

func cpuTime() (sum time.Duration) {
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if syscall.Getrusage(who, &u) == nil {
			sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return sum
}

// rounded is d with three digits.
func rounded(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit)
}
