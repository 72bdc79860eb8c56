package unique

import "sync"

// Handle stands for a value: handles are equal where their values are.
type Handle[T comparable] struct {
	value *T
}

// Value is the value.
func (h Handle[T]) Value() T { return *h.value }

var (
	mu    sync.Mutex
	known = map[any]any{} // values of all types to pointers; they stay
)

// Make gives the handle of a value.
func Make[T comparable](value T) Handle[T] {
	mu.Lock()
	defer mu.Unlock()
	if p, ok := known[value]; ok {
		return Handle[T]{p.(*T)}
	}
	p := new(T)
	*p = value
	known[value] = p
	return Handle[T]{p}
}
