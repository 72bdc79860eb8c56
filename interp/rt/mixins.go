package rt

import (
	"io"
	"reflect"
)

// A mixin gives an adapter one method, which calls that of the value. Adapters are composed of those that belong
// together, so that code which looks for an optional method finds those that the type has.

func (h held) call(name string, args ...any) []reflect.Value {
	m := h.method(name)
	in := make([]reflect.Value, 1, 1+len(args))
	in[0] = m.receiver(reflect.ValueOf(h.x))
	for _, a := range args {
		in = append(in, reflect.ValueOf(a))
	}
	return m.run(in)
}

func (h held) count(name string, args ...any) (int, error) {
	out := h.call(name, args...)
	return int(out[0].Int()), h.r.asError(out[1])
}

// passed is a compiled value as an argument of a parameter that is an interface in cells.
func (h held) passed(name string, x any) []reflect.Value {
	m := h.method(name)
	return m.run([]reflect.Value{m.receiver(reflect.ValueOf(h.x)), anyValue(h.r.In(x))})
}

type reads struct{ h held }

func (m reads) Read(p []byte) (int, error) { return m.h.count("Read", p) }

type writes struct{ h held }

func (m writes) Write(p []byte) (int, error) { return m.h.count("Write", p) }

type closes struct{ h held }

func (m closes) Close() error { return m.h.r.asError(m.h.call("Close")[0]) }

type seeks struct{ h held }

func (m seeks) Seek(offset int64, whence int) (int64, error) {
	out := m.h.call("Seek", offset, whence)
	return out[0].Int(), m.h.r.asError(out[1])
}

type readsAt struct{ h held }

func (m readsAt) ReadAt(p []byte, off int64) (int, error) { return m.h.count("ReadAt", p, off) }

type writesAt struct{ h held }

func (m writesAt) WriteAt(p []byte, off int64) (int, error) { return m.h.count("WriteAt", p, off) }

type readsByte struct{ h held }

func (m readsByte) ReadByte() (byte, error) {
	out := m.h.call("ReadByte")
	return byte(out[0].Uint()), m.h.r.asError(out[1])
}

type unreadsByte struct{ h held }

func (m unreadsByte) UnreadByte() error { return m.h.r.asError(m.h.call("UnreadByte")[0]) }

type readsRune struct{ h held }

func (m readsRune) ReadRune() (rune, int, error) {
	out := m.h.call("ReadRune")
	return rune(out[0].Int()), int(out[1].Int()), m.h.r.asError(out[2])
}

type unreadsRune struct{ h held }

func (m unreadsRune) UnreadRune() error { return m.h.r.asError(m.h.call("UnreadRune")[0]) }

type writesByte struct{ h held }

func (m writesByte) WriteByte(c byte) error { return m.h.r.asError(m.h.call("WriteByte", c)[0]) }

type writesString struct{ h held }

func (m writesString) WriteString(s string) (int, error) { return m.h.count("WriteString", s) }

type writesTo struct{ h held }

func (m writesTo) WriteTo(w io.Writer) (int64, error) {
	out := m.h.passed("WriteTo", w)
	return out[0].Int(), m.h.r.asError(out[1])
}

type readsFrom struct{ h held }

func (m readsFrom) ReadFrom(r io.Reader) (int64, error) {
	out := m.h.passed("ReadFrom", r)
	return out[0].Int(), m.h.r.asError(out[1])
}

type flushes struct{ h held }

func (m flushes) Flush() error { return m.h.r.asError(m.h.call("Flush")[0]) }

// sorts is all of sort.Interface; the methods are looked up once, for they are called often.
type sorts struct {
	recv            any
	length, le, swp *method
}

func newSorts(h held) sorts {
	return sorts{h.x, h.method("Len"), h.method("Less"), h.method("Swap")}
}

func (m sorts) Len() int { return int(m.length.call(m.recv)[0].Int()) }

func (m sorts) Less(i, j int) bool {
	return m.le.call(m.recv, reflect.ValueOf(i), reflect.ValueOf(j))[0].Bool()
}

func (m sorts) Swap(i, j int) { m.swp.call(m.recv, reflect.ValueOf(i), reflect.ValueOf(j)) }
