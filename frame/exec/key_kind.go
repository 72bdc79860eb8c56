package exec

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// keyKind says how values of a type are kept in keys.
type keyKind uint8

const (
	keyWord   keyKind = iota // a machine word: equal values have equal words
	keyString                // string, binary: length and bytes
	keyWide                  // decimal: 16 bytes
	keyNested                // list, struct: element by element
	keyNull                  // the null type: nothing
)

func keyKindOf(dt arrow.DataType) (keyKind, error) {
	switch dt.ID() {
	case arrow.BOOL, arrow.INT64, arrow.UINT64, arrow.FLOAT64, arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION:
		return keyWord, nil
	case arrow.STRING, arrow.BINARY:
		return keyString, nil
	case arrow.DECIMAL128:
		return keyWide, nil
	case arrow.NULL:
		return keyNull, nil
	case arrow.LIST:
		_, err := keyKindOf(dt.(*arrow.ListType).Elem())
		return keyNested, err
	case arrow.STRUCT:
		for _, f := range dt.(*arrow.StructType).Fields() {
			if _, err := keyKindOf(f.Type); err != nil {
				return keyNested, err
			}
		}
		return keyNested, nil
	}
	return 0, fmt.Errorf("key: type %s cannot be grouped, joined or compared for equality", dt)
}
