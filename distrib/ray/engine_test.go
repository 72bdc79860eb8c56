package ray

import (
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/distrib/worker"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// scriptRequest is a task of the suite as data.
type scriptRequest struct {
	Stage  int
	Splits []scriptSplit
}

type scriptSplit struct {
	Index int
	enginetest.Script
}

func encodeScripts(_ context.Context, _ worker.Carrier, task distrib.Task, splits []distrib.Split) (worker.Request, error) {
	r := scriptRequest{Stage: task.Stage}
	for _, s := range splits {
		r.Splits = append(r.Splits, scriptSplit{s.Index, *s.Split.(*enginetest.Script)})
	}
	b, err := json.Marshal(r)
	return worker.Request{Bytes: b}, err
}

func runScripts(ctx context.Context, request []byte, _ worker.Input, emit worker.Emit) (distrib.BlockID, error) {
	var r scriptRequest
	if err := json.Unmarshal(request, &r); err != nil {
		return distrib.BlockID{}, err
	}
	env := &exec.Env{Mem: memory.Allocator(), Budget: memory.NewBudget(64 << 20), Spill: os.TempDir()}
	task := distrib.Task{Stage: r.Stage, Source: "script", Fragment: plan.Fragment{Schema: enginetest.Schema}, Splits: &r}
	for b, err := range distrib.Lane(ctx, env, task) {
		if err == nil {
			err = emit(ctx, b.Ref, b.Record)
		}
		if err != nil {
			return b.ID, err
		}
	}
	return distrib.BlockID{}, nil
}

// Next implements distrib.Splits.
func (r *scriptRequest) Next(context.Context) (distrib.Split, bool, error) {
	if len(r.Splits) == 0 {
		return distrib.Split{}, false, nil
	}
	s := r.Splits[0]
	r.Splits = r.Splits[1:]
	s.Mem = memory.Allocator()
	return distrib.Split{Index: s.Index, Split: &s.Script}, true, nil
}

// kept is an engine that outlives the test that closes it.
type kept struct{ *Engine }

func (kept) Close() error { return nil }

func TestEngine(t *testing.T) {
	enginetest.Run(t, func(t *testing.T, mem arrowmemory.Allocator) distrib.Engine {
		if strings.HasSuffix(t.Name(), "closed") {
			return openOwn(t, mem)
		}
		return kept{open(t, mem)}
	})
}
