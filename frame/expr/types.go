package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
)

// castNames are the functions that cast to the types that need no parameters.
var castNames = map[arrow.Type]string{
	arrow.BOOL: "bool", arrow.INT64: "int", arrow.UINT64: "uint", arrow.FLOAT64: "float",
	arrow.STRING: "string", arrow.BINARY: "binary", arrow.DATE32: "date",
}

const maxDecimalDigits = 38

func isInteger(dt arrow.DataType) bool { return dt.ID() == arrow.INT64 || dt.ID() == arrow.UINT64 }

func isNumeric(dt arrow.DataType) bool {
	return isInteger(dt) || dt.ID() == arrow.FLOAT64 || dt.ID() == arrow.DECIMAL128
}

func isTemporal(dt arrow.DataType) bool {
	switch dt.ID() {
	case arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION:
		return true
	}
	return false
}

func isText(dt arrow.DataType) bool { return dt.ID() == arrow.STRING || dt.ID() == arrow.BINARY }

// commonType is the type in which values of both types can be compared and chosen between; false where there is none.
// int64 with uint64 meet as decimals, which hold both exactly.
func commonType(a, b arrow.DataType) (arrow.DataType, bool) {
	switch {
	case arrow.TypeEqual(a, b):
		return a, true
	case a.ID() == arrow.NULL:
		return b, true
	case b.ID() == arrow.NULL:
		return a, true
	case isNumeric(a) && isNumeric(b):
		return commonNumeric(a, b), true
	case isText(a) && isText(b):
		return arrow.BinaryTypes.Binary, true
	}
	switch x := a.(type) {
	case *arrow.Date32Type:
		if y, ok := b.(*arrow.TimestampType); ok {
			return y, true
		}
	case *arrow.TimestampType:
		switch y := b.(type) {
		case *arrow.Date32Type:
			return x, true
		case *arrow.TimestampType:
			zone := x.TimeZone
			if zone == "" {
				zone = y.TimeZone
			}
			return &arrow.TimestampType{Unit: max(x.Unit, y.Unit), TimeZone: zone}, true
		}
	case *arrow.DurationType:
		if y, ok := b.(*arrow.DurationType); ok {
			return &arrow.DurationType{Unit: max(x.Unit, y.Unit)}, true
		}
	}
	return nil, false
}

func commonNumeric(a, b arrow.DataType) arrow.DataType {
	if a.ID() == arrow.FLOAT64 || b.ID() == arrow.FLOAT64 {
		return arrow.PrimitiveTypes.Float64
	}
	return &arrow.Decimal128Type{Precision: maxDecimalDigits, Scale: max(scaleOf(a), scaleOf(b))}
}

func scaleOf(dt arrow.DataType) int32 {
	if d, ok := dt.(*arrow.Decimal128Type); ok {
		return d.Scale
	}
	return 0
}

// mismatch is the error of two operands that do not go together.
func mismatch(e Expr, l, r node) error {
	way := "cast one of them"
	switch lt, rt := l.typ(), r.typ(); {
	case isText(lt) && isNumeric(rt):
		way = "cast one of them: float(x), int(x) or string(x)"
	case isNumeric(lt) && isText(rt):
		way = "cast one of them: float(x), int(x) or string(x)"
	case lt.ID() == arrow.BOOL || rt.ID() == arrow.BOOL:
		way = "cast the bool: int(x)"
	case isTemporal(lt) || isTemporal(rt):
		way = "cast one of them: date(x), timestamp(x), duration(x) or int(x)"
	}
	return errorOf(ErrType, "%s: %s and %s do not go together (%s)", e, typeName(l.typ()), typeName(r.typ()), way)
}

// typeName is a type as users write it in casts.
func typeName(dt arrow.DataType) string {
	switch t := dt.(type) {
	case *arrow.TimestampType:
		if t.TimeZone != "" {
			return "timestamp[" + t.Unit.String() + ", " + t.TimeZone + "]"
		}
		return "timestamp[" + t.Unit.String() + "]"
	case *arrow.DurationType:
		return "duration[" + t.Unit.String() + "]"
	}
	switch dt.ID() {
	case arrow.STRING:
		return "string"
	case arrow.DATE32:
		return "date"
	}
	return dt.String()
}
