package exec

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/tests/sample"
)

// skews give the k-th of n rows a number from which its keys are made.
var skews = map[string]func(r *rand.Rand, k, n int) int{
	"all equal": func(*rand.Rand, int, int) int { return 5 },
	"99 % equal": func(r *rand.Rand, _, n int) int {
		if r.IntN(100) > 0 {
			return n / 2
		}
		return r.IntN(n)
	},
	"sorted":   func(_ *rand.Rand, k, _ int) int { return k },
	"reversed": func(_ *rand.Rand, k, n int) int { return n - k },
	"two":      func(r *rand.Rand, _, _ int) int { return r.IntN(2) },
	"steep":    func(r *rand.Rand, _, _ int) int { return int(math.Exp(r.Float64() * 30)) },
	"uniform":  func(r *rand.Rand, _, n int) int { return r.IntN(n * 10) },
}

// skewedText makes strings that differ at the front, after a long common part, only in zeros at the end, or in length.
func skewedText(r *rand.Rand, number int) string {
	switch number % 5 {
	case 0:
		return strings.Repeat("common part ", 20) + fmt.Sprintf("%08d", number)
	case 1:
		return "zeros" + strings.Repeat("\x00", number%13)
	case 2:
		return strings.Repeat("x", number%300)
	case 3:
		return fmt.Sprintf("ü世\U0001F600%d", number)
	}
	return fmt.Sprint(number) + string([]byte{byte(r.IntN(3)), 0xFF})
}

func skewedRows(name string, rows int, nulls float64) []row {
	r := rand.New(rand.NewPCG(uint64(len(name)), uint64(rows)))
	out := make([]row, rows)
	for k := range out {
		v := skews[name](r, k, rows)
		f := float64(v) / 7
		switch r.IntN(40) {
		case 0:
			f = math.NaN()
		case 1:
			f = math.Copysign(0, -1)
		}
		out[k] = row{int64(k), int64(v - rows/2), f, skewedText(r, v), v%2 == 0, arrow.Date32(v % 1000), uint64(v) << 40, arrow.Timestamp(v), nil, nil}
		for c := 1; c < 8; c++ {
			if r.Float64() < nulls {
				out[k][c] = nil
			}
		}
	}
	return out
}

func skewedFrame(env *Env, rows []row, size int) (recs []arrow.Record) {
	for part := range slices.Chunk(rows, size) {
		recs = append(recs, recordOf(env, testSchema, part))
	}
	return recs
}

// skewBudgets make a merge in memory of many parts, and one of runs on disk.
var skewBudgets = []struct {
	name          string
	budget, floor int64
}{{"one part", plenty, 0}, {"parts", 4 << 20, 16 << 10}, {"spill", scarce, 32 << 10}}

func TestSortSkew(t *testing.T) {
	number := 0
	for _, name := range slices.Sorted(maps.Keys(skews)) {
		for _, how := range skewBudgets {
			for _, by := range [][]int{{1}, {-1}, {-2}, {3}, {-3}, {4, -3, 2}, {-5, 6, 3}, {7, 1}} {
				for _, nulls := range []float64{0, 0.1} {
					if !sampled(&number) {
						continue
					}
					t.Run(fmt.Sprint(name, " ", how.name, by, nulls), func(t *testing.T) {
						env := testEnv(t, how.budget)
						env.floor = how.floor
						rows := skewedRows(name, 3000, nulls)
						before := memory.SpilledBytes()
						equalRows(t, mergeSorted(t, env, by, skewedFrame(env, rows, 250)), naiveSort(rows, by))
						checkSpilled(t, before, how.budget)
					})
				}
			}
		}
	}
}

func TestTopKSkew(t *testing.T) {
	number := 0
	for _, name := range slices.Sorted(maps.Keys(skews)) {
		for _, by := range [][]int{{1}, {-2, 1}, {3}, {-3}, {4, -3}} {
			for _, size := range []int{700, 20_000} { // batches on which a limit is found, and larger ones
				if !sampled(&number) {
					continue
				}
				env := testEnv(t, plenty)
				rows := skewedRows(name, 20_000, 0.1)
				recs := skewedFrame(env, rows, size)
				equalRows(t, run(t, TopK(env, testSchema, sortKeysOf(by), 40), recs), naiveSort(rows, by)[:40])
			}
		}
	}
}

