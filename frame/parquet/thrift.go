package parquet

import (
	"errors"
	"fmt"
)

// errShort says that bytes end within a structure.
var errShort = errors.New("it ends early")

// Types of Thrift's compact protocol: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12

	// maxThriftDepth is how deep what is skipped may be nested.
	maxThriftDepth = 64
)

// thrift reads structures of the compact protocol. After the first error, which stays in err, everything read is zero.
type thrift struct {
	data []byte
	at   int
	err  error
}

func (t *thrift) fail(err error) {
	if t.err == nil {
		t.err = err
	}
	t.at = len(t.data)
}

func (t *thrift) byte() byte {
	if t.at >= len(t.data) {
		t.fail(errShort)
		return 0
	}
	t.at++
	return t.data[t.at-1]
}

func (t *thrift) unsigned() (v uint64) {
	for shift := 0; shift < 64; shift += 7 {
		b := t.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
	t.fail(errors.New("a number is too long"))
	return 0
}

func (t *thrift) integer() int64 {
	u := t.unsigned()
	return int64(u>>1) ^ -int64(u&1)
}

// int32 is an integer of which a larger one than the format allows is an error.
func (t *thrift) int32() int {
	v := t.integer()
	if v != int64(int32(v)) {
		t.fail(fmt.Errorf("%d is out of range", v))
		return 0
	}
	return int(v)
}

func (t *thrift) bytes() []byte {
	n := t.unsigned()
	if t.err != nil || n > uint64(len(t.data)-t.at) {
		t.fail(errShort)
		return nil
	}
	t.at += int(n)
	return t.data[t.at-int(n) : t.at]
}

// present is bytes that are not nil, even where there are none.
func (t *thrift) present() []byte {
	if b := t.bytes(); b != nil || t.err != nil {
		return b
	}
	return []byte{}
}

// list is the length of a list; each element takes a byte or more.
func (t *thrift) list() (n int, element byte) {
	head := t.byte()
	size := uint64(head >> 4)
	if size == 15 {
		size = t.unsigned()
	}
	if size > uint64(len(t.data)-t.at) {
		t.fail(errShort)
		return 0, 0
	}
	return int(size), head & 15
}

// structures calls f for each structure of a list.
func (t *thrift) structures(f func(i int)) {
	n, element := t.list()
	if n > 0 && element != thriftStruct {
		t.fail(errors.New("a list is not of structures"))
	}
	for i := 0; i < n && t.err == nil; i++ {
		f(i)
	}
}

// fields calls f for each field of a structure; f reads or skips it.
func (t *thrift) fields(f func(id int, kind byte)) {
	for id := 0; ; {
		var kind byte
		if id, kind = t.field(id); kind == 0 {
			return
		}
		f(id, kind)
	}
}

// field is the field behind that of the number last; kind is 0 at the structure's end.
func (t *thrift) field(last int) (id int, kind byte) {
	head := t.byte()
	switch {
	case head == 0 || t.err != nil:
		return 0, 0
	case head>>4 != 0:
		return last + int(head>>4), head & 15
	}
	return t.int32(), head & 15
}

func (t *thrift) skip(kind byte) { t.skipNested(kind, 0) }

func (t *thrift) skipNested(kind byte, depth int) {
	if depth > maxThriftDepth {
		t.fail(errors.New("its metadata is nested too deep"))
	}
	if t.err != nil {
		return
	}
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftByte:
		t.byte()
	case thriftI16, thriftI32, thriftI64:
		t.unsigned()
	case thriftDouble:
		if t.at += 8; t.at > len(t.data) {
			t.fail(errShort)
		}
	case thriftBinary:
		t.bytes()
	case thriftList, thriftSet:
		n, element := t.list()
		for i := 0; i < n && t.err == nil; i++ {
			t.skipElement(element, depth)
		}
	case thriftMap:
		n := t.unsigned()
		if n == 0 {
			return
		}
		kinds := t.byte()
		for ; n > 0 && t.err == nil; n-- {
			t.skipElement(kinds>>4, depth)
			t.skipElement(kinds&15, depth)
		}
	case thriftStruct:
		t.fields(func(_ int, kind byte) { t.skipNested(kind, depth+1) })
	default:
		t.fail(fmt.Errorf("its metadata has a field of the unknown kind %d", kind))
	}
}

// skipElement skips an element of a collection, in which truths take a byte.
func (t *thrift) skipElement(kind byte, depth int) {
	if kind == thriftTrue || kind == thriftFalse {
		kind = thriftByte
	}
	t.skipNested(kind, depth+1)
}
