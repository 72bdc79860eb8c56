package display

// Bundle is MIME data with its metadata.
type Bundle struct {
	Data     map[string]any `json:"data"`
	Metadata map[string]any `json:"metadata,omitempty"`
}

// Surface is where displays go; the session's proxy to the kernel is one.
type Surface interface {
	// Show displays b; a non-empty id lets Update replace it.
	Show(id string, b Bundle) error
	// Update replaces what was shown under id.
	Update(id string, b Bundle) error
	// Clear clears the cell's output, at once or when the next output comes.
	Clear(wait bool) error
	// Input asks for a line of text, which is not shown while it is typed where password is set.
	Input(prompt string, password bool) (string, error)
	// Live says whether the client draws updates. Where it does not (terminals), progress goes to Progress and one
	// final Show follows.
	Live() bool
	// Progress writes a transient line for clients that are not Live; "" clears it.
	Progress(line string) error
}
