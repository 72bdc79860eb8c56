package kernel

import "context"

// Bundle is MIME data with its metadata, as in display_data.
type Bundle struct {
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata,omitempty"`
}

// Interpreter runs cells. It is called from one goroutine at a time, except Complete, Inspect, IsComplete, Comm and
// Interrupt, which may come while a cell runs.
type Interpreter interface {
	// Execute runs a cell. It returns nil, or a *CellError to show. Cancelling ctx interrupts the cell.
	Execute(ctx context.Context, code string, c Cell) error
	Complete(ctx context.Context, code string, cursor int) (Completion, error)
	Inspect(ctx context.Context, code string, cursor, detail int) (Bundle, error)
	// IsComplete is "complete", "incomplete", "invalid" or "unknown", and the indent of the next line.
	IsComplete(code string) (status, indent string)
	// Comm takes a message of a front end, in the order in which they came, and returns when what it has caused is done, or
	// takes long. What answers it goes through answer, which may be called later as well. It closes what it does not know.
	// A *CellError that is Lost says that the session had died, and all comms with it.
	Comm(ctx context.Context, m CommMessage, answer func(CommMessage) error) error
	// Interrupt stops what messages of comms have caused and what still runs.
	Interrupt()
	// Restart throws the state away and starts anew.
	Restart(context.Context) error
	Close() error
}

// Cell is one execution as its client sees it. All methods may be called from any goroutine; what arrives after the
// execution has ended still goes out under the parent header of this cell.
type Cell interface {
	// ID is the msg_id of the request.
	ID() string
	// Count is the execution count.
	Count() int
	// Silent executions publish nothing but status.
	Silent() bool
	// AllowStdin says whether Input may be called.
	AllowStdin() bool
	// Metadata is the metadata of the execute_request (JupyterLab puts cellId there).
	Metadata() map[string]any
	// Stream writes to "stdout" or "stderr".
	Stream(name, text string) error
	// Show sends display_data; a non-empty id is its display_id.
	Show(id string, b Bundle) error
	// Update sends update_display_data for id.
	Update(id string, b Bundle) error
	// Result sends execute_result; a non-empty id goes to transient.display_id.
	Result(id string, b Bundle) error
	// Clear sends clear_output.
	Clear(wait bool) error
	// Next has the front end put text into this cell's place, where replace is set, or into a new one below it.
	Next(text string, replace bool)
	// Comm sends a message of a comm.
	Comm(m CommMessage) error
	// Input asks the front end for a line.
	Input(ctx context.Context, prompt string, password bool) (string, error)
}

// Completion is the content of a complete_reply; cursors are in bytes of the code here and in code points on the wire.
type Completion struct {
	Matches    []string
	Start, End int
	Types      []string // one per match: function, instance, module, keyword, ...
	Signatures []string // one per match, or none: signatures, types, values; "" where there is nothing to say
}

// CellError is what a failed cell shows.
type CellError struct {
	Name      string   // ename, such as "compile error", "panic", "interrupted"
	Value     string   // evalue: one line
	Traceback []string // lines, may carry ANSI colours
	// Lost says that the session died: the state is gone and a new session has started.
	Lost bool
}

func (e *CellError) Error() string { return e.Name + ": " + e.Value }
