package expr

import (
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// roomy gives more room than it is asked for, as a pool of size classes does.
type roomy struct{ memory.Allocator }

func (r roomy) Allocate(size int) []byte { return r.Allocator.Allocate(size + 1000)[:size] }

func (r roomy) Reallocate(size int, b []byte) []byte {
	out := r.Allocate(size)
	copy(out, b)
	return out
}

func TestTextWriterGrows(t *testing.T) {
	w := newTextWriter(roomy{memory.NewGoAllocator()}, 100, 8)
	for i := range 100 {
		w.put(append(w.buf, strings.Repeat("x", 3*i)...))
	}
	made, err := w.finish(arrow.BinaryTypes.String, nil, Column{"s"})
	if err != nil {
		t.Fatal(err)
	}
	defer made.Release()
	for i := range 100 {
		if got := made.(*array.String).Value(i); got != strings.Repeat("x", 3*i) {
			t.Fatalf("row %d is %q", i, got)
		}
	}
}
