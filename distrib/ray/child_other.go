//go:build !linux

package ray

import (
	"context"
	"errors"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
)

// ServeChild is for Linux, on which Ray's workers run.
func ServeChild(context.Context, arrowmemory.Allocator, Run) error {
	return errors.New("workers of a Ray cluster run on Linux")
}
