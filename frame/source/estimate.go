package source

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Counted is a source that knows how many rows it has without being read, or about how many.
type Counted interface {
	// EstimateRows is the number of rows; false where nothing is known.
	EstimateRows() (float64, bool)
}

// EstimateRows is exact: the records are there.
func (s *records) EstimateRows() (float64, bool) {
	rows := int64(0)
	for _, r := range s.recs {
		rows += r.NumRows()
	}
	return float64(rows), true
}

// EstimateRows takes the rows of Parquet files from their footers, and those of CSV files that are not compressed from their size and the
// rows that were sampled for the schema.
func (s *files) EstimateRows() (float64, bool) {
	rows, sampled := 0.0, 0.0
	for _, in := range s.inputs {
		switch in := in.(type) {
		case *parquetFile:
			for _, g := range in.footer.Groups {
				rows += float64(g.Rows)
			}
		case *csvFile:
			if in.open != nil || in.sampler == nil || in.sampler.perRow() <= 0 {
				return 0, false
			}
			sampled += in.sampler.perRow()
		default:
			return 0, false
		}
	}
	if sampled > 0 {
		rows = float64(s.size) / (sampled / float64(len(s.inputs)))
	}
	return rows, true
}

// Span is the least and the greatest value of a column of numbers, dates or times, as the footers of Parquet files have them: dates in days,
// times in their unit, decimals without their point. It is false where they do not say.
func Span(s Source, column string) (least, greatest float64, ok bool) {
	f, isFiles := filesOf(s)
	if !isFiles || len(f.inputs) == 0 {
		return 0, 0, false
	}
	least, greatest = math.Inf(1), math.Inf(-1)
	for _, in := range f.inputs {
		p, isParquet := in.(*parquetFile)
		if !isParquet {
			return 0, 0, false
		}
		field, decoded := p.field(column)
		if !decoded {
			return 0, 0, false
		}
		b := p.footer.Bounds(memory.NewGoAllocator(), field, p.typed.Field(field).Type)
		if b == nil {
			return 0, 0, false
		}
		for i := range b.Nulls {
			low, lowOk := number(b.Least, i)
			high, highOk := number(b.Greatest, i)
			if !lowOk || !highOk {
				b.Release()
				return 0, 0, false
			}
			least, greatest = min(least, low), max(greatest, high)
		}
		b.Release()
	}
	return least, greatest, least <= greatest
}

// number is a value of a column as a float; false where it is none, or unknown.
func number(a arrow.Array, i int) (float64, bool) {
	if a.IsNull(i) {
		return 0, false
	}
	switch a := a.(type) {
	case *array.Int32:
		return float64(a.Value(i)), true
	case *array.Int64:
		return float64(a.Value(i)), true
	case *array.Float64:
		return a.Value(i), true
	case *array.Date32:
		return float64(a.Value(i)), true
	case *array.Timestamp:
		return float64(a.Value(i)), true
	case *array.Decimal128:
		return a.Value(i).ToFloat64(0), true
	}
	return 0, false
}
