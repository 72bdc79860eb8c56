package module

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gomod "golang.org/x/mod/module"
)

// TestCancel ends the context while each kind of request hangs.
func TestCancel(t *testing.T) {
	for _, suffix := range []string{"/@v/list", "/@latest", "/@v/v1.2.3.mod", "/@v/v1.2.3.zip", "/supported", "/latest", "body"} {
		t.Run(strings.ReplaceAll(suffix, "/", ""), func(t *testing.T) {
			p := newProxy(t, greetings)
			s := p.withSums(t, p.settings(t), true)
			sums := p.hook
			hanging, release := make(chan bool, 100), make(chan struct{})
			defer close(release)
			p.setHook(func(w http.ResponseWriter, r *http.Request) bool {
				if suffix == "body" && strings.HasSuffix(r.URL.Path, ".zip") {
					w.Header().Set("Content-Length", "1000000")
					_, _ = w.Write(make([]byte, 1000))
					w.(http.Flusher).Flush()
				} else if !strings.HasSuffix(r.URL.Path, suffix) && (suffix != "/latest" || !strings.Contains(r.URL.Path, "/lookup/")) {
					return sums(w, r)
				}
				hanging <- true
				<-release
				return true
			})
			line := "example.com/hi"
			if suffix == "/@latest" {
				line = "example.com/untagged"
			}
			g := newGraph(t, s)
			cancelled(t, func(ctx context.Context) error {
				_, err := g.Get(ctx, query(t, line), nil)
				return err
			}, func() <-chan bool { return hanging })
			if len(g.Modules()) > 0 {
				t.Errorf("modules: %v", g.Modules())
			}
		})
	}
}

// cancelled runs f until it hangs, ends its context, and wants it back in 100 ms: once in three times, as the machine may
// be busy.
func cancelled(t *testing.T, f func(context.Context) error, start func() (hanging <-chan bool)) {
	t.Helper()
	var took time.Duration
	for range 3 {
		hanging := start()
		why := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error, 1)
		go func() { done <- f(ctx) }()
		select {
		case <-hanging:
		case err := <-done:
			cancel(nil)
			t.Fatalf("it ended before it hung: %v", err)
		}
		began := time.Now()
		cancel(why)
		err := <-done
		if took = time.Since(began); !errors.Is(err, why) && !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled with %v", err)
		}
		if took <= 100*time.Millisecond {
			return
		}
	}
	t.Errorf("cancelled after %v", took)
}

// soon is when something that can't tell hangs for certain.
func soon() <-chan bool {
	hanging := make(chan bool, 1)
	time.AfterFunc(300*time.Millisecond, func() { hanging <- true })
	return hanging
}

// TestCancelLock waits for another process that is filling the same version.
func TestCancelLock(t *testing.T) {
	p := newProxy(t, greetings)
	s := p.settings(t)
	c := openCache(s)
	name, err := c.file(s.ModCache, gomod.Version{Path: "example.com/hi", Version: "v1.2.3"}, "lock")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	_, unlock, err := lockFile(t.Context(), name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		t.Fatal(err)
	}
	g := newGraph(t, s)
	cancelled(t, func(ctx context.Context) error {
		_, err := g.Get(ctx, query(t, "example.com/hi@v1.2.3"), nil)
		return err
	}, soon)
	if p.count(".zip") > 0 {
		t.Error("it downloaded a version that another process had locked")
	}
	time.AfterFunc(200*time.Millisecond, unlock)
	get(t, g, "example.com/hi@v1.2.3")

	// A Get waits for the one before it.
	turn, err := g.take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer turn()
	cancelled(t, func(ctx context.Context) error {
		_, err := g.Load(ctx, "example.com/hi", nil)
		return err
	}, soon)
}
