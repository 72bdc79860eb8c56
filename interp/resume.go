package interp

import (
	"errors"
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/traefik/yaegi/interp"
)

// runID reaches the number that yaegi raises to stop what it runs. Code that was made under another number returns zero
// values when it is called, without a word: so a function value of an earlier cell would be dead after an interrupt. The
// number is put back when the interrupted cell has ended.
func runID(i *interp.Interpreter) (*uint64, error) {
	f := reflect.ValueOf(i).Elem().FieldByName("id")
	if !f.IsValid() || f.Kind() != reflect.Uint64 {
		return nil, errors.New("session: unknown version of yaegi: it has no run number")
	}
	return (*uint64)(unsafe.Pointer(f.UnsafeAddr())), nil
}

// awaitNumber waits while the number is raised for functions that run outside of cells.
func (l *language) awaitNumber() {
	l.raising.Lock()
	defer l.raising.Unlock()
}

// resume lets functions that were made before an interrupt run again.
func (l *language) resume(id uint64) { atomic.StoreUint64(l.runID, id) }
