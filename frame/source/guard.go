package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime/debug"
)

// pathError says what the system has against a path, without Go's name of the call.
func pathError(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: no such file: %w", path, fs.ErrNotExist)
	}
	if inner := (*fs.PathError)(nil); errors.As(err, &inner) {
		err = inner.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// textError is an error of reading or decompressing.
func textError(input string, err error) error {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return fmt.Errorf("%s: %w", input, ErrTruncated)
	case errors.Is(err, ErrCorrupt), errors.Is(err, ErrTruncated):
		return fmt.Errorf("%s: %w", input, err)
	}
	return fmt.Errorf("%s: %w: %w", input, ErrCorrupt, err)
}

// guardPanic makes a panic an error. Use: defer guardPanic(name, &err)().
func guardPanic(input string, err *error) func() {
	return func() {
		if r := recover(); r != nil {
			*err = recovered(input, r)
		}
	}
}

// guardFault is guardPanic that also catches the fault of a mapped file that became shorter.
func guardFault(input string, err *error) func() {
	old := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(old)
		if r := recover(); r != nil {
			*err = recovered(input, r)
		}
	}
}

func recovered(input string, r any) error {
	if fault, ok := r.(interface{ Addr() uintptr }); ok {
		return fmt.Errorf("%s: %w: the file became shorter while it was read (address %#x)", input, ErrTruncated, fault.Addr())
	}
	if err, ok := r.(error); ok {
		return fmt.Errorf("%s: %w: %w", input, ErrCorrupt, err)
	}
	return fmt.Errorf("%s: %w: %v", input, ErrCorrupt, r)
}
