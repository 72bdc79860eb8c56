package exec

import (
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

const signBit = uint64(1) << 63

var canonicalNaN = math.Float64bits(math.NaN())

// floatWord maps floats that are equal as keys to the same word: one NaN, one zero.
func floatWord(bits uint64) uint64 {
	if bits == signBit {
		return 0
	}
	if bits&^signBit > infinity {
		return canonicalNaN
	}
	return bits
}

// rawWords is the values of an 8-byte column as they are stored, without a copy.
func rawWords(arr arrow.Array) []uint64 {
	data := arr.Data()
	if data.Len() == 0 || data.Buffers()[1] == nil {
		return nil
	}
	b := data.Buffers()[1].Bytes()
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/8)
	return words[data.Offset() : data.Offset()+data.Len()]
}

// keyWords gives a word for each row such that equal keys have equal words. scratch is used where the stored values
// do not serve; the result may alias the array. Words of null rows mean nothing.
func keyWords(arr arrow.Array, scratch []uint64) (words, grown []uint64) {
	switch a := arr.(type) {
	case *array.Boolean:
		scratch = sized(scratch, a.Len())
		for i := range scratch {
			scratch[i] = 0
			if a.Value(i) {
				scratch[i] = 1
			}
		}
		return scratch, scratch
	case *array.Date32:
		scratch = sized(scratch, a.Len())
		for i, v := range a.Date32Values() {
			scratch[i] = uint64(int64(v))
		}
		return scratch, scratch
	case *array.Float64:
		scratch = sized(scratch, a.Len())
		for i, v := range rawWords(a) {
			scratch[i] = floatWord(v)
		}
		return scratch, scratch
	}
	return rawWords(arr), scratch
}

func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}

// bytesOf is the value and offset buffers of a string or binary column; offsets has one element more than rows.
func bytesOf(arr arrow.Array) (data []byte, offsets []int32) { return bytesIn(arr.Data()) }

func bytesIn(d arrow.ArrayData) (data []byte, offsets []int32) {
	if d.Len() == 0 || d.Buffers()[1] == nil {
		return nil, make([]int32, d.Len()+1)
	}
	if b := d.Buffers()[2]; b != nil {
		data = b.Bytes()
	}
	raw := d.Buffers()[1].Bytes()
	all := unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(raw))), len(raw)/4)
	return data, all[d.Offset() : d.Offset()+d.Len()+1]
}
