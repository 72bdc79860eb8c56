package exec

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	arrowmemory "github.com/apache/arrow/go/v17/arrow/memory"
)

// decodeKeys turns encoded rows back into columns: it is the inverse of keyEncoder for layoutRows, except that NaNs
// and zeros come out in their canonical form.
func decodeKeys(mem arrowmemory.Allocator, types []arrow.DataType, rows int, row func(int) []byte) ([]arrow.Array, error) {
	builders := make([]array.Builder, len(types))
	defer func() {
		for _, b := range builders {
			if b != nil {
				b.Release()
			}
		}
	}()
	for c, dt := range types {
		builders[c] = array.NewBuilder(mem, dt)
		builders[c].Reserve(rows)
	}
	for i := range rows {
		rest := row(i)
		for _, b := range builders {
			var err error
			if rest, err = decodeKey(b, rest); err != nil {
				return nil, err
			}
		}
	}
	out := make([]arrow.Array, len(types))
	for c, b := range builders {
		out[c] = b.NewArray()
	}
	return out, nil
}

// decodeKey appends the value at the head of src to b and gives what follows it.
func decodeKey(b array.Builder, src []byte) ([]byte, error) {
	valid := src[0] == 1
	src = src[1:]
	switch b := b.(type) {
	case *array.NullBuilder:
		b.AppendNull()
		return src, nil
	case *array.Decimal128Builder:
		if valid {
			b.Append(decimal128.New(int64(binary.LittleEndian.Uint64(src[8:])), binary.LittleEndian.Uint64(src)))
		} else {
			b.AppendNull()
		}
		return src[16:], nil
	case *array.StringBuilder:
		if !valid {
			b.AppendNull()
			return src, nil
		}
		n := binary.LittleEndian.Uint32(src)
		b.BinaryBuilder.Append(src[4 : 4+n])
		return src[4+n:], nil
	case *array.BinaryBuilder:
		if !valid {
			b.AppendNull()
			return src, nil
		}
		n := binary.LittleEndian.Uint32(src)
		b.Append(src[4 : 4+n])
		return src[4+n:], nil
	case *array.ListBuilder:
		return decodeList(b, valid, src)
	case *array.StructBuilder:
		return decodeStruct(b, valid, src)
	}
	if !valid {
		b.AppendNull()
		return src[8:], nil
	}
	return src[8:], appendWord(b, binary.LittleEndian.Uint64(src))
}

func decodeList(b *array.ListBuilder, valid bool, src []byte) ([]byte, error) {
	if !valid {
		b.AppendNull()
		return src, nil
	}
	b.Append(true)
	n := binary.LittleEndian.Uint32(src)
	src = src[4:]
	for range n {
		var err error
		if src, err = decodeKey(b.ValueBuilder(), src); err != nil {
			return nil, err
		}
	}
	return src, nil
}

func decodeStruct(b *array.StructBuilder, valid bool, src []byte) ([]byte, error) {
	if !valid {
		b.AppendNull()
		return src, nil
	}
	b.Append(true)
	for f := range b.NumField() {
		var err error
		if src, err = decodeKey(b.FieldBuilder(f), src); err != nil {
			return nil, err
		}
	}
	return src, nil
}

func appendWord(b array.Builder, w uint64) error {
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(w == 1)
	case *array.Int64Builder:
		b.Append(int64(w))
	case *array.Uint64Builder:
		b.Append(w)
	case *array.Float64Builder:
		b.Append(wordFloat(w))
	case *array.Date32Builder:
		b.Append(arrow.Date32(int32(int64(w))))
	case *array.TimestampBuilder:
		b.Append(arrow.Timestamp(w))
	case *array.DurationBuilder:
		b.Append(arrow.Duration(w))
	default:
		return fmt.Errorf("key: type %s is not a word", b.Type())
	}
	return nil
}
