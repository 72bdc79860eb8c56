package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// store serves files by ranges, as object stores do: behind a signature, without HEAD.
type store struct {
	files map[string][]byte
	tag   atomic.Pointer[string]
	asked atomic.Int64
	sent  atomic.Int64
	fail  func(n int64) int // status of request n, 0 to serve it
	hang  chan struct{}     // while open, nothing is sent
}

const signature = "?X-Signature=secret%2Ftext&file=*.csv"

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := s.asked.Add(1)
	data, ok := s.files[r.URL.Path]
	switch {
	case r.Method != http.MethodGet || r.URL.RawQuery != signature[1:]:
		w.WriteHeader(http.StatusForbidden)
		return
	case !ok:
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if s.fail != nil {
		if code := s.fail(n); code != 0 {
			w.WriteHeader(code)
			return
		}
	}
	if s.hang != nil {
		select {
		case <-s.hang:
		case <-r.Context().Done():
			return
		}
	}
	if tag := s.tag.Load(); tag != nil {
		w.Header().Set("ETag", *tag)
	}
	http.ServeContent(counted{w, &s.sent}, r, "", time.Unix(1e9, 0), bytes.NewReader(data))
}

type counted struct {
	http.ResponseWriter
	n *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	return c.ResponseWriter.Write(p)
}

func serve(t *testing.T, files map[string][]byte) (s *store, base string) {
	t.Helper()
	s = &store{files: files}
	s.tag.Store(new(string))
	*s.tag.Load() = `"1"`
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		urlClient.CloseIdleConnections()
	})
	return s, server.URL
}

func TestURLs(t *testing.T) {
	rec := canonicalRecord(t, 10_000)
	defer rec.Release()
	csv := written(t, "a.csv", rec)
	files := map[string][]byte{
		"/a.csv": csv, "/a.csv.gz": gzipped(t, csv), "/a.ndjson": written(t, "a.ndjson", rec),
		"/a.parquet": written(t, "a.parquet", rec), "/a.arrow": written(t, "a.arrow", rec),
	}
	_, base := serve(t, files)
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			checked(t)
			here, err := Open(t.Context(), []string{writeFile(t, name[1:], data)}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			there, err := Open(t.Context(), []string{base + name + signature}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if there.Size() != int64(len(data)) || strings.Contains(there.Name(), "secret") || !strings.Contains(there.Name(), name) {
				t.Errorf("%q has %d bytes, want %d", there.Name(), there.Size(), len(data))
			}
			want, err := readAll(t.Context(), here, 100_000, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range []Source{there, &travelled{Source: there}} {
				got, err := readAll(t.Context(), s, 100_000, nil)
				if err != nil || !slices.EqualFunc(text(got), text(want), slices.Equal) {
					t.Errorf("%d rows, want %d: %v", len(got), len(want), err)
				}
			}
		})
	}
}

// Of a large file little comes over the network for one column.
func TestURLRanges(t *testing.T) {
	checked(t)
	rec := canonicalRecord(t, 400_000)
	defer rec.Release()
	data := written(t, "a.parquet", rec)
	s, base := serve(t, map[string][]byte{"/a.parquet": data})
	src, err := Open(t.Context(), []string{base + "/a.parquet" + signature}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(t.Context(), src, 0, []string{rec.Schema().Field(1).Name})
	if err != nil || len(got) == 0 {
		t.Fatal(err)
	}
	t.Logf("%d of %d bytes, in %d requests", s.sent.Load(), len(data), s.asked.Load())
	if s.sent.Load() > int64(len(data))*3/4 {
		t.Errorf("%d bytes came of %d", s.sent.Load(), len(data))
	}
}

func TestURLFailures(t *testing.T) {
	checked(t)
	rec := canonicalRecord(t, 1000)
	defer rec.Release()
	s, base := serve(t, map[string][]byte{"/a.parquet": written(t, "a.parquet", rec), "/empty.csv": nil, "/a.zip": []byte(zipMagic + "....")})
	whole := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "a,b\n1,2\n") }))
	defer whole.Close()
	for address, want := range map[string]string{
		base + "/none.parquet" + signature:     "/none.parquet: no such file (404 Not Found)",
		base + "/a.parquet?X-Signature=secret": "/a.parquet: its server refuses it (403 Forbidden; has a signed address expired?)",
		base + "/empty.csv" + signature:        "/empty.csv: " + ErrEmpty.Error(),
		base + "/a.zip" + signature:            "zip files behind an address can't be read",
		whole.URL + "/a.csv":                   "its server does not give parts of files: download it first",
	} {
		_, err := Open(t.Context(), []string{address}, Options{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", address, err)
		}
		if strings.Contains(address, "none") && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v is not fs.ErrNotExist", err)
		}
	}
	// What fails and then serves is asked again; what changes is not mixed.
	s.fail = func(n int64) int {
		if n%2 == 0 {
			return http.StatusServiceUnavailable
		}
		return 0
	}
	src, err := Open(t.Context(), []string{base + "/a.parquet" + signature}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := readAll(t.Context(), src, 0, nil); err != nil || len(got) != 1000 {
		t.Errorf("%d rows: %v", len(got), err)
	}
	s.fail = func(int64) int { return http.StatusServiceUnavailable }
	if _, err := readAll(t.Context(), src, 0, nil); err == nil || !strings.Contains(err.Error(), "503 Service Unavailable (tried 4 times)") || strings.Contains(err.Error(), "secret") {
		t.Errorf("%v", err)
	}
	s.fail = nil
	for split, err := range src.Splits(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		b, _, err := EncodeSplit(t.Context(), split, nil, nil)
		split.Close()
		if err != nil {
			t.Fatal(err)
		}
		tag := `"2"`
		s.tag.Store(&tag)
		if _, err := DecodeSplit(t.Context(), b, nil); err == nil || !strings.Contains(err.Error(), "another one") {
			t.Errorf("a file that has changed: %v", err)
		}
	}
}

// A cancel ends what waits for a server.
func TestURLCancel(t *testing.T) {
	checked(t)
	rec := canonicalRecord(t, 1000)
	defer rec.Release()
	s, base := serve(t, map[string][]byte{"/a.parquet": written(t, "a.parquet", rec)})
	src, err := Open(t.Context(), []string{base + "/a.parquet" + signature}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.hang = make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	start := time.Now()
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err = readAll(ctx, src, 0, nil)
	if err == nil || time.Since(start) > 2*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	close(s.hang)
}
