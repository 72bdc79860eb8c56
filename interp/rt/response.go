package rt

import (
	"fmt"
	"net/http"
	"reflect"
)

// ScanTarget makes what the scanning functions of fmt are given for a pointer: the pointer itself, or an adapter if
// its type scans itself.
func (r *Registry) ScanTarget(x any) any {
	if m := r.Of(x).method("Scan"); m != nil && m.str == "func(fmt.ScanState, int32) error" {
		return scanner{held{x, r}}
	}
	return r.Raw(x)
}

type scanner struct{ held }

func (s scanner) Scan(state fmt.ScanState, verb rune) error {
	m := s.method("Scan")
	return s.r.asError(m.run([]reflect.Value{m.receiver(reflect.ValueOf(s.x)), anyValue(state), reflect.ValueOf(verb)})[0])
}

// responds is http.ResponseWriter.
type responds struct{ h held }

func (m responds) Header() http.Header { return m.h.call("Header")[0].Interface().(http.Header) }

func (m responds) Write(p []byte) (int, error) { return m.h.count("Write", p) }

func (m responds) WriteHeader(status int) { m.h.call("WriteHeader", status) }

type flushesNow struct{ h held }

func (m flushesNow) Flush() { m.h.call("Flush") }

// unwraps is what http.ResponseController looks for.
type unwraps struct{ h held }

func (m unwraps) Unwrap() http.ResponseWriter {
	w, _ := m.h.r.As(m.h.call("Unwrap")[0].Interface(), (*http.ResponseWriter)(nil)).(http.ResponseWriter)
	return w
}

type (
	response struct {
		held
		responds
	}
	responseFlusher struct {
		held
		responds
		flushesNow
	}
	responseUnwrapper struct {
		held
		responds
		unwraps
	}
	responseBoth struct {
		held
		responds
		flushesNow
		unwraps
	}
)

// responsePlan finds the adapter for a response writer with the optional methods that its type has.
func responsePlan(b *binding, iface reflect.Type) func(held) any {
	if !reflect.TypeFor[http.ResponseWriter]().AssignableTo(iface) {
		return nil
	}
	for name, sig := range map[string]string{
		"Header": "func() http.Header", "Write": "func([]uint8) (int, error)", "WriteHeader": "func(int)",
	} {
		if m := b.methods[name]; m == nil || m.str != sig {
			return nil
		}
	}
	flush := b.methods["Flush"] != nil && b.methods["Flush"].str == "func()"
	unwrap := b.methods["Unwrap"] != nil && b.methods["Unwrap"].str == "func() http.ResponseWriter"
	switch {
	case flush && unwrap:
		return func(h held) any { return responseBoth{h, responds{h}, flushesNow{h}, unwraps{h}} }
	case flush:
		return func(h held) any { return responseFlusher{h, responds{h}, flushesNow{h}} }
	case unwrap:
		return func(h held) any { return responseUnwrapper{h, responds{h}, unwraps{h}} }
	}
	return func(h held) any { return response{h, responds{h}} }
}
