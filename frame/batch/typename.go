package batch

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// TypeName is how a type is shown to users: the name that frame.Types takes, where it takes the type.
func TypeName(t arrow.DataType) string {
	switch t := t.(type) {
	case *arrow.BooleanType:
		return "bool"
	case *arrow.Int64Type:
		return "int"
	case *arrow.Uint64Type:
		return "uint"
	case *arrow.Float64Type:
		return "float"
	case *arrow.StringType:
		return "string"
	case *arrow.BinaryType:
		return "binary"
	case *arrow.Date32Type:
		return "date"
	case *arrow.TimestampType:
		switch t.TimeZone {
		case "":
			return "datetime"
		case "UTC":
			return "time"
		}
		return "time(" + t.TimeZone + ")"
	case *arrow.DurationType:
		return "duration"
	case *arrow.Decimal128Type:
		return fmt.Sprintf("decimal(%d,%d)", t.Precision, t.Scale)
	case *arrow.ListType:
		return "list(" + TypeName(t.Elem()) + ")"
	case *arrow.StructType:
		return "struct"
	}
	return t.String()
}
