package source

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/memory"
)

// groupCSV is a text like the G1 table of the H2O benchmark: three strings, five integers, a float.
func groupCSV(rows int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	var b bytes.Buffer
	b.WriteString("id1,id2,id3,id4,id5,id6,v1,v2,v3\n")
	for range rows {
		fmt.Fprintf(&b, "id%03d,id%03d,id%010d,%d,%d,%d,%d,%d,%.6f\n", r.IntN(100)+1, r.IntN(100)+1, r.IntN(rows)+1,
			r.IntN(100)+1, r.IntN(100)+1, r.IntN(rows)+1, r.IntN(5)+1, r.IntN(15)+1, r.Float64()*100)
	}
	return b.Bytes()
}

// readParallel reads a source with as many lanes as there are processors and gives the rows.
func readParallel(b *testing.B, s Source, columns []string) int64 {
	splits := make(chan Split)
	var rows atomic.Int64
	var lanes sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		lanes.Go(func() {
			for split := range splits {
				err := eachOf(split.Open(b.Context(), columns, 0), func(rec arrow.Record) { rows.Add(rec.NumRows()) })
				split.Close()
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for split, err := range s.Splits(b.Context(), 0) {
		if err != nil {
			b.Fatal(err)
		}
		splits <- split
	}
	close(splits)
	lanes.Wait()
	return rows.Load()
}

// BenchmarkCSV reads every column, two columns, and only counts. RIVULET_BENCH_CSV names a file of one's own.
func BenchmarkCSV(b *testing.B) {
	SetAllocator(memory.Allocator())
	path := os.Getenv("RIVULET_BENCH_CSV")
	if path == "" {
		path = writeFile(b, "g1.csv", groupCSV(1e6))
	}
	for name, columns := range map[string][]string{"all": nil, "two": {"id1", "v3"}, "none": {}} {
		b.Run(name, func(b *testing.B) {
			s, err := Open(b.Context(), []string{path}, Options{})
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(s.Size())
			b.ReportAllocs()
			var rows int64
			for b.Loop() {
				rows += readParallel(b, s, columns)
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
			status, _ := os.ReadFile("/proc/self/status")
			for line := range strings.Lines(string(status)) {
				if strings.HasPrefix(line, "RssAnon") {
					b.Log(strings.TrimSpace(line))
				}
			}
		})
	}
}
