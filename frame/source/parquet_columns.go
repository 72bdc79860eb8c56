package source

import (
	"cmp"
	"runtime"
	"sync"
	"sync/atomic"
)

// reading is how many row groups are being read in this process.
var reading atomic.Int64

// eachColumn calls task with 0 to n-1, for columns of a row group. Processors that have no row group to read help with the columns of those
// that are left: at the end of a file, and where statistics leave few. The error is that of the first column that has one, whichever came first.
func eachColumn(n int, task func(i int) error) error {
	var next atomic.Int64
	errs := make([]error, n)
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			errs[i] = task(i)
		}
	}
	var helpers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0)/max(int(reading.Load()), 1), n) - 1 {
		helpers.Go(work)
	}
	work()
	helpers.Wait()
	return cmp.Or(errs...)
}
