package wire

// Output is what a captured function prints or shows: a stream's text, a display, the update of one, or that all is cleared.
type Output struct {
	Kind     OutputKind
	Name     string // of a stream: stdout or stderr
	Text     string
	ID       string // display_id
	Wait     bool   // clears when the next output comes
	Data     map[string]any
	Metadata map[string]any
}

// OutputKind says what an Output is.
type OutputKind int

// The kinds of outputs.
const (
	Stream OutputKind = iota
	Show
	Update
	Clear
)
