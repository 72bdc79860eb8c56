package worker

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// ErrStays is wrapped by the error of a task that can only run in the process that has it.
var ErrStays = errors.New("the task can't travel")

const version = 4

// Request is a task on its way.
type Request struct {
	Bytes  []byte
	Inputs []distrib.Ref // the blocks that it reads, by their number
	// Own are those of Inputs that were made for it, and are to be freed when it has ended.
	Own []distrib.Ref
	// Uploaded are how many of Inputs are pieces of files.
	Uploaded int

	uses []func() // of what was uploaded
	have map[any]int
}

// Release lets go of what was uploaded. The request is not run again after it; Own is the caller's.
func (r *Request) Release() {
	for _, end := range r.uses {
		end()
	}
	r.uses = nil
}

// Carrier is what Encode needs to know of the other side.
type Carrier interface {
	// Shared says whether the other side sees a file under the same path.
	Shared(path string) bool
	// Put makes a block of a record, which it does not take over.
	Put(context.Context, arrow.Record) (distrib.Ref, error)
	// Upload gives the blocks of some pieces of a file that the other side does not see: see Piece. They are there until release.
	Upload(ctx context.Context, path string, pieces []int64) (blocks []distrib.Ref, release func(), err error)
}

// wireTask is a task as encoding/gob takes it.
type wireTask struct {
	Version  int
	Stage    int
	Source   string
	Role     distrib.Role
	Fragment []byte
	Reduce   []byte // a fragment; nil for none
	Marks    bool
	Parts    int
	Bounds   []byte // a record; nil for none
	Builds   []wireBuild
	Splits   []wireSplit
}

// wireSplit is a part of a file, or records by the numbers of their blocks.
type wireSplit struct {
	Index   int
	File    []byte
	Span    batch.Span
	Stored  int64
	Records []int
	// Pieces are those of the file that the reader does not see, in order, and Blocks which blocks hold them.
	Pieces []int64
	Blocks []int

	Exchange  bool // Records are blocks of an exchange
	Build     []int
	Low, High []byte
}

// wireBuild is the build side of a join.
type wireBuild struct {
	ID      string
	Join    []byte // a fragment of the one step, over the left side
	Right   []byte // schemas
	Pairs   []byte
	Records []int
}

// Encode makes a request of a task over some of its splits, which stay the caller's.
func Encode(ctx context.Context, to Carrier, task distrib.Task, splits []distrib.Split) (r Request, err error) {
	defer func() {
		if err != nil {
			r = Request{Own: r.Own, uses: r.uses} // the caller frees them
		}
	}()
	if len(task.Tables) > len(task.Builds) {
		return r, fmt.Errorf("%w: the build side of a join is in memory", ErrStays)
	}
	w := wireTask{Version: version, Stage: task.Stage, Source: task.Source, Role: task.Role, Marks: task.Marks, Parts: task.Parts}
	if w.Fragment, err = plan.EncodeFragment(task.Fragment); err != nil {
		return r, fmt.Errorf("%w: %w", ErrStays, err)
	}
	if task.Reduce != nil {
		if w.Reduce, err = plan.EncodeFragment(*task.Reduce); err != nil {
			return r, fmt.Errorf("%w: %w", ErrStays, err)
		}
	}
	if w.Bounds, err = encodeBound(task.Bounds); err != nil {
		return r, err
	}
	for _, build := range task.Builds {
		e, err := encodeBuild(build)
		if err != nil {
			return r, fmt.Errorf("%w: %w", ErrStays, err)
		}
		e.Records = r.inputs(build.Blocks)
		w.Builds = append(w.Builds, e)
	}
	for _, s := range splits {
		e, err := r.split(ctx, to, task.Fragment, s)
		if err != nil {
			return r, err
		}
		w.Splits = append(w.Splits, e)
	}
	var b bytes.Buffer
	err = gob.NewEncoder(&b).Encode(&w)
	r.Bytes = b.Bytes()
	return r, err
}

// inputs adds blocks to those that the request reads, and gives their numbers.
func (r *Request) inputs(refs []distrib.Ref) (numbers []int) {
	for _, ref := range refs {
		numbers = append(numbers, len(r.Inputs))
		r.Inputs = append(r.Inputs, ref)
	}
	return numbers
}

func (r *Request) split(ctx context.Context, to Carrier, f plan.Fragment, s distrib.Split) (e wireSplit, err error) {
	e = wireSplit{Index: s.Index}
	if b, ok := s.Split.(*distrib.Blocks); ok {
		e.Exchange, e.Records, e.Build = true, r.inputs(b.Refs), r.inputs(b.Build)
		if e.Low, err = encodeBound(b.Low); err == nil {
			e.High, err = encodeBound(b.High)
		}
		return e, err
	}
	if !source.InMemory(s.Split) {
		var carried *source.Carried
		if e.File, carried, err = source.EncodeSplit(ctx, s.Split, f.Columns, to.Shared); errors.Is(err, source.ErrStays) {
			err = fmt.Errorf("%w: %w", ErrStays, err)
		}
		if err == nil && carried != nil {
			err = r.upload(ctx, to, carried, &e)
		}
		return e, err
	}
	e.Span, e.Stored = s.Span(), s.Stored()
	for rec, err := range batch.PlainStream(arrowmemory.DefaultAllocator, s.Open(ctx, f.Columns, f.Limit)) {
		if err != nil {
			return e, err
		}
		ref, err := to.Put(ctx, rec)
		rec.Release()
		if err != nil {
			return e, err
		}
		e.Records = append(e.Records, r.inputs([]distrib.Ref{ref})...)
		r.Own = append(r.Own, ref)
	}
	return e, nil
}

// upload adds the pieces of a file that a split needs.
func (r *Request) upload(ctx context.Context, to Carrier, c *source.Carried, e *wireSplit) error {
	e.Pieces = c.Pieces()
	blocks, release, err := to.Upload(ctx, c.Path, e.Pieces)
	if err != nil {
		return err
	}
	r.uses = append(r.uses, release)
	if r.have == nil {
		r.have = map[any]int{}
	}
	for _, ref := range blocks {
		number, ok := r.have[ref.Handle] // splits share the footer
		if !ok {
			number = r.inputs([]distrib.Ref{ref})[0]
			r.have[ref.Handle] = number
			r.Uploaded++
		}
		e.Blocks = append(e.Blocks, number)
	}
	return nil
}

func encodeBound(rec arrow.Record) ([]byte, error) {
	if rec == nil {
		return nil, nil
	}
	return batch.Encode(rec)
}
