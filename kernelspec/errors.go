package kernelspec

import "errors"

var (
	// ErrName is a kernel name that Jupyter would not accept.
	ErrName = errors.New("kernel name")
	// ErrForeign is a kernelspec of the same name that some other program wrote.
	ErrForeign = errors.New("belongs to another kernel")
	// ErrMissing is a kernelspec that is not there.
	ErrMissing = errors.New("not installed")
)
