package overlay_test

import (
	realhkdf "crypto/hkdf"
	realpbkdf2 "crypto/pbkdf2"
	"crypto/sha256"
	"crypto/sha3"
	realsql "database/sql"
	realerrors "errors"
	"fmt"
	realhash "hash/maphash"
	"io/fs"
	realreflect "reflect"
	realruntime "runtime"
	realsync "sync"
	"testing"
	"time"

	"github.com/rivulet-go/rivulet/interp/packages/overlay"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/atomic"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/errors"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/hkdf"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/maphash"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/pbkdf2"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/rand"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/reflect"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/runtime"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/sql"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/sync"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/unique"
	"github.com/rivulet-go/rivulet/interp/packages/overlay/weak"
)

func TestFilesAreThere(t *testing.T) {
	for _, list := range []map[string]string{overlay.Whole, overlay.Generic} {
		for path, file := range list {
			if overlay.Read(file) == "" {
				t.Errorf("%s: %s is empty", path, file)
			}
		}
	}
}

func TestOnce(t *testing.T) {
	calls := 0
	value := sync.OnceValue(func() int { calls++; return calls })
	values := sync.OnceValues(func() (int, string) { calls++; return calls, "two" })
	var group realsync.WaitGroup
	for range 4 {
		group.Go(func() {
			if v := value(); v != 1 {
				t.Errorf("value %d", v)
			}
		})
	}
	group.Wait()
	for range 2 {
		if n, s := values(); n != 2 || s != "two" {
			t.Errorf("values %d %q", n, s)
		}
	}
	fail := sync.OnceValue(func() int { calls++; panic("no") })
	for range 2 {
		if p := panicOf(func() { fail() }); p != "no" {
			t.Errorf("panic %v", p)
		}
	}
	if calls != 3 {
		t.Errorf("%d calls", calls)
	}
}

func TestAtomicPointer(t *testing.T) {
	var p atomic.Pointer[string]
	a, b := "a", "b"
	if p.Load() != nil {
		t.Error("not nil at first")
	}
	p.Store(&a)
	if p.CompareAndSwap(&b, &a) || !p.CompareAndSwap(&a, &b) || p.Load() != &b {
		t.Error("CompareAndSwap")
	}
	if p.Swap(nil) != &b || p.Load() != nil {
		t.Error("Swap")
	}
}

type numbered int

func (n numbered) Error() string { return fmt.Sprint(int(n)) }

type disguised struct{}

func (disguised) Error() string { return "disguised" }
func (disguised) As(target any) bool {
	n, ok := target.(*numbered)
	if ok {
		*n = 7
	}
	return ok
}

func TestAsType(t *testing.T) {
	tree := realerrors.Join(realerrors.New("x"), fmt.Errorf("wrap: %w", fmt.Errorf("%w %w", disguised{}, numbered(3))))
	for _, err := range []error{nil, numbered(1), disguised{}, tree, realerrors.New("none"), fmt.Errorf("%w", nil)} {
		got, ok := errors.AsType[numbered](err)
		want, wantOK := realerrors.AsType[numbered](err)
		if got != want || ok != wantOK {
			t.Errorf("%v: got %v %v, want %v %v", err, got, ok, want, wantOK)
		}
	}
	if _, ok := errors.AsType[*fs.PathError](tree); ok {
		t.Error("found an error that is not there")
	}
}

func TestComparable(t *testing.T) {
	seed := realhash.MakeSeed()
	type point struct{ x, y int }
	one, same := maphash.Comparable(seed, point{1, 2}), maphash.Comparable(seed, point{1, 2})
	if one != same || one == maphash.Comparable(seed, point{2, 1}) {
		t.Error("Comparable")
	}
	var h, g realhash.Hash
	h.SetSeed(seed)
	g.SetSeed(seed)
	maphash.WriteComparable(&h, "a")
	maphash.WriteComparable(&g, "a")
	if h.Sum64() != g.Sum64() {
		t.Error("WriteComparable")
	}
}

