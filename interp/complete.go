package interp

import "github.com/rivulet-go/rivulet/kernel"

func (l *language) complete(code string, cursor int) *kernel.Completion {
	return &kernel.Completion{Start: cursor, End: cursor}
}

func (l *language) inspect(code string, cursor, detail int) *kernel.Bundle { return nil }
