package ray

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/distrib"
	"github.com/rivulet-go/rivulet/distrib/enginetest"
)

// TestJob runs the suite on one engine that was submitted over HTTP: no Python on this side.
func TestJob(t *testing.T) {
	c := twoNodes(t)
	t.Setenv(PythonEnv, "/nonexistent")
	start := time.Now()
	e, err := Open(t.Context(), Options{Address: c.Dashboard, Encode: encodeScripts, Mem: arrowmemory.NewGoAllocator()})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("connected in %v", time.Since(start))
	dir := folder(t)
	exact(t, e, scripts(dir, 4, 6, 1<<17, 0), func(distrib.Ref) {})
	rec := enginetest.Record(arrowmemory.NewGoAllocator(), 1, 2, 3)
	defer rec.Release()
	ref, err := e.Put(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	back, err := e.Get(t.Context(), ref)
	if err != nil || back.NumRows() != 3 {
		t.Fatalf("a block that was put came back as %v, %v", back, err)
	}
	back.Release()
	e.Free(ref)
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// The port of the glue is not for others.
func TestJobRefusesStrangers(t *testing.T) {
	c := twoNodes(t)
	pem, config, err := sessionKey()
	if err != nil {
		t.Fatal(err)
	}
	j := &job{api: api{base: c.Dashboard, token: apiToken()}}
	if err := j.start(t.Context(), pem, []byte("the token")); err != nil {
		t.Fatal(err)
	}
	defer j.stop()
	node, port, err := j.listening(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]func() (net.Conn, error){
		"no TLS": func() (net.Conn, error) { return net.Dial("tcp", net.JoinHostPort(node, port)) },
		"another key": func() (net.Conn, error) {
			_, other, err := sessionKey()
			if err != nil {
				return nil, err
			}
			other.RootCAs = config.RootCAs
			return dialTLS(t.Context(), net.JoinHostPort(node, port), other)
		},
		"another token": func() (net.Conn, error) {
			conn, err := dialTLS(t.Context(), net.JoinHostPort(node, port), config)
			if err == nil {
				_, err = conn.Write([]byte("not the token"))
			}
			return conn, err
		},
	} {
		conn, err := try()
		if err != nil {
			continue
		}
		f := newFrames(conn)
		_ = f.send(map[string]any{"t": "hello", "protocol": protocol}, nil)
		_ = conn.SetReadDeadline(time.Now().Add(15 * time.Second))
		if e, err := f.receive(nil); err == nil {
			t.Errorf("%s: a stranger was told %+v", name, e)
		} else if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
			t.Errorf("%s: the connection of a stranger stays open", name)
		}
		_ = conn.Close()
	}
}

func TestAddresses(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	deny := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer right" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer deny.Close()
	t.Setenv(TokenEnv, "wrong")
	for address, want := range map[string]string{
		"ray://somewhere:10001":            `use "HOST:6379" from a machine of the cluster, "http://HOST:8265" from any other`,
		"somewhere":                        "not an address",
		closed.Addr().String():             "no Ray cluster at",
		"http://" + closed.Addr().String(): "no Ray cluster at",
		deny.URL:                           TokenEnv,
	} {
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		e, err := Open(ctx, Options{Address: address, Python: "/bin/false", Encode: encodeScripts})
		cancel()
		if err == nil {
			_ = e.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", address, err, want)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: refused after %v", address, took)
		}
	}
}

// What is wrong with a Python is said with its name.
func TestPythons(t *testing.T) {
	for python, want := range map[string]string{
		"/bin/false":  "ended before it was connected",
		"/no/python3": "/no/python3",
	} {
		_, err := Open(t.Context(), Options{Python: python, Encode: encodeScripts})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", python, err)
		}
	}
}
