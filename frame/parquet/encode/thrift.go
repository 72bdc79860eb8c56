package encode

import "encoding/binary"

// Types of Thrift's compact protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftBinary = 8
	thriftList   = 9
	thriftStruct = 12
)

// thrift writes structures of the compact protocol. The outermost one begins by itself; end ends it.
type thrift struct {
	b    []byte
	last []int // the number of the field before, of each structure that is open
}

func newThrift(b []byte) *thrift { return &thrift{b: b, last: []int{0}} }

func (t *thrift) field(id int, kind byte) {
	last := &t.last[len(t.last)-1]
	if step := id - *last; step > 0 && step < 16 {
		t.b = append(t.b, byte(step)<<4|kind)
	} else {
		t.b = binary.AppendVarint(append(t.b, kind), int64(id))
	}
	*last = id
}

func (t *thrift) int32(id int, v int) {
	t.field(id, thriftI32)
	t.b = binary.AppendVarint(t.b, int64(v))
}

func (t *thrift) int64(id int, v int64) {
	t.field(id, thriftI64)
	t.b = binary.AppendVarint(t.b, v)
}

func (t *thrift) truth(id int, v bool) {
	kind := byte(thriftFalse)
	if v {
		kind = thriftTrue
	}
	t.field(id, kind)
}

func (t *thrift) bytes(id int, v []byte) {
	t.field(id, thriftBinary)
	t.element(v)
}

func (t *thrift) text(id int, v string) { t.bytes(id, []byte(v)) }

// element is bytes in a list.
func (t *thrift) element(v []byte) {
	t.b = append(binary.AppendUvarint(t.b, uint64(len(v))), v...)
}

// list begins a list of n elements, which follow.
func (t *thrift) list(id int, kind byte, n int) {
	t.field(id, thriftList)
	if n < 15 {
		t.b = append(t.b, byte(n)<<4|kind)
		return
	}
	t.b = binary.AppendUvarint(append(t.b, 0xf0|kind), uint64(n))
}

// begin begins a structure: the field id, or an element of a list where id is 0.
func (t *thrift) begin(id int) {
	if id > 0 {
		t.field(id, thriftStruct)
	}
	t.last = append(t.last, 0)
}

func (t *thrift) end() {
	t.b = append(t.b, 0)
	t.last = t.last[:len(t.last)-1]
}

// empty is a structure without fields.
func (t *thrift) empty(id int) {
	t.begin(id)
	t.end()
}
