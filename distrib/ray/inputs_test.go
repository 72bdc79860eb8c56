package ray

import (
	"testing"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// A task reads thousands of blocks, such as travel in a message and such as lie in the object store.
func TestManyInputs(t *testing.T) {
	mem := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	e := open(t, mem)
	var refs []distrib.Ref
	defer func() { e.Free(refs...) }()
	rows := 0
	for i := range 2000 {
		values := make([]int64, 1)
		if i%20 == 0 {
			values = make([]int64, 1<<14) // 128 KiB
		}
		for j := range values {
			values[j] = int64((rows + j) * 7919 % 1_000_003) // of a prime: each once
		}
		rows += len(values)
		rec := enginetest.Record(mem, values...)
		ref, err := e.Put(t.Context(), rec)
		rec.Release()
		if err != nil {
			t.Fatal(err)
		}
		ref.ID = distrib.BlockID{Stage: 1, Split: i}
		refs = append(refs, ref)
	}
	none := source.FromRecords("blocks", enginetest.Schema, nil)
	scan := must(t)(plan.NewScan(t.Context(), none))
	least := expr.Binary{Op: expr.Less, Left: expr.Column{Name: "n"}, Right: expr.Literal{Value: int64(1000)}}
	task := distrib.Task{
		Stage: 2, Source: "blocks", Fragment: plan.Fragment{Schema: enginetest.Schema, Steps: []plan.Node{must(t)(plan.NewFilter(scan, least))}},
		Splits: distrib.ListOf(distrib.Split{Split: &distrib.Blocks{Refs: refs, Get: e.Get}}),
	}
	want := 0
	for i := range rows {
		if i*7919%1_000_003 < 1000 {
			want++
		}
	}
	got := 0
	for ref, err := range e.Submit(t.Context(), task) {
		if err != nil {
			t.Fatal(err)
		}
		if ref.Last {
			if ref.Done.Rows != int64(rows) {
				t.Errorf("%d rows were read of %d", ref.Done.Rows, rows)
			}
			continue
		}
		got += int(ref.Rows)
		e.Free(ref)
	}
	if got != want || want == 0 {
		t.Errorf("%d rows, want %d", got, want)
	}
}

// What Ray fetches before a task begins must fit a part of the store.
func TestNest(t *testing.T) {
	e := &Engine{inputs: 1000}
	refs := func(n int, bytes int64, nodes ...string) (refs []distrib.Ref) {
		for i := range n {
			refs = append(refs, distrib.Ref{Bytes: bytes, Handle: &block{node: nodes[i%len(nodes)]}})
		}
		return refs
	}
	for name, c := range map[string]struct {
		inputs []distrib.Ref
		nested bool
		node   string
	}{
		"few":   {refs(3, 10, "a", "b"), false, ""},
		"many":  {refs(nestedFrom+1, 1, "a", "b"), true, "a"},
		"large": {refs(3, 400, "b", "a"), true, "b"},
		"put":   {refs(3, 400, ""), true, ""},
		"equal": {refs(4, 400, "b", "a"), true, "a"},
		"none":  {nil, false, ""},
	} {
		var sub submission
		if e.nest(&sub, c.inputs); sub.Nested != c.nested || sub.Node != c.node {
			t.Errorf("%s: nested %v, on %q", name, sub.Nested, sub.Node)
		}
	}
}
