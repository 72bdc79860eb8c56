package expr

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// textWordsOf is word 0 and so many others, from one of a number on.
func textWordsOf(mem memory.Allocator, from, words int) arrow.Array {
	b := array.NewStringBuilder(mem)
	defer b.Release()
	b.Append("")
	for i := range words {
		b.Append(fmt.Sprint("word ", from+i))
	}
	return b.NewArray()
}

// TestCodedConditions: what is known of the words of earlier batches holds for those batches alone that share them, in all lanes.
func TestCodedConditions(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	schema := arrow.NewSchema([]arrow.Field{{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	const count = 1000
	var words []arrow.Array
	for _, from := range []int{0, 400} {
		words = append(words, textWordsOf(mem, from, count))
	}
	defer func() {
		for _, w := range words {
			w.Release()
		}
	}()
	for _, text := range []string{`s == "word 450"`, `like(s, "%7")`, `s < "word 5" || s == "word 999"`, `s == "no word"`, `s != "word 3"`} {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := Bind(e, schema)
		if err != nil {
			t.Fatal(err)
		}
		var lanes sync.WaitGroup
		for lane := range uint64(3) {
			lanes.Go(func() {
				rng := rand.New(rand.NewPCG(lane, 1))
				for i := range 40 {
					shared := words[(i/8+int(lane))%len(words)]
					codes := array.NewUint32Builder(mem)
					for range 300 {
						if rng.IntN(10) == 0 {
							codes.AppendNull()
						} else {
							codes.Append(1 + rng.Uint32N(count))
						}
					}
					column := codes.NewArray()
					codes.Release()
					coded := batch.CodedWith(column, shared.Data())
					column.Release()
					plain, err := batch.PlainArray(mem, coded)
					if err != nil {
						t.Error(err)
						return
					}
					got, want := evalColumn(t, bound, mem, coded), evalColumn(t, bound, mem, plain)
					if !array.Equal(got, want) {
						t.Errorf("%s, batch %d: %v\nwant %v", text, i, got, want)
					}
					got.Release()
					want.Release()
				}
			})
		}
		lanes.Wait()
	}
}

// evalColumn evaluates over a batch of one column, which it takes over.
func evalColumn(t *testing.T, b *Bound, mem memory.Allocator, column arrow.Array) arrow.Array {
	defer column.Release()
	rec := batch.NewRecord(arrow.NewSchema([]arrow.Field{{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true}}, nil), []arrow.Array{column}, int64(column.Len()))
	defer rec.Release()
	out, err := b.Eval(t.Context(), mem, rec)
	if err != nil {
		t.Error(err)
	}
	return out
}
