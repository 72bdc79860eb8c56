package source

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rivulet-go/rivulet/frame/batch"
)

const fullDiskEnv = "RIVULET_TEST_FULL_DISK"

// A disk that fails, here a limit of what a file may have, gives an error that names the file and leaves none.
func TestWriteToAFullDisk(t *testing.T) {
	if os.Getenv(fullDiskEnv) == "" { // the limit is for a process: one of its own
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriteToAFullDisk$")
		child.Env = append(os.Environ(), fullDiskEnv+"=1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"w.parquet", "w.csv", "w.csv.gz", "w.ndjson", "w.arrow"} {
		if name != "w.parquet" { // its writer keeps buffers where a write fails
			checked(t)
		}
		rec := writtenRecord(currentAllocator(), rand.New(rand.NewPCG(1, 5)), 40_000, []string{"a", "bcd", "efg h", "xyz"})
		rec.Retain()
		rec.Retain() // it is given away three times
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64 << 10, Max: old.Max}); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		_, err := Write(t.Context(), path, writtenSchema, batch.FromRecords(rec, rec, rec), Options{})
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(err, syscall.EFBIG) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if left, _ := os.ReadDir(dir); len(left) > 0 {
			t.Errorf("%s: %v is left", name, left)
		}
	}
}
