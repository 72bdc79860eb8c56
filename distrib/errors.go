package distrib

import "errors"

var (
	// ErrLost is wrapped by the error of a task whose worker went away: running it again may succeed. Any other
	// error is the task's own and would come again.
	ErrLost = errors.New("task lost")

	// ErrFreed is wrapped where a block is asked for after it was freed.
	ErrFreed = errors.New("block was freed")
)
