package source

import (
	"fmt"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
)

// validate checks that a column's buffers hold what its offsets and lengths say: Arrow's IPC reader trusts the file, and
// an accessor would panic far from here.
func validate(d arrow.ArrayData) error {
	if d.Len() < 0 || d.Offset() < 0 {
		return fmt.Errorf("%s column of length %d", d.DataType(), d.Len())
	}
	end := int64(d.Offset()) + int64(d.Len())
	if err := validateNulls(d, end); err != nil {
		return err
	}
	switch t := d.DataType().(type) {
	case *arrow.NullType:
		return nil
	case *arrow.DictionaryType:
		return validateDictionary(d, t, end)
	case *arrow.StringType, *arrow.BinaryType:
		return validateOffsets[int32](d, bufferLen(d, 2))
	case *arrow.LargeStringType, *arrow.LargeBinaryType:
		return validateOffsets[int64](d, bufferLen(d, 2))
	case arrow.BinaryViewDataType:
		return validateViews(d, end)
	case *arrow.ListType:
		if len(d.Children()) != 1 {
			return fmt.Errorf("%s column without values", t)
		}
		if err := validateOffsets[int32](d, int64(d.Children()[0].Len())); err != nil {
			return err
		}
		return validate(d.Children()[0])
	case *arrow.StructType:
		for _, c := range d.Children() {
			if int64(c.Len()) < end {
				return fmt.Errorf("%s column: a field of %d rows, %d wanted", t, c.Len(), end)
			}
			if err := validate(c); err != nil {
				return err
			}
		}
		return nil
	case arrow.FixedWidthDataType:
		if need := (end*int64(t.BitWidth()) + 7) / 8; bufferLen(d, 1) < need {
			return fmt.Errorf("%s column: %d bytes of values, %d wanted", t, bufferLen(d, 1), need)
		}
		return nil
	}
	return fmt.Errorf("type %s is not supported", d.DataType())
}

func bufferLen(d arrow.ArrayData, i int) int64 {
	if len(d.Buffers()) <= i || d.Buffers()[i] == nil {
		return 0
	}
	return int64(d.Buffers()[i].Len())
}

func validateNulls(d arrow.ArrayData, end int64) error {
	nulls := d.NullN()
	if nulls == 0 || d.DataType().ID() == arrow.NULL {
		return nil
	}
	if bufferLen(d, 0) < bitutil.BytesForBits(end) {
		return fmt.Errorf("%s column: %d bytes of validity for %d rows", d.DataType(), bufferLen(d, 0), end)
	}
	if set := bitutil.CountSetBits(d.Buffers()[0].Bytes(), d.Offset(), d.Len()); nulls > 0 && d.Len()-set != nulls {
		return fmt.Errorf("%s column: %d nulls, %d announced", d.DataType(), d.Len()-set, nulls)
	}
	return nil
}

// validateOffsets checks that a column's offsets rise and stay within limit.
func validateOffsets[T int32 | int64](d arrow.ArrayData, limit int64) error {
	if d.Len() == 0 {
		return nil
	}
	end := d.Offset() + d.Len()
	var zero T
	if bufferLen(d, 1) < int64(end+1)*int64(unsafe.Sizeof(zero)) {
		return fmt.Errorf("%s column: offsets end too early", d.DataType())
	}
	offsets := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(d.Buffers()[1].Bytes()))), end+1)[d.Offset():]
	last := offsets[0]
	for _, o := range offsets {
		if o < last {
			return fmt.Errorf("%s column: offsets fall", d.DataType())
		}
		last = o
	}
	if offsets[0] < 0 || int64(last) > limit {
		return fmt.Errorf("%s column: offsets reach %d of %d", d.DataType(), last, limit)
	}
	return nil
}

// validateViews checks that every value lies within a buffer. Nulls' views are arbitrary.
func validateViews(d arrow.ArrayData, end int64) error {
	if bufferLen(d, 1) < end*int64(arrow.ViewHeaderSizeBytes) {
		return fmt.Errorf("%s column: views end too early", d.DataType())
	}
	if d.Len() == 0 {
		return nil
	}
	views := arrow.ViewHeaderTraits.CastFromBytes(d.Buffers()[1].Bytes())
	nulls := d.NullN() != 0
	for i := int64(d.Offset()); i < end; i++ {
		v := &views[i]
		if nulls && bitutil.BitIsNotSet(d.Buffers()[0].Bytes(), int(i)) || v.Len() >= 0 && v.IsInline() {
			continue
		}
		if at, from := int64(v.BufferIndex()), int64(v.BufferOffset()); v.Len() < 0 || at < 0 || from < 0 ||
			from+int64(v.Len()) > bufferLen(d, int(2+at)) {
			return fmt.Errorf("%s column: a value of %d bytes at %d of buffer %d, which has fewer", d.DataType(), v.Len(), from, at)
		}
	}
	return nil
}

// validateDictionary checks that every index is a word's. Nulls' indices are arbitrary.
func validateDictionary(d arrow.ArrayData, t *arrow.DictionaryType, end int64) error {
	width := int64(t.IndexType.(arrow.FixedWidthDataType).BitWidth() / 8)
	if bufferLen(d, 1) < end*width {
		return fmt.Errorf("%s column: indices end too early", t)
	}
	words := array.MakeFromData(d.Dictionary())
	defer words.Release()
	if err := validate(words.Data()); err != nil {
		return err
	}
	arr := array.NewDictionaryData(d)
	defer arr.Release()
	for i := range arr.Len() {
		if arr.IsValid(i) {
			if k := arr.GetValueIndex(i); k < 0 || k >= words.Len() {
				return fmt.Errorf("%s column: index %d of %d words", t, k, words.Len())
			}
		}
	}
	return nil
}
