package store_test

import (
	"testing"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
	"go.uber.org/goleak"

	"github.com/rivulet-go/rivulet/distrib/enginetest"
	"github.com/rivulet-go/rivulet/distrib/store"
	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestStore(t *testing.T) {
	mem := arrowmemory.NewCheckedAllocator(arrowmemory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	one := enginetest.Record(mem, 1, 2, 3)
	size := batch.Bytes(one)
	budget := memory.NewBudget(size + size/2)
	s := store.New(budget)

	first, reserved := s.Put(one)
	if !reserved || budget.Used() != size {
		t.Errorf("reserved: %v, %d bytes, want %d", reserved, budget.Used(), size)
	}
	second, reserved := s.Put(enginetest.Record(mem, 4, 5, 6))
	if reserved || budget.Used() != size {
		t.Errorf("a block that does not fit: reserved %v, %d bytes used", reserved, budget.Used())
	}
	got, ok := s.Get(first)
	if !ok || got != one {
		t.Error("Get copied the record")
	}
	s.Free(first)
	s.Free(first)
	if budget.Used() != 0 || s.Blocks() != 1 || s.Bytes() != size {
		t.Errorf("after Free: %d bytes reserved, %d blocks of %d bytes", budget.Used(), s.Blocks(), s.Bytes())
	}
	got.Release()
	if _, ok := s.Get(first); ok {
		t.Error("a freed block is still there")
	}
	s.Close()
	if _, ok := s.Get(second); ok || s.Blocks() != 0 {
		t.Error("Close left a block")
	}
	if _, reserved := s.Put(enginetest.Record(mem, 7)); !reserved || s.Blocks() != 0 {
		t.Error("a closed store kept a block")
	}
}
