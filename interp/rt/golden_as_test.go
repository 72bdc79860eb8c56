package rt

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
)

type aReader struct{ Left int }

func (r *aReader) Read(p []byte) (int, error) {
	if r.Left == 0 {
		return 0, io.EOF
	}
	n := len(p)
	if n > r.Left { //nolint:modernize // the interpreter does not know min
		n = r.Left
	}
	for i := range p[:n] {
		p[i] = 'a'
	}
	r.Left -= n
	return n, nil
}

type aReaderTo struct{ *aReader }

func (r aReaderTo) WriteTo(w io.Writer) (int64, error) {
	n, err := fmt.Fprintf(w, "to %d", r.Left)
	return int64(n), err
}

func (r aReaderTo) Close() error { return aError{r.Left} }

type aError struct{ Code int }

func (e aError) Error() string { return fmt.Sprint("a ", e.Code) }

func (e aError) Is(target error) bool { return target == io.EOF && e.Code == 7 }

type aWrapError struct {
	Msg string
	Err error
}

func (e *aWrapError) Error() string { return e.Msg + ": " + e.Err.Error() }

func (e *aWrapError) Unwrap() error { return e.Err }

type aManyError []error

func (e aManyError) Error() string { return "many" }

func (e aManyError) Unwrap() []error { return e }

type aLengths []string

func (l aLengths) Len() int { return len(l) }

func (l aLengths) Less(i, j int) bool { return len(l[i]) < len(l[j]) }

func (l aLengths) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

type aHeap struct{ all []int }

func (h *aHeap) Len() int { return len(h.all) }

func (h *aHeap) Less(i, j int) bool { return h.all[i] < h.all[j] }

func (h *aHeap) Swap(i, j int) { h.all[i], h.all[j] = h.all[j], h.all[i] }

func (h *aHeap) Push(x any) { h.all = append(h.all, x.(int)) }

func (h *aHeap) Pop() any {
	x := h.all[len(h.all)-1]
	h.all = h.all[:len(h.all)-1]
	return x
}

type aValue struct{ s string }

func (v *aValue) String() string { return v.s }

func (v *aValue) Set(s string) error {
	if s == "bad" {
		return aError{1}
	}
	v.s = s
	return nil
}

type aResponse struct {
	http.ResponseWriter
	Status  int
	Flushed bool
}

func (r *aResponse) WriteHeader(status int) {
	r.Status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *aResponse) Flush() { r.Flushed = true }

func (r *aResponse) Unwrap() http.ResponseWriter { return r.ResponseWriter }

type aScanner struct{ A, B int }

func (s *aScanner) Scan(state fmt.ScanState, verb rune) error {
	_, err := fmt.Fscanf(state, "%d-%d", &s.A, &s.B)
	return err
}

func aValues() []any {
	shared := &aReader{5}
	return []any{
		0: shared, 1: aReaderTo{&aReader{3}}, 2: aError{7}, 3: &aWrapError{"w", aError{7}}, 4: aManyError{aError{1}, io.EOF},
		5: aLengths{"ccc", "a", "bb"}, 6: &aHeap{}, 7: &aValue{"v"}, 8: []error{aError{1}, nil, io.EOF},
		9: map[string]error{"a": aError{2}}, 10: func(err error) bool { return errors.Is(err, io.EOF) },
		11: func(x any, r io.Reader) (any, error) { return x, aError{3} },
		12: []func(error) error{func(err error) error { return &aWrapError{"f", err} }},
		13: func(errs ...error) error { return errs[0] }, 14: [1]error{aError{4}}, 15: (func(error) bool)(nil),
		16: &aResponse{ResponseWriter: httptest.NewRecorder()}, 17: &aScanner{},
	}
}
