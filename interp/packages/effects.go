package packages

import (
	"expvar"
	"net/http"
	"net/http/pprof"
	"sync"
)

// Some packages register something when a program imports them. All are linked into this one, so that what they registered is
// taken back at start, and Imported does it again. What others register (image formats, hashes) changes no program that works.
func init() { http.DefaultServeMux = http.NewServeMux() }

// effects are what importing a package does, once in a process.
var effects = map[string]func(){
	"expvar": sync.OnceFunc(func() {
		http.Handle("GET /debug/vars", expvar.Handler())
	}),
	"net/http/pprof": sync.OnceFunc(func() {
		http.HandleFunc("GET /debug/pprof/", pprof.Index)
		http.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		http.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		http.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		http.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}),
}

// Imported does what a package does when a program imports it. It is to be called when a cell has imported path, before the cell runs;
// doing so again is nothing.
func Imported(path string) {
	if effect, ok := effects[path]; ok {
		effect()
	}
}
