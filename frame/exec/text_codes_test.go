package exec

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

var textSchema = arrow.NewSchema([]arrow.Field{
	{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "n", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
}, nil)

// textBatches makes batches of texts; nulls have no text.
func textBatches(env *Env, sizes []int, text func(i int) any) (recs []arrow.Record, rows []row) {
	for _, n := range sizes {
		part := make([]row, n)
		for i := range part {
			part[i] = row{text(len(rows) + i), int64(len(rows) + i)}
		}
		rows = append(rows, part...)
		recs = append(recs, recordOf(env, textSchema, part))
	}
	return recs, rows
}

func TestTextCodes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	long := []string{"", "é", "fifteen bytes!!", "sixteen bytes!!!", strings.Repeat("long ", 40), strings.Repeat("long ", 40) + "x", "\x00", "a\x00"}
	for name, c := range map[string]struct {
		text  func(i int) any
		coded bool
	}{
		"any length": {func(int) any { return long[r.IntN(len(long))] }, true},
		"nulls": {func(i int) any {
			if i%3 > 0 {
				return nil
			}
			return long[i%len(long)]
		}, true},
		"nothing but nulls": {func(int) any { return nil }, false},
		"all different":     {func(i int) any { return fmt.Sprint("text ", i) }, false},
		"few, then many": {func(i int) any {
			if i < 30_000 {
				return "a"
			}
			return fmt.Sprint(i)
		}, false},
		"repeated late": {func(i int) any { return fmt.Sprint(i % 40_000) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			env := testEnv(t, 1<<30)
			recs, rows := textBatches(env, []int{0, 1, 1000, 65_536, 0, 65_536, 65_536, 300}, c.text)
			out := coded(env, textSchema, recs)
			for _, rec := range out {
				if rec.NumRows() > 0 && batch.IsCoded(rec.Column(0)) != c.coded {
					t.Fatalf("coded: %t", !c.coded)
				}
			}
			for i, rec := range out {
				plain, err := batch.Plain(env.Mem, rec)
				if err != nil {
					t.Fatal(err)
				}
				out[i] = plain
			}
			equalRows(t, rowsOf(out), rows)
		})
	}
}

// What is coded already stays as it is, whatever came before.
func TestTextCodesOfOthers(t *testing.T) {
	env := testEnv(t, 1<<30)
	texts := func(i int) any { return fmt.Sprint(i % 7) }
	recs, rows := textBatches(env, []int{10, 20}, texts)
	first := coded(env, textSchema, recs)
	nulls, more := textBatches(env, []int{5}, func(int) any { return nil })
	words := batch.Words(first[0].Column(0))
	out := coded(env, textSchema, append(nulls, first...))
	for _, rec := range out[1:] {
		if batch.Words(rec.Column(0)) != words {
			t.Error("coded again")
		}
	}
	joined, err := batch.Concat(env.Mem, textSchema, out)
	releaseRecords(out)
	if err != nil {
		t.Fatal(err)
	}
	equalRows(t, rowsOf([]arrow.Record{joined}), append(more, rows...))
}

// Runs keep codes, also where a batch without values is plain.
func TestSpillCoded(t *testing.T) {
	env := testEnv(t, 1<<30)
	recs, rows := textBatches(env, []int{100, 50}, func(i int) any {
		if i%5 == 0 {
			return nil
		}
		return fmt.Sprint(i % 7)
	})
	recs = coded(env, textSchema, recs)
	nulls, more := textBatches(env, []int{5}, func(int) any { return nil })
	file := &spillFile{env: env}
	defer file.close()
	spill, err := file.open()
	if err != nil {
		t.Fatal(err)
	}
	w := spill.Writer(textSchema)
	for _, rec := range append(recs, nulls...) {
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
		rec.Release()
	}
	run, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	var back []arrow.Record
	for rec, err := range run.Read(t.Context(), env.Mem) {
		if err != nil {
			t.Fatal(err)
		}
		if !batch.IsCoded(rec.Column(0)) {
			t.Error("plain")
		}
		back = append(back, rec)
	}
	equalRows(t, rowsOf(back), append(rows, more...))
}
