package frame

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// Frame is a lazy, immutable table: a plan of what to compute. Methods that describe a table (Select, Filter,
// GroupBy, ...) return a new Frame and run nothing; actions (Collect, Count, Floats, ...) run the plan and return a
// value and an error. A Frame that is the last expression of a cell is computed and drawn while it arrives.
//
// A mistake, such as a column that does not exist, is kept in the Frame (Err gives it), passes through every later
// call and comes out of the action, or is shown where the Frame is displayed.
type Frame struct {
	node plan.Node
	err  error
	// name is how String calls the data: the path, or where it came from.
	name string
	// ran is what the last run of the frame did, nil while there is none.
	ran atomic.Pointer[plan.Profile]
	// watch, where set, draws the frame in its own way (Describe turns its one wide row).
	watch watchFunc
}

// Err is the first mistake made in building the frame, or nil. It runs nothing.
//
//	if err := df.Err(); err != nil { ... }
func (f *Frame) Err() error {
	if f == nil {
		return errNilFrame
	}
	return f.err
}

var errNilFrame = errors.New("the frame is nil")

// Plan is the logical plan, nil where the frame holds an error. It is for compiled Go: engines and tools.
func (f *Frame) Plan() plan.Node {
	if f == nil {
		return nil
	}
	return f.node
}

// derive makes a frame from one input. build panics become errors of the call.
func (f *Frame) derive(call string, build func(n plan.Node) (plan.Node, error)) (out *Frame) {
	if err := f.Err(); err != nil {
		return &Frame{err: err}
	}
	defer func() {
		if p := recover(); p != nil {
			out = &Frame{err: inCall(call, fmt.Errorf("panic: %v\n%s", p, debug.Stack())), name: f.name}
		}
	}()
	n, err := build(f.node)
	if err != nil {
		return &Frame{err: inCall(call, err), name: f.name}
	}
	return &Frame{node: n, name: f.name}
}

func failedFrame(call string, err error) *Frame { return &Frame{err: inCall(call, err)} }

// Columns is the names of the columns, in order; nil where the frame holds an error. It runs nothing.
//
//	df.Columns() // [year month day dep_time ...]
func (f *Frame) Columns() []string {
	if f.Err() != nil {
		return nil
	}
	return fieldNames(f.node.Schema())
}

// Schema is the names and types of the columns. It runs nothing and prints as a table of its own:
//
//	df.Schema()
//	// year       int
//	// dep_delay  float
//	// carrier    string
func (f *Frame) Schema() Schema {
	if err := f.Err(); err != nil {
		return Schema{err: err}
	}
	return schemaOf(f.node.Schema())
}

// Explain shows how the frame will be computed: the plan before and after the rules of the planner, an operator a line, its
// inputs indented below it, which rules changed it, its stages, and where they run on a cluster. It runs nothing. Where the frame has been computed or displayed, it also shows what
// each operator did in the last run: the rows and bytes that it gave, the time spent in it (in all lanes together, without
// what it waited for), the most memory of the budget that it held, and the bytes that it wrote to spill files; on a cluster
// also the splits, parts of exchanges, rows and bytes of each node.
//
//	fmt.Println(df.Explain())
func (f *Frame) Explain() string {
	if err := f.Err(); err != nil {
		return "error: " + err.Error()
	}
	text := plan.Explain(f.node)
	if r, err := runner(); err == nil {
		if p, ok := r.(placer); ok {
			text += p.Placement(f.node)
		}
	}
	if p := f.ran.Load(); p != nil {
		text += p.String()
	}
	return text
}

// profiled is a context in which runs leave their profile with the frame.
func (f *Frame) profiled(ctx context.Context) context.Context {
	return plan.WithProfile(ctx, f.ran.Store)
}

// String is one line that says what the frame is, without running it. Displaying the frame draws the table.
func (f *Frame) String() string {
	if err := f.Err(); err != nil {
		return "Frame(error: " + err.Error() + ")"
	}
	const most = 8
	names := f.Columns()
	list := strings.Join(names, ", ")
	if len(names) > most {
		list = strings.Join(names[:most], ", ") + fmt.Sprintf(", … %d more", len(names)-most)
	}
	name := f.name
	if name == "" {
		name = "computed"
	}
	return fmt.Sprintf("Frame(%s, %d %s: %s; lazy: display or Collect it)", name, len(names), plural(len(names), "column"), list)
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// Schema is the columns of a frame: their names and types, in order.
type Schema struct {
	names, types []string
	err          error
}

func schemaOf(s *arrow.Schema) Schema {
	out := Schema{names: fieldNames(s), types: make([]string, s.NumFields())}
	for i := range out.types {
		out.types[i] = batch.TypeName(s.Field(i).Type)
	}
	return out
}

// Names is the names of the columns.
func (s Schema) Names() []string { return append([]string(nil), s.names...) }

// Types is the types of the columns, by their names in cells: bool, int, uint, float, string, binary, date, time,
// duration, decimal(p,s), ...
func (s Schema) Types() []string { return append([]string(nil), s.types...) }

// Len is the number of columns.
func (s Schema) Len() int { return len(s.names) }

// Type is the type of a column, "" where there is no such column.
//
//	df.Schema().Type("dep_delay") // "float"
func (s Schema) Type(column string) string {
	for i, n := range s.names {
		if n == column {
			return s.types[i]
		}
	}
	return ""
}

// String is a line for each column: name and type.
func (s Schema) String() string {
	if s.err != nil {
		return "error: " + s.err.Error()
	}
	width := 0
	for _, n := range s.names {
		width = max(width, len([]rune(n)))
	}
	var b strings.Builder
	for i, n := range s.names {
		fmt.Fprintf(&b, "%s%s  %s\n", n, strings.Repeat(" ", width-len([]rune(n))), s.types[i])
	}
	return strings.TrimSuffix(b.String(), "\n")
}
