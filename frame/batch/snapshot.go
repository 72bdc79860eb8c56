package batch

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// Mode says how a snapshot's record relates to those before it.
type Mode uint8

const (
	// Append says that the record's rows follow the rows already shown.
	Append Mode = iota
	// Replace says that the record is the whole result as far as it is known.
	Replace
)

// Span is a range of bytes of one input, counted after decompression. A zero End with a zero Start covers the whole input.
type Span struct {
	Input      string // the file's path, or a name such as "memory"
	Start, End int64
}

// Progress is what a run has done and what it has to do. Totals are zero while unknown.
type Progress struct {
	Splits, SplitsTotal int
	Rows                int64 // input rows read
	Bytes, BytesTotal   int64 // input bytes read, as stored (compressed where the file is)
	SpilledBytes        int64
	Elapsed             time.Duration
	// Nodes are those of a cluster that made Splits, by name; nil where one process did.
	Nodes []NodeSplits
	// Parts are those of what a cluster exchanges now that were put together, PartsTotal how many there are; 0 where nothing is.
	Parts, PartsTotal int
	// Dashboard is the address of the cluster's own page, "" where there is none.
	Dashboard string
}

// NodeSplits is how many splits a node of a cluster made.
type NodeSplits struct {
	Node   string // "" for this process: what can't travel
	Splits int
}

// Snapshot is what is known of a result so far. The receiver owns Record and releases it.
type Snapshot struct {
	Record   arrow.Record // nil where there is only progress to show
	Mode     Mode
	Rows     int64  // rows of the result so far (all of them, also those that Record leaves out)
	Covered  []Span // the input that the record is computed from, merged and in order
	Progress Progress
	First    bool // Record is the first rows of the result, ahead of all that Covered, which is empty, will say; Rows is how many
	Sample   bool // Record is some rows of the result, from anywhere in it; Rows is how many, Covered is empty
	Final    bool // the last snapshot: the result is exact
}
