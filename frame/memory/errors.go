package memory

import "errors"

var (
	// ErrBudget is wrapped by the error of a reservation that does not fit the budget. Who gets it spills or ends.
	ErrBudget = errors.New("memory budget exhausted")

	// ErrSpillCorrupt is wrapped by the error of a spilled batch whose checksum does not match.
	ErrSpillCorrupt = errors.New("spilled batch is corrupt")

	// ErrSpillClosed is returned where a spill file is used after Close.
	ErrSpillClosed = errors.New("spill file is closed")
)
