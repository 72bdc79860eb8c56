package main

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"strings"
)

//go:embed testdata
var testdata embed.FS

// program is one of the small programs.
type program struct {
	name   string
	source string // without a package clause
	call   string // what is timed
	want   string // what the call returns, as compiled Go says
}

var header = regexp.MustCompile(`^// want (\S+), from (\S+)\n`)

// order is that of the report.
var order = []string{"loop", "fib", "sieve", "iface", "typeswitch", "maps", "method", "sorting"}

func programs() ([]program, error) {
	var list []program
	for _, name := range order {
		source, err := read(name + ".go")
		if err != nil {
			return nil, err
		}
		m := header.FindStringSubmatch(source)
		if m == nil {
			return nil, fmt.Errorf("%s: the first line does not say what is wanted", name)
		}
		list = append(list, program{name: name, source: source, call: m[2], want: m[1]})
	}
	return list, nil
}

// read gives a file as a cell.
func read(name string) (string, error) {
	data, err := testdata.ReadFile(path.Join("testdata", name))
	return strings.Replace(string(data), "\npackage main\n", "\n\n", 1), err
}

// timer declares a function that calls and prints the nanoseconds that it took and the result.
func (p program) timer() string {
	return fmt.Sprintf("func time_%s() {\n\tstart := time.Now()\n\tresult := %s\n\tfmt.Println(time.Since(start).Nanoseconds(), result)\n}\n", p.name, p.call)
}

// timed is the call of the timer.
func (p program) timed() string { return "time_" + p.name + "()" }
