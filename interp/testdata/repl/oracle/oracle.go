// Package oracle runs the cells of a compiled script and tells what they show, one line of JSON a cell.
package oracle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
)

// Cell is a cell of a script.
type Cell struct {
	Number int // counted from 1
	Stdin  string
	Run    func()
}

// Shown is what a cell shows.
type Shown struct {
	Cell                 int
	Stdout, Stderr       string
	Results, Error       string
	HasResult, HasFailed bool
}

var current *Shown

// Main runs the script that the first argument names.
func Main(scripts map[string][]Cell) {
	out := json.NewEncoder(os.Stdout)
	stdout, stderr := capture(&os.Stdout), capture(&os.Stderr)
	log.SetOutput(logWriter{})
	in, answers, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	os.Stdin = in
	name := os.Args[1]
	os.Args = []string{"rivulet"}
	for _, c := range scripts[name] {
		current = &Shown{Cell: c.Number}
		if c.Stdin != "" {
			io.WriteString(answers, c.Stdin)
		}
		run(c.Run)
		current.Stdout, current.Stderr = stdout(), stderr()
		if err := out.Encode(current); err != nil {
			panic(err)
		}
	}
}

func run(f func()) {
	defer func() {
		if v := recover(); v != nil {
			fail("panic: " + panicText(v))
		}
	}()
	f()
}

func fail(text string) {
	if !current.HasFailed {
		current.Error, current.HasFailed = text, true
	}
}

type logWriter struct{}

func (logWriter) Write(p []byte) (int, error) { return os.Stderr.Write(p) }

const marker = "\x00end of the cell\x00"

// capture puts a pipe in the place of a file; the function that it returns gives what was written since the last call.
func capture(file **os.File) func() string {
	r, w, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	*file = w
	texts := make(chan string)
	go func() {
		var text []byte
		p := make([]byte, 4096)
		for {
			n, err := r.Read(p)
			if err != nil {
				panic(err)
			}
			text = append(text, p[:n]...)
			for {
				i := bytes.Index(text, []byte(marker))
				if i < 0 {
					break
				}
				texts <- string(text[:i])
				text = text[i+len(marker):]
			}
		}
	}()
	return func() string {
		io.WriteString(w, marker)
		return <-texts
	}
}

// Show shows the values of an expression.
func Show(values ...any) {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = text(v)
	}
	current.Results, current.HasResult = strings.Join(texts, ", "), true
}

// Call shows the results of a call whose last result is an error: a nil one is not shown, any other fails the cell.
func Call(values ...any) {
	last := len(values) - 1
	if err, ok := values[last].(error); ok {
		fail("error: " + err.Error())
	} else if last > 0 {
		Show(values[:last]...)
	}
}

func text(v any) string {
	switch v := v.(type) {
	case nil:
		return "<nil>"
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprintf("%+v", v)
}

func panicText(v any) string {
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	case string:
		return v
	}
	return fmt.Sprintf("%+v", v)
}
