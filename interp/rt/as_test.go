package rt

import (
	"bytes"
	"container/heap"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/traefik/yaegi/stdlib"
)

// as makes a value of type T as lowered code does.
func as[T any](r *Registry, x any) T {
	v, _ := r.As(x, (*T)(nil)).(T)
	return v
}

func asCells(t testing.TB) (*Registry, []any) {
	c, vs := goldenCells(t, "golden_as_test.go", "aValues")
	if len(vs) != len(aValues()) {
		t.Fatalf("%d values", len(vs))
	}
	c.r.Wrapper = func(path, name string) (reflect.Type, bool) {
		v, ok := stdlib.Symbols[path+"/"+path[len(path)-len(lastElem(path)):]]["_"+name]
		if !ok {
			return nil, false
		}
		return v.Type().Elem(), true
	}
	return c.r, vs
}

func lastElem(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[i+1:]
		}
	}
	return path
}

func TestAsReader(t *testing.T) {
	r, vs := asCells(t)
	rd := as[io.Reader](r, vs[0])
	got, err := io.ReadAll(rd)
	if string(got) != "aaaaa" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if r.In(rd) != vs[0] {
		t.Error("the reader does not come back")
	}
	if _, ok := rd.(io.Closer); ok {
		t.Error("a reader has Close")
	}
	to := as[io.Reader](r, vs[1])
	var b bytes.Buffer
	if _, err := io.Copy(&b, to); err != nil || b.String() != "to 3" {
		t.Errorf("got %q, %v", b.String(), err)
	}
	if err := to.(io.Closer).Close(); fmt.Sprint(err) != "a 3" || r.In(err) == any(err) {
		t.Errorf("got %v", err)
	}
	if as[io.Reader](r, nil) != nil {
		t.Error("nil is not nil")
	}
	mustPanic(t, "interface conversion: main.aError is not io.Reader: missing method Read", func() { as[io.Reader](r, vs[2]) })
	mustPanic(t, "interface conversion: int is not io.Reader: missing method Read", func() { as[io.Reader](r, 3) })
	mustPanic(t, "a *main.aValue can't be given to compiled code as rt.unwrapped: there is no wrapper for this interface",
		func() { as[unwrapped](r, vs[7]) })
}

type unwrapped interface{ Set(string) error }

func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := fmt.Sprint(recover()); got != want {
			t.Errorf("panic %q, want %q", got, want)
		}
	}()
	f()
}

func TestAsError(t *testing.T) {
	r, vs := asCells(t)
	err := as[error](r, vs[3])
	if err.Error() != "w: a 7" || !errors.Is(err, io.EOF) || !errors.Is(err, as[error](r, vs[2])) || errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v", err)
	}
	if r.In(errors.Unwrap(err)) != vs[2] {
		t.Error("the cause does not come back")
	}
	many := as[error](r, vs[4])
	if !errors.Is(many, io.EOF) || errors.Is(many, io.ErrNoProgress) {
		t.Error("joined errors")
	}
	list := as[[]error](r, vs[8])
	if len(list) != 3 || list[0].Error() != "a 1" || list[1] != nil || !errors.Is(list[2], io.EOF) {
		t.Errorf("got %v", list)
	}
	back := r.From(list, (*[]any)(nil)).([]any)
	if back[0] != r.Raw(vs[8]).([]any)[0] || back[1] != nil || back[2] != any(io.EOF) {
		t.Errorf("got %v", back)
	}
	if m := as[map[string]error](r, vs[9]); m["a"].Error() != "a 2" {
		t.Errorf("got %v", m)
	}
	if a := as[[1]error](r, vs[14]); a[0].Error() != "a 4" {
		t.Errorf("got %v", a)
	}
	if as[error](r, nil) != nil {
		t.Error("nil is not nil")
	}
}

