package rt

import "fmt"

// Sprintf is fmt.Sprintf.
func (r *Registry) Sprintf(format string, a ...any) string { return fmt.Sprintf(format, r.outs(a)...) }

func (r *Registry) outs(a []any) []any {
	out := make([]any, len(a))
	for i, x := range a {
		out[i] = r.Out(x)
	}
	return out
}
