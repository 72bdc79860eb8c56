package interp

import "github.com/rivulet-go/rivulet/kernel"

// complete finds what can stand at the cursor.
func (l *language) complete(code string, cursor int) *kernel.Completion {
	return &kernel.Completion{Start: cursor, End: cursor}
}

// inspect describes the name at the cursor, or nil.
func (l *language) inspect(string, int) *kernel.Bundle { return nil }
