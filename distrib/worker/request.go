package worker

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// ErrStays is wrapped by the error of a task that can only run in the process that has it.
var ErrStays = errors.New("the task can't travel")

const version = 1

// Request is a task on its way.
type Request struct {
	Bytes  []byte
	Inputs []distrib.Ref // the blocks that it reads, by their number
	// Own are those of Inputs that were made for it, and are to be freed when it has ended.
	Own []distrib.Ref
}

// Carrier is what Encode needs to know of the other side.
type Carrier interface {
	// Shared says whether the other side sees a file under the same path.
	Shared(path string) bool
	// Put makes a block of a record, which it does not take over.
	Put(context.Context, arrow.Record) (distrib.Ref, error)
}

// wireTask is a task as encoding/gob takes it.
type wireTask struct {
	Version  int
	Stage    int
	Source   string
	Fragment []byte
	Splits   []wireSplit
}

// wireSplit is a part of a file, or records by the numbers of their blocks.
type wireSplit struct {
	Index   int
	File    []byte
	Span    batch.Span
	Stored  int64
	Records []int
}

// Encode makes a request of a task over some of its splits, which stay the caller's.
func Encode(ctx context.Context, to Carrier, task distrib.Task, splits []distrib.Split) (r Request, err error) {
	defer func() {
		if err != nil {
			r = Request{Own: r.Own} // the caller frees them
		}
	}()
	if len(task.Tables) > 0 {
		return r, fmt.Errorf("%w: the build side of a join is in memory", ErrStays)
	}
	w := wireTask{Version: version, Stage: task.Stage, Source: task.Source}
	if w.Fragment, err = plan.EncodeFragment(task.Fragment); err != nil {
		return r, fmt.Errorf("%w: %w", ErrStays, err)
	}
	for _, s := range splits {
		e := wireSplit{Index: s.Index}
		if recs, ok := source.RecordsOf(s.Split); ok {
			e.Span, e.Stored = s.Span(), s.Stored()
			for _, rec := range recs {
				ref, err := to.Put(ctx, rec)
				if err != nil {
					return r, err
				}
				e.Records = append(e.Records, len(r.Inputs))
				r.Inputs, r.Own = append(r.Inputs, ref), append(r.Own, ref)
			}
		} else if e.File, err = source.EncodeSplit(s.Split, to.Shared); errors.Is(err, source.ErrStays) {
			return r, fmt.Errorf("%w: %w", ErrStays, err)
		} else if err != nil {
			return r, err
		}
		w.Splits = append(w.Splits, e)
	}
	var b bytes.Buffer
	err = gob.NewEncoder(&b).Encode(&w)
	r.Bytes = b.Bytes()
	return r, err
}
