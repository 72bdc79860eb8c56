package distrib

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Task is the work of one lane of a stage.
type Task struct {
	Stage    int
	Source   string // the scan's name, for errors
	Fragment plan.Fragment
	Splits   Splits
	// Tables are the build sides of the joins among the fragment's steps, in their order, resident in memory.
	Tables []*exec.JoinTable
	// Codes are of the keys of an aggregation that ends the fragment, for lanes of this process; nil codes nothing.
	Codes *exec.KeyCodes
	// Marks says that the last step is a full join, whose table is many processes': each split ends with a block of IndexPart that tells
	// which of its rows were matched.
	Marks bool
	// Builds are the same by reference, for a process that does not have them; nil where they are in this one alone.
	Builds []Build
	// Role is the task's place in an exchange.
	Role Role
	// Parts is how many parts rows are put in by their keys.
	Parts int
	// Bounds are those of the ranges (Ref.Part) in which a task of role Map puts rows that are to be sorted: see exec.SortSample. Nil for none.
	Bounds arrow.Record
	// Reduce is what is made of the blocks of each split before the fragment's steps: the result of its End, over rows of its Schema.
	// Nil takes splits as they are.
	Reduce *plan.Fragment
}

// parts says whether the task's blocks are parted.
func (t Task) parts() bool { return t.Role == Part || t.Role == PartBuild || t.Bounds != nil }

// Role is a task's place in an exchange. Those that part and reduce work on splits of blocks.
type Role uint8

const (
	// Map is the role of most tasks: the fragment's steps, and the lanes' part of its End.
	Map Role = iota
	// Part parts what is to be exchanged for the fragment's End: groups and the probe side of a join by hash (Ref.Part), rows to
	// sort into a sorted run, which ends with a block of IndexPart.
	Part
	// PartBuild is Part for the build side of a join.
	PartBuild
	// Reduce is Map over what Task.Reduce makes of each part.
	Reduce
)

// String is how names of tasks and blocks begin.
func (r Role) String() string { return [...]string{"", "part ", "part of build ", "reduce "}[r] }

// IndexPart is the Part of a block that is not rows: the index of a run, see exec.SortIndex, or what a full join matched.
const IndexPart = -1

// Build is the build side of a join as blocks.
type Build struct {
	ID     string // names it for good: a process that has made its table keeps that
	Join   *plan.Join
	Blocks []Ref
}

// Splits is where a lane gets its work: a queue that lanes share, or a fixed list.
type Splits interface {
	// Next gives the next split, in increasing order of Index; false when there are no more. On an error, Split.Index
	// is the place in the order where the error stands.
	Next(context.Context) (Split, bool, error)
}

// ListOf is a fixed list of splits, for one lane.
func ListOf(splits ...Split) Splits { return &splitList{splits} }

type splitList struct{ rest []Split }

// Next implements Splits.
func (l *splitList) Next(context.Context) (Split, bool, error) {
	if len(l.rest) == 0 {
		return Split{}, false, nil
	}
	s := l.rest[0]
	l.rest = l.rest[1:]
	return s, true, nil
}

// Split is a source's split with its place in the order.
type Split struct {
	Index int
	source.Split
}

// BlockID names a block for good: a task that is run again gives the same blocks under the same names.
type BlockID struct {
	Stage, Split, Seq int
	Role              Role // of the task: its splits are counted anew
}

// String is stage/split/sequence, with the role before it in an exchange.
func (id BlockID) String() string {
	return fmt.Sprintf("%s%d/%d/%d", id.Role, id.Stage, id.Split, id.Seq)
}

// Ref is a block by reference, with what is worth knowing without fetching it.
type Ref struct {
	ID    BlockID
	Rows  int64
	Bytes int64
	// Part is where a task of role Part puts it.
	Part int
	// Node is the name of the node that made it, "" where this process did. The engine sets it where the Ref arrives.
	Node string
	// Unreserved says that the memory budget had no room for the block: its lane waits until it is consumed.
	Unreserved bool
	// Last ends a split: there is no block, Seq is how many there were, and Done says what they were made from.
	Last bool
	Done Done
	// Handle is the engine's own.
	Handle any
}

// Done is what a finished split was.
type Done struct {
	Covered batch.Span // the part of the input
	Rows    int64      // input rows read
	Stored  int64      // input bytes read, as stored
	Counted int64      // rows that reached the fragment's Preview
	// Ops is what the scan, each step, and the lane's part of the gather did.
	Ops []plan.OpProfile
}

// Block is a Ref before it is one: what a lane makes.
type Block struct {
	Ref
	Record arrow.Record // nil where Last
}
