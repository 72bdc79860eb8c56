package interp

import (
	"context"
	"net"
	"net/http"
	"os/exec"
	"reflect"

	"github.com/rivulet-go/rivulet/interp/rt"
)

// endings are the calls that serve or wait for a process, as cells make them. What they hold on to in the system, a port or
// a process, is let go of when their cell is stopped, so that the cell can run again.
type endings struct {
	s        *session
	registry *rt.Registry
}

// until calls f. Where the cell is stopped meanwhile, end makes f return, and the calling goroutine ends.
func (e endings) until(end func(), f func() error) error {
	r := e.s.owner()
	defer context.AfterFunc(r.halting(), end)()
	err := f()
	if r.halting().Err() != nil {
		r.leave()
	}
	return err
}

func (e endings) serve(s *http.Server, f func() error) error {
	return e.until(func() { _ = s.Close() }, f)
}

func (e endings) wait(c *exec.Cmd, f func() error) error {
	return e.until(func() {
		if c.Process != nil {
			_ = c.Process.Kill()
		}
	}, f)
}

func (e endings) listener(l any) net.Listener {
	return *e.registry.Ref(l, (*net.Listener)(nil)).(*net.Listener)
}

// functions are those of package net/http.
func (e endings) functions() map[string]reflect.Value {
	v := reflect.ValueOf
	return map[string]reflect.Value{
		"ListenAndServe": v(func(addr string, h http.Handler) error {
			s := &http.Server{Addr: addr, Handler: h}
			return e.serve(s, s.ListenAndServe)
		}),
		"ListenAndServeTLS": v(func(addr, cert, key string, h http.Handler) error {
			s := &http.Server{Addr: addr, Handler: h}
			return e.serve(s, func() error { return s.ListenAndServeTLS(cert, key) })
		}),
		"Serve": v(func(l net.Listener, h http.Handler) error {
			s := &http.Server{Handler: h}
			return e.serve(s, func() error { return s.Serve(l) })
		}),
		"ServeTLS": v(func(l net.Listener, h http.Handler, cert, key string) error {
			s := &http.Server{Handler: h}
			return e.serve(s, func() error { return s.ServeTLS(l, cert, key) })
		}),
	}
}

// methods are the stand-ins for those of http.Server and exec.Cmd.
func (e endings) methods() map[string]reflect.Value {
	v := reflect.ValueOf
	return map[string]reflect.Value{
		"ServerListen": v(func(s *http.Server) any { return e.serve(s, s.ListenAndServe) }),
		"ServerListenTLS": v(func(s *http.Server, cert, key string) any {
			return e.serve(s, func() error { return s.ListenAndServeTLS(cert, key) })
		}),
		"ServerServe": v(func(s *http.Server, l any) any {
			return e.serve(s, func() error { return s.Serve(e.listener(l)) })
		}),
		"ServerServeTLS": v(func(s *http.Server, l any, cert, key string) any {
			return e.serve(s, func() error { return s.ServeTLS(e.listener(l), cert, key) })
		}),
		"CmdRun":  v(func(c *exec.Cmd) any { return e.wait(c, c.Run) }),
		"CmdWait": v(func(c *exec.Cmd) any { return e.wait(c, c.Wait) }),
		"CmdOutput": v(func(c *exec.Cmd) (out []byte, failed any) {
			err := e.wait(c, func() (err error) {
				out, err = c.Output()
				return err
			})
			return out, err
		}),
		"CmdCombinedOutput": v(func(c *exec.Cmd) (out []byte, failed any) {
			err := e.wait(c, func() (err error) {
				out, err = c.CombinedOutput()
				return err
			})
			return out, err
		}),
	}
}