func TestAsFunctions(t *testing.T) {
	r, vs := asCells(t)
	is := as[func(error) bool](r, vs[10])
	if !is(io.EOF) || is(fs.ErrExist) || !is(as[error](r, vs[2])) {
		t.Error("function of an error")
	}
	f := as[func(any, io.Reader) (any, error)](r, vs[11])
	x, err := f(r.Out(vs[2]), nil)
	if x != vs[2] || err.Error() != "a 3" {
		t.Errorf("got %v, %v", x, err)
	}
	wrap := as[[]func(error) error](r, vs[12])
	if err := wrap[0](io.EOF); err.Error() != "f: EOF" || !errors.Is(errors.Unwrap(err), io.EOF) {
		t.Errorf("got %v", err)
	}
	if err := as[func(...error) error](r, vs[13])(io.EOF, nil); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if as[func(error) bool](r, vs[15]) != nil {
		t.Error("nil is not nil")
	}
	back := r.From(errors.Unwrap, (*func(any) any)(nil)).(func(any) any)
	if back(vs[3]) != vs[2] || back(nil) != nil {
		t.Error("a compiled function does not take errors of cells")
	}
}

func TestAsSort(t *testing.T) {
	r, vs := asCells(t)
	sort.Sort(as[sort.Interface](r, vs[5]))
	if got := fmt.Sprint(r.Out(vs[5])); got != "[a bb ccc]" {
		t.Errorf("got %s", got)
	}
	h := as[heap.Interface](r, vs[6])
	for _, i := range []int{3, 1, 2} {
		heap.Push(h, i)
	}
	if got := fmt.Sprint(heap.Pop(h), heap.Pop(h), heap.Pop(h)); got != "1 2 3" {
		t.Errorf("got %s", got)
	}
}

func TestAsWrapper(t *testing.T) {
	r, vs := asCells(t)
	v := as[flag.Value](r, vs[7])
	if err := v.Set("bad"); fmt.Sprint(err) != "a 1" {
		t.Errorf("got %v", err)
	}
	if err := v.Set("good"); err != nil || v.String() != "good" {
		t.Errorf("got %v, %v", v, err)
	}
	if r.In(v) != vs[7] {
		t.Error("the value does not come back")
	}
	mustPanic(t, "*error can't be shared with compiled code: its elements are kept in another form there",
		func() { as[*error](r, new(any)) })
}

func TestCall(t *testing.T) {
	r, vs := asCells(t)
	if got := r.Call(vs[2], "Error"); len(got) != 1 || got[0] != "a 7" {
		t.Errorf("got %v", got)
	}
	if got := r.Call(io.EOF, "Error"); got[0] != "EOF" {
		t.Errorf("got %v", got)
	}
	var b bytes.Buffer
	if got := r.Call(&b, "ReadFrom", vs[0]); got[0] != int64(5) || got[1] != nil || b.Len() != 5 {
		t.Errorf("got %v, %q", got, b.String())
	}
	mustPanic(t, "runtime error: invalid memory address or nil pointer dereference", func() { r.Call(nil, "Error") })
}

func TestAsResponseWriter(t *testing.T) {
	r, vs := asCells(t)
	w := as[http.ResponseWriter](r, vs[16])
	w.WriteHeader(404)
	w.Header().Set("A", "b")
	if _, err := w.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	c := http.NewResponseController(w)
	if err := c.Flush(); err != nil {
		t.Error(err)
	}
	if got := fmt.Sprintf("%+v", r.Out(vs[16])); !strings.Contains(got, "Status:404 Flushed:true") {
		t.Errorf("got %s", got)
	}
	rec := w.(interface{ Unwrap() http.ResponseWriter }).Unwrap().(*httptest.ResponseRecorder)
	if rec.Code != 404 || rec.Body.String() != "x" || rec.Header().Get("A") != "b" {
		t.Errorf("got %+v", rec)
	}
}

func TestScanTarget(t *testing.T) {
	r, vs := asCells(t)
	var n int
	if _, err := fmt.Sscan("3 4-5", r.ScanTarget(&n), r.ScanTarget(vs[17])); err != nil || n != 3 {
		t.Errorf("got %d, %v", n, err)
	}
	if got := fmt.Sprint(r.Out(vs[17])); got != "&{4 5}" {
		t.Errorf("got %s", got)
	}
}
