package source

import "errors"

var (
	// ErrUnknownColumn is wrapped where a column that is asked for is not there.
	ErrUnknownColumn = errors.New("unknown column")
	// ErrEmpty is wrapped where a file has nothing to read a schema from.
	ErrEmpty = errors.New("file is empty")
	// ErrRagged is wrapped where a row has another number of fields than the header.
	ErrRagged = errors.New("ragged row")
	// ErrValue is wrapped where a value does not fit its column's type.
	ErrValue = errors.New("value does not fit")
	// ErrTruncated is wrapped where a file ends too early.
	ErrTruncated = errors.New("file is truncated")
	// ErrCorrupt is wrapped where a file is not what its format demands.
	ErrCorrupt = errors.New("file is corrupt")
	// ErrSchema is wrapped where files read together have different columns.
	ErrSchema = errors.New("files differ")
)
