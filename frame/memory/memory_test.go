package memory

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestBudget(t *testing.T) {
	b := NewBudget(100)
	r, other := b.NewReservation("sort"), b.NewReservation("join")
	if err := errors.Join(r.Resize(60), other.Grow(40)); err != nil {
		t.Fatal(err)
	}
	err := r.Resize(61)
	if !errors.Is(err, ErrBudget) || !strings.Contains(err.Error(), "sort") || r.Size() != 60 || b.Used() != 100 {
		t.Fatalf("refusal %v, size %d, used %d", err, r.Size(), b.Used())
	}
	if err := errors.Join(r.Resize(10), other.Grow(50)); err != nil {
		t.Fatal(err)
	}
	r.Release()
	other.Release()
	if b.Used() != 0 || b.Peak() != 100 || b.Total() != 100 {
		t.Fatalf("used %d, peak %d", b.Used(), b.Peak())
	}
}

// A refusal runs the collector first: what dropped frames hold comes back by their cleanups.
func TestRefusalCollects(t *testing.T) {
	b := NewBudget(100)
	func() {
		holder := new([64]int)
		if err := b.Reserve(80); err != nil {
			t.Fatal(err)
		}
		runtime.AddCleanup(holder, func(n int64) { b.Release(n) }, 80)
	}()
	if err := b.Reserve(50); err != nil {
		t.Fatal(err)
	}
}

func TestBudgetConcurrently(t *testing.T) {
	b := NewBudget(1000)
	var lanes sync.WaitGroup
	for range 4 {
		lanes.Go(func() {
			r := b.NewReservation("lane")
			for i := range int64(2000) {
				_ = r.Resize(i % 400)
				if b.Used() > 1000 {
					t.Error("over the budget")
				}
			}
			r.Release()
		})
	}
	lanes.Wait()
	if b.Used() != 0 {
		t.Fatalf("%d left", b.Used())
	}
}