func TestN(t *testing.T) {
	seen := map[time.Duration]bool{}
	for range 200 {
		seen[rand.N(3*time.Nanosecond)] = true
	}
	if len(seen) != 3 || !seen[0] || !seen[2] {
		t.Errorf("saw %v", seen)
	}
	if panicOf(func() { rand.N(0) }) != "invalid argument to N" {
		t.Error("no panic")
	}
}

func TestReflect(t *testing.T) {
	if reflect.TypeFor[error]().String() != "error" || reflect.TypeFor[[]int]().String() != "[]int" {
		t.Error("TypeFor")
	}
	var e any = numbered(2)
	if n, ok := reflect.TypeAssert[numbered](realreflect.ValueOf(&e).Elem()); n != 2 || !ok {
		t.Error("TypeAssert of an interface's content")
	}
	if _, ok := reflect.TypeAssert[string](realreflect.ValueOf(1)); ok {
		t.Error("TypeAssert of another type")
	}
}

func TestCleanup(t *testing.T) {
	done := make(chan string, 1)
	p := &[64]byte{}
	runtime.AddCleanup(p, func(s string) { done <- s }, "gone")
	q := &[64]byte{}
	runtime.AddCleanup(q, func(s string) { done <- s }, "stopped").Stop()
	w, same, other := weak.Make(p), weak.Make(p), weak.Make(q)
	if w != same || w == other || w.Value() != p || weak.Make[int](nil).Value() != nil {
		t.Error("weak pointers")
	}
	realruntime.KeepAlive(p)
	realruntime.KeepAlive(q)
	for deadline := time.Now().Add(10 * time.Second); ; {
		realruntime.GC()
		select {
		case s := <-done:
			if s != "gone" || w.Value() != nil {
				t.Errorf("cleanup %q, value %v", s, w.Value())
			}
			return
		case <-time.After(time.Millisecond):
			if time.Now().After(deadline) {
				t.Fatal("not cleaned up")
			}
		}
	}
}

func TestUnique(t *testing.T) {
	type name string
	a, b := unique.Make(name("x")), unique.Make(name("x"))
	if a != b || a == unique.Make(name("y")) || a.Value() != "x" || unique.Make("x").Value() != "x" {
		t.Error("handles")
	}
}

func TestNull(t *testing.T) {
	var n sql.Null[uint8]
	var r realsql.Null[uint8]
	for _, v := range []any{int64(7), "12", nil, int64(300), []byte("x")} {
		got, want := n.Scan(v), r.Scan(v)
		if fmt.Sprint(got) != fmt.Sprint(want) || n.V != r.V || n.Valid != r.Valid {
			t.Errorf("%v: got %v %v, want %v %v", v, n, got, r, want)
		}
		gotValue, got := n.Value()
		wantValue, want := r.Value()
		if gotValue != wantValue || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%v: got %v %v, want %v %v", v, gotValue, got, wantValue, want)
		}
	}
}

func TestKeys(t *testing.T) {
	same := func(name string, got []byte, err error, want []byte, wantErr error) {
		if string(got) != string(want) || fmt.Sprint(err) != fmt.Sprint(wantErr) {
			t.Errorf("%s: got %x %v, want %x %v", name, got, err, want, wantErr)
		}
	}
	secret, salt := []byte("secret of some length"), []byte("salt")
	got, err := hkdf.Key(sha256.New, secret, salt, "info", 40)
	want, wantErr := realhkdf.Key(sha256.New, secret, salt, "info", 40)
	same("hkdf.Key", got, err, want, wantErr)
	got, err = hkdf.Extract(sha3.New256, secret, salt)
	want, wantErr = realhkdf.Extract(sha3.New256, secret, salt)
	same("hkdf.Extract", got, err, want, wantErr)
	got, err = hkdf.Expand(sha256.New, secret, "info", 1<<20)
	want, wantErr = realhkdf.Expand(sha256.New, secret, "info", 1<<20)
	same("hkdf.Expand", got, err, want, wantErr)
	got, err = pbkdf2.Key(sha256.New, "password", salt, 100, 20)
	want, wantErr = realpbkdf2.Key(sha256.New, "password", salt, 100, 20)
	same("pbkdf2.Key", got, err, want, wantErr)
}

// panicOf is what f panics with.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}
