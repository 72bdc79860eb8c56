package rt

import "fmt"

// Print is the builtin print.
func (r *Registry) Print(a ...any) { fmt.Fprint(r.Stderr, a...) }

// Println is the builtin println.
func (r *Registry) Println(a ...any) { fmt.Fprintln(r.Stderr, a...) }

// Text is a panic value as Go's runtime prints it.
func (r *Registry) Text(v any) string { return fmt.Sprint(r.Out(r.Normalize(v))) }