func TestParseSize(t *testing.T) {
	for in, want := range map[string]int64{"64MiB": 64 << 20, "2GB": 2e9, "512m": 512 << 20, "1000": 1000, " 1.5 GiB ": 3 << 29, "10b": 10} {
		if got, err := ParseSize(in); err != nil || got != want {
			t.Errorf("%q is %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "x", "-1", "0", "NaN", "1e30GB", "5 apples"} {
		if got, err := ParseSize(in); err == nil {
			t.Errorf("%q is %d", in, got)
		}
	}
}

func TestClasses(t *testing.T) {
	for c := range classes - 60 {
		n := classSize(c)
		if class(n) != c || c > 0 && class(n+1) != c+1 || c > 0 && class(classSize(c-1)+1) != c {
			t.Fatalf("class %d of %d bytes: %d, next %d", c, n, class(n), class(n+1))
		}
		if c > 0 && n > classSize(c-1)*5/4 || n%(4<<10) != 0 {
			t.Fatalf("class %d of %d bytes is too far from %d", c, n, classSize(c-1))
		}
	}
}

func TestPool(t *testing.T) {
	p := NewPool(1 << 20)
	r := rand.New(rand.NewPCG(1, 1))
	type held struct {
		b    []byte
		mark byte
	}
	var all []held
	for i := range 3000 {
		switch n := r.IntN(1 << r.IntN(22)); {
		case r.IntN(3) > 0 || len(all) == 0:
			b := p.Allocate(n)
			if len(b) != n || n > 0 && uintptr(unsafe.Pointer(&b[0]))%alignment != 0 {
				t.Fatalf("%d bytes for %d, or not aligned", len(b), n)
			}
			for _, x := range b {
				if x != 0 {
					t.Fatal("not zeroed")
				}
			}
			h := held{b, byte(i)}
			fill(h.b, h.mark)
			all = append(all, h)
		default:
			k := r.IntN(len(all))
			h := all[k]
			if r.IntN(2) == 0 {
				old := len(h.b)
				h.b = p.Reallocate(n, h.b)
				check(t, h.b[:min(n, old)], h.mark)
				check(t, h.b[min(n, old):], 0)
				fill(h.b, h.mark)
				all[k] = h
				continue
			}
			check(t, h.b, h.mark)
			p.Free(h.b)
			all[k] = all[len(all)-1]
			all = all[:len(all)-1]
		}
		if _, idle, _ := p.Stats(); idle > 1<<20 {
			t.Fatalf("%d bytes idle", idle)
		}
	}
	for _, h := range all {
		check(t, h.b, h.mark)
		p.Free(h.b)
	}
	p.Trim()
	if inUse, idle, peak := p.Stats(); inUse != 0 || idle != 0 || peak == 0 {
		t.Fatalf("in use %d, idle %d, peak %d", inUse, idle, peak)
	}
}

func fill(b []byte, mark byte) {
	for i := range b {
		b[i] = mark
	}
}

func check(t *testing.T, b []byte, mark byte) {
	t.Helper()
	for _, x := range b {
		if x != mark {
			t.Fatalf("byte %d, want %d: two holders share a block", x, mark)
		}
	}
}

func TestPoolRecycles(t *testing.T) {
	p := NewPool(1 << 30)
	b := p.Allocate(1 << 20)
	first := &b[0]
	p.Free(b)
	if b = p.AllocateDirty(1<<20 - 5); &b[0] != first {
		t.Fatal("a freed block was not used again")
	}
	p.Free(b)
	p.Trim()
}

// TestPoolLingers frees more than the pool keeps: it stays for a while, makes room for what is new, and is given back.
func TestPoolLingers(t *testing.T) {
	p := NewPool(1 << 20)
	p.linger = 50 * time.Millisecond
	var blocks [][]byte
	for range 8 {
		blocks = append(blocks, p.Allocate(1<<20))
	}
	for _, b := range blocks {
		p.Free(b)
	}
	if _, idle, _ := p.Stats(); idle != 8<<20 {
		t.Fatalf("%d bytes idle, want all", idle)
	}
	again := p.Allocate(1 << 20)
	other := p.Allocate(3 << 20)
	if inUse, idle, peak := p.Stats(); inUse+idle > 8<<20 || peak != 8<<20 {
		t.Fatalf("%d bytes in use, %d idle, %d at most: what is new does not take the place of what lingers", inUse, idle, peak)
	}
	p.Free(again)
	p.Free(other)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		_, idle, _ := p.Stats()
		if idle <= 1<<20 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bytes are still idle", idle)
		}
	}
	p.Trim()
}

