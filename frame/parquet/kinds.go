package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/float16"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// newValues is what builds arrays of a field, which a file's schema has as t, in the type that the engine computes; nil where nothing does.
func newValues(mem memory.Allocator, f *Field, t arrow.DataType) values {
	if d, ok := t.(*arrow.DictionaryType); ok {
		t = d.ValueType
	}
	switch f.physical {
	case Boolean:
		if t.ID() == arrow.BOOL {
			return &truths{mem: mem}
		}
	case Int32:
		return int32Values(mem, t)
	case Int64:
		switch t.ID() {
		case arrow.INT64, arrow.UINT64, arrow.TIMESTAMP, arrow.DURATION:
			return newWords(mem, t, 8, same[uint64])
		case arrow.DECIMAL128:
			w := newWords(mem, t, 8, int64Decimals)
			w.narrow = true
			return w
		}
	case Int96:
		if ts, ok := t.(*arrow.TimestampType); ok && ts.Unit == arrow.Nanosecond {
			return newWords(mem, t, 12, int96Nanoseconds)
		}
	case Float:
		if t.ID() == arrow.FLOAT32 {
			return newWords(mem, arrow.PrimitiveTypes.Float64, 4, widenFloats)
		}
	case Double:
		if t.ID() == arrow.FLOAT64 {
			return newWords(mem, t, 8, same[uint64])
		}
	case ByteArray, FixedLengthByteArray:
		return byteValues(mem, f, t)
	}
	return nil
}

func int32Values(mem memory.Allocator, t arrow.DataType) values {
	to := arrow.PrimitiveTypes.Int64
	switch t.ID() {
	case arrow.INT8:
		return newWords(mem, to, 4, widen(func(v uint32) int64 { return int64(int8(v)) }))
	case arrow.INT16:
		return newWords(mem, to, 4, widen(func(v uint32) int64 { return int64(int16(v)) }))
	case arrow.INT32:
		return newWords(mem, to, 4, widenInts)
	case arrow.UINT8:
		return newWords(mem, to, 4, widen(func(v uint32) int64 { return int64(uint8(v)) }))
	case arrow.UINT16:
		return newWords(mem, to, 4, widen(func(v uint32) int64 { return int64(uint16(v)) }))
	case arrow.UINT32:
		return newWords(mem, to, 4, widen(func(v uint32) int64 { return int64(v) }))
	case arrow.DATE32:
		return newWords(mem, t, 4, same[uint32])
	case arrow.DECIMAL128:
		return newWords(mem, t, 4, int32Decimals)
	}
	return nil
}

func byteValues(mem memory.Allocator, f *Field, t arrow.DataType) values {
	length := 0
	if f.physical == FixedLengthByteArray {
		if length = f.length; length <= 0 {
			return nil
		}
	}
	switch t.ID() {
	case arrow.STRING, arrow.LARGE_STRING:
		return newTexts(mem, arrow.BinaryTypes.String, length)
	case arrow.BINARY, arrow.LARGE_BINARY, arrow.FIXED_SIZE_BINARY:
		return newTexts(mem, arrow.BinaryTypes.Binary, length)
	case arrow.FLOAT16:
		if length == 2 {
			return newWords(mem, arrow.PrimitiveTypes.Float64, 2, widenHalves)
		}
	case arrow.INT64: // the unscaled values of decimals; words of eight bytes are taken as they are stored
		if length > 0 && length < 8 {
			return newWords(mem, t, length, bigEndianInts(length))
		}
	case arrow.DECIMAL128:
		if length > 0 {
			return newWords(mem, t, length, bigEndianDecimals(length))
		}
		return &byteDecimals{texts: newTexts(mem, arrow.BinaryTypes.Binary, 0), mem: mem, typ: t}
	}
	return nil
}

// The functions below make words of so many stored values.

func same[W word](out []W, stored []byte) error {
	copy(bytesOf(out), stored)
	return nil
}

func widenInts(out []uint64, stored []byte) error {
	for i, v := range view[int32](stored, len(out)) {
		out[i] = uint64(int64(v))
	}
	return nil
}

func widen(f func(uint32) int64) func([]uint64, []byte) error {
	return func(out []uint64, stored []byte) error {
		for i := range out {
			out[i] = uint64(f(binary.LittleEndian.Uint32(stored[4*i:])))
		}
		return nil
	}
}

func widenFloats(out []uint64, stored []byte) error {
	for i := range out {
		out[i] = math.Float64bits(float64(math.Float32frombits(binary.LittleEndian.Uint32(stored[4*i:]))))
	}
	return nil
}

func widenHalves(out []uint64, stored []byte) error {
	for i := range out {
		out[i] = math.Float64bits(float64(float16.FromBits(binary.LittleEndian.Uint16(stored[2*i:])).Float32()))
	}
	return nil
}

// int96Nanoseconds makes nanoseconds since 1970 of those of a day and the number of a Julian day, as Impala and Spark wrote them.
func int96Nanoseconds(out []uint64, stored []byte) error {
	const (
		julianEpoch = 2440588
		nanosPerDay = 24 * 60 * 60 * 1_000_000_000
	)
	for i := range out {
		day := int64(binary.LittleEndian.Uint32(stored[12*i+8:])) - julianEpoch
		out[i] = uint64(day)*nanosPerDay + binary.LittleEndian.Uint64(stored[12*i:])
	}
	return nil
}

func int32Decimals(out []decimal, stored []byte) error {
	for i := range out {
		v := int64(int32(binary.LittleEndian.Uint32(stored[4*i:])))
		out[i] = decimal{uint64(v), uint64(v >> 63)}
	}
	return nil
}

func int64Decimals(out []decimal, stored []byte) error {
	for i, v := range view[int64](stored, len(out)) {
		out[i] = decimal{uint64(v), uint64(v >> 63)}
	}
	return nil
}

func bigEndianInts(length int) func([]uint64, []byte) error {
	return func(out []uint64, stored []byte) error {
		for i := range out {
			v := uint64(int64(int8(stored[i*length])))
			for _, b := range stored[i*length+1 : (i+1)*length] {
				v = v<<8 | uint64(b)
			}
			out[i] = v
		}
		return nil
	}
}

func bigEndianDecimals(length int) func([]decimal, []byte) error {
	return func(out []decimal, stored []byte) (err error) {
		for i := range out {
			if out[i], err = bigEndian(stored[i*length : (i+1)*length]); err != nil {
				return err
			}
		}
		return nil
	}
}

// bigEndian is the decimal that the bytes of a number in two's complement are, the highest first.
func bigEndian(b []byte) (d decimal, err error) {
	if len(b) == 0 {
		return d, errors.New("a decimal has no bytes")
	}
	sign := uint64(int64(int8(b[0])) >> 63)
	d = decimal{sign, sign}
	for len(b) > 16 {
		if b[0] != byte(sign) || (b[1]^byte(sign))&0x80 != 0 {
			return d, fmt.Errorf("a decimal of %d bytes has more than 38 digits", len(b))
		}
		b = b[1:]
	}
	for _, v := range b {
		d[1] = d[1]<<8 | d[0]>>56
		d[0] = d[0]<<8 | uint64(v)
	}
	return d, nil
}
