package source

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
)

func TestEachColumnIsReadOnceAndItsErrorComesInOrder(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	for _, busy := range []int64{0, 1, 5} {
		reading.Add(busy)
		var calls [20]atomic.Int32
		second, sixth := errors.New("second"), errors.New("sixth")
		err := eachColumn(len(calls), func(i int) error {
			calls[i].Add(1)
			return map[int]error{1: second, 5: sixth}[i]
		})
		reading.Add(-busy)
		if !errors.Is(err, second) {
			t.Errorf("%d row groups: %v, not that of the first column", busy, err)
		}
		for i := range calls {
			if n := calls[i].Load(); n != 1 {
				t.Errorf("%d row groups: column %d was read %d times", busy, i, n)
			}
		}
	}
	if err := eachColumn(0, func(int) error { return errors.New("called") }); err != nil {
		t.Error(err)
	}
}