var spillSchema = arrow.NewSchema([]arrow.Field{
	{Name: "i", Type: arrow.PrimitiveTypes.Int64, Nullable: true}, {Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)

func spillRecord(mem arrowmemory.Allocator, seed uint64, rows int) arrow.Record {
	r := rand.New(rand.NewPCG(seed, seed))
	b := array.NewRecordBuilder(mem, spillSchema)
	defer b.Release()
	for range rows {
		if r.IntN(10) == 0 {
			b.Field(0).AppendNull()
			b.Field(1).AppendNull()
			continue
		}
		b.Field(0).(*array.Int64Builder).Append(r.Int64())
		b.Field(1).(*array.StringBuilder).Append(strings.Repeat("x", r.IntN(30)))
	}
	return b.NewRecord()
}

func TestSpill(t *testing.T) {
	mem := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	dir := t.TempDir()
	s, err := NewSpill(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if names, _ := os.ReadDir(dir); len(names) != 0 {
		t.Fatalf("the spill file has a name: %v", names)
	}
	before := SpilledBytes()
	runs := make([]*Run, 3)
	var writers sync.WaitGroup
	for k := range runs { // runs written at once share the file
		writers.Go(func() {
			w := s.Writer(spillSchema)
			for i := range 5 {
				rec := spillRecord(mem, uint64(k*10+i), 1000*(k+1))
				sliced := rec.NewSlice(int64(i), rec.NumRows())
				err := w.Write(sliced)
				sliced.Release()
				rec.Release()
				if err != nil {
					t.Error(err)
				}
			}
			var err error
			if runs[k], err = w.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	writers.Wait()
	if SpilledBytes()-before != s.Bytes() || s.Bytes() != runs[0].Bytes()+runs[1].Bytes()+runs[2].Bytes() {
		t.Fatalf("%d bytes spilled, %d in the file", SpilledBytes()-before, s.Bytes())
	}
	for k, run := range runs {
		for range 2 { // a run can be read again
			i := 0
			for rec, err := range run.Read(t.Context(), mem) {
				if err != nil {
					t.Fatal(err)
				}
				whole := spillRecord(mem, uint64(k*10+i), 1000*(k+1))
				want := whole.NewSlice(int64(i), whole.NumRows())
				if !array.RecordEqual(rec, want) {
					t.Fatalf("run %d, batch %d differs", k, i)
				}
				want.Release()
				whole.Release()
				rec.Release()
				i++
			}
			if i != 5 || run.Batches() != 5 {
				t.Fatalf("run %d: %d batches", k, i)
			}
		}
	}
	for rec, err := range runs[0].Read(t.Context(), mem) { // a break releases what is held
		if err != nil {
			t.Fatal(err)
		}
		rec.Release()
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range runs[0].Read(ctx, mem) {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("error %v", err)
		}
	}
}

func TestSpillCorruption(t *testing.T) {
	mem := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	s, err := NewSpill(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := s.Writer(spillSchema)
	for i := range uint64(2) {
		rec := spillRecord(mem, i, 500)
		if err := w.Write(rec); err != nil {
			t.Fatal(err)
		}
		rec.Release()
	}
	run, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	last := run.chunks[1]
	if _, err := s.file.WriteAt([]byte{0xee, 0xee, 0xee}, last.offset+last.length/2); err != nil {
		t.Fatal(err)
	}
	good, bad := 0, error(nil)
	for rec, err := range run.Read(t.Context(), mem) {
		if err != nil {
			bad = err
			continue
		}
		good++
		rec.Release()
	}
	if good != 1 || !errors.Is(bad, ErrSpillCorrupt) {
		t.Fatalf("%d good batches, then %v", good, bad)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}
	for _, err := range run.Read(t.Context(), mem) {
		if !errors.Is(err, ErrSpillClosed) {
			t.Fatalf("after Close: %v", err)
		}
	}
}

func TestSpillDirectory(t *testing.T) {
	_, err := NewSpill("/nowhere/at/all")
	if err == nil || !strings.Contains(err.Error(), "/nowhere/at/all") || !strings.Contains(err.Error(), SpillDirEnv) {
		t.Fatalf("error %v", err)
	}
	t.Setenv(SpillDirEnv, "/some/where")
	if SpillDir() != "/some/where" {
		t.Fatal(SpillDir())
	}
}

func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no /dev/full on this system: the message of a full disk is not tested")
	}
	s := &Spill{dir: "/full/disk", file: full}
	defer s.Close()
	w := s.Writer(spillSchema)
	rec := spillRecord(arrowmemory.NewGoAllocator(), 1, 100)
	defer rec.Release()
	err = w.Write(rec)
	if err == nil || !strings.Contains(err.Error(), "/full/disk is full") || !strings.Contains(err.Error(), "needed") {
		t.Fatalf("error %v", err)
	}
	if _, again := w.Close(); !errors.Is(again, err) {
		t.Fatalf("Close gives %v", again)
	}
}

func TestMachineMemory(t *testing.T) {
	if n := machineMemory(); n < 64<<20 {
		t.Fatalf("%d bytes", n)
	}
	dir := t.TempDir()
	self := dir + "/cgroup"
	if err := os.WriteFile(self, []byte("0::/a/b\n5:cpu,memory:/c\n3:cpu:/d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(cgroupLimits(self, "/r"), " ")
	want := "/r/a/b/memory.max /r/a/memory.max /r/memory.max /r/memory/c/memory.limit_in_bytes /r/memory/memory.limit_in_bytes"
	if got != want {
		t.Fatalf("%s\nwant %s", got, want)
	}
}
