package packages

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// The debug pages of pprof and expvar are served by programs that import them, and by no others.
func TestEffectsOfImports(t *testing.T) {
	status := func(path string) int {
		w := httptest.NewRecorder()
		http.DefaultServeMux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
		return w.Code
	}
	pages := map[string]string{"/debug/vars": "expvar", "/debug/pprof/": "net/http/pprof", "/debug/pprof/cmdline": "net/http/pprof"}
	for page := range pages {
		if got := status(page); got != http.StatusNotFound {
			t.Errorf("%s: status %d before the import", page, got)
		}
	}
	for page, path := range pages {
		Imported(path)
		Imported(path)
		if got := status(page); got != http.StatusOK {
			t.Errorf("%s: status %d after the import", page, got)
		}
	}
	Imported("fmt")
}