// TestSortSmallBatches gives more batches than a merge would like to have sources.
func TestSortSmallBatches(t *testing.T) {
	for _, how := range skewBudgets {
		env := testEnv(t, how.budget)
		env.floor = how.floor
		rows := skewedRows("two", 2000, 0.1)
		equalRows(t, mergeSorted(t, env, []int{1, -2}, skewedFrame(env, rows, 2)), naiveSort(rows, []int{1, -2}))
	}
}

// TestMergeParts checks that parts are of even size whatever the keys, and the first one small.
func TestMergeParts(t *testing.T) {
	const wanted, sources, size = 512, 20, 3000
	for i, name := range slices.Sorted(maps.Keys(skews)) {
		if !sample.Today(i, 3) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			env := testEnv(t, plenty)
			spec, err := newSortSpec(testSchema, sortKeysOf([]int{1}))
			if err != nil {
				t.Fatal(err)
			}
			held := &heldRuns{env: env, spec: spec}
			for _, rec := range skewedFrame(env, skewedRows(name, sources*size, 0.1), size) {
				err := sortPiece(env, spec, []arrow.Record{rec}, maxRows, held.hold)
				rec.Release()
				if err != nil {
					t.Fatal(err)
				}
			}
			splitters, err := newSplitters(t.Context(), env, spec, held.runs, wanted)
			if err != nil {
				t.Fatal(err)
			}
			m := newMerge(env, spec, held.take())
			m.split(splitters)
			defer m.close()
			if err := m.open(t.Context()); err != nil {
				t.Fatal(err)
			}
			total := int64(0)
			for number := 0; ; number++ {
				part, err := m.next(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if part == nil {
					break
				}
				rows := int64(0)
				for _, s := range part.stretches {
					rows += int64(s.to - s.from)
				}
				part.release()
				total += rows
				if most := int64(wanted * (partSamples + sources) / partSamples); rows > most || number == 0 && rows > most/2 {
					t.Errorf("part %d has %d rows, %d wanted, at most %d", number, rows, wanted, most)
				}
			}
			if total != sources*size {
				t.Errorf("%d rows in parts, want %d", total, sources*size)
			}
		})
	}
}

func TestSortByPrefix(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	shapes := map[string]func(k int) uint64{
		"random":  func(int) uint64 { return r.Uint64() },
		"few":     func(int) uint64 { return r.Uint64N(3) << 50 },
		"equal":   func(int) uint64 { return 7 },
		"low":     func(int) uint64 { return 1<<60 | r.Uint64N(200) },
		"lumps":   func(k int) uint64 { return uint64(k%2)<<63 | r.Uint64N(1<<20)<<(8*r.Uint64N(3)) },
		"sorted":  func(k int) uint64 { return uint64(k) },
		"outlier": func(k int) uint64 { return min(uint64(k%5)/4*math.MaxUint64, r.Uint64()) },
	}
	for name, next := range shapes {
		for _, n := range []int{0, 1, 2, insertionRows, insertionRows + 1, 300, 70_000} {
			entries := make([]sortEntry, n)
			for k := range entries {
				entries[k] = sortEntry{next(k), rowID(k)}
			}
			want := slices.Clone(entries)
			slices.SortStableFunc(want, func(a, b sortEntry) int { return cmp.Compare(a.prefix, b.prefix) })
			sortByPrefix(entries, make([]sortEntry, n))
			if !slices.Equal(entries, want) {
				t.Errorf("%s, %d entries: not in order or not stable", name, n)
			}
		}
	}
}

// TestSortCancelsFast cancels while the merge runs.
func TestSortCancelsFast(t *testing.T) {
	env := &Env{Mem: memory.Allocator(), Budget: memory.NewBudget(plenty)}
	recs := benchFrame(1<<20, 1<<20)
	defer releaseRecords(recs)
	by := sortKeysOf([]int{3})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m := NewMergeSort(env, benchSchema, by)
	defer m.Close()
	for rec, err := range PartialSort(env, benchSchema, by)(ctx, retained(recs)) {
		if err == nil {
			err = m.Add(ctx, rec)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	begun := time.Time{}
	_, err := batch.Collect(func(yield func(arrow.Record, error) bool) {
		for rec, err := range m.Stream(ctx) {
			if begun.IsZero() {
				begun = time.Now()
				cancel()
			}
			if !yield(rec, err) {
				return
			}
		}
	})
	if err == nil {
		t.Error("no error after a cancel")
	}
	if took := time.Since(begun); took > 2*time.Second { // 100 ms, where the machine is not shared
		t.Errorf("ended %v after the cancel", took)
	}
}
