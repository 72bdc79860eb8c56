package frame

import "github.com/rivulet-go/rivulet/frame/memory"

// SpilledBytes is how many bytes the process has written to spill files so far, over all queries: 0 while everything
// fits the memory budget.
func SpilledBytes() int64 { return memory.SpilledBytes() }
