package display

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

func rightAligned(t arrow.DataType) bool {
	return arrow.IsInteger(t.ID()) || arrow.IsFloating(t.ID()) || arrow.IsDecimal(t.ID()) || t.ID() == arrow.DURATION
}

// arrowCells draws rows of column i over the records.
func arrowCells(t arrow.DataType, i int, records []arrow.Record, rows int) []cell {
	cells := make([]cell, 0, rows)
	each := func(draw func(a arrow.Array, row int) cell) []cell {
		for _, r := range records {
			a := r.Column(i)
			for row := range a.Len() {
				if len(cells) == rows {
					return cells
				}
				if a.IsNull(row) {
					cells = append(cells, nullCell)
					continue
				}
				cells = append(cells, draw(a, row))
			}
		}
		return cells
	}
	switch t := t.(type) {
	case *arrow.Float64Type:
		var values []float64
		each(func(a arrow.Array, row int) cell {
			values = append(values, a.(*array.Float64).Value(row))
			return cell{}
		})
		cells = cells[:0]
		draw, next := floatFormat(values), 0
		return each(func(arrow.Array, int) cell { next++; return draw(values[next-1]) })
	case *arrow.TimestampType:
		layout := timeLayout(t, i, records)
		return each(func(a arrow.Array, row int) cell {
			return quiet(a.(*array.Timestamp).Value(row).ToTime(t.Unit).In(zone(t.TimeZone)).Format(layout))
		})
	case *arrow.DurationType:
		return each(func(a arrow.Array, row int) cell {
			return quiet((time.Duration(a.(*array.Duration).Value(row)) * t.Unit.Multiplier()).String())
		})
	case *arrow.BinaryType:
		return each(func(a arrow.Array, row int) cell { return bytesCell(a.(*array.Binary).Value(row)) })
	}
	return each(drawValue)
}

func drawValue(a arrow.Array, row int) cell {
	switch a := a.(type) {
	case *array.Boolean:
		return quiet(strconv.FormatBool(a.Value(row)))
	case *array.Int64:
		return quiet(strconv.FormatInt(a.Value(row), 10))
	case *array.Uint64:
		return quiet(strconv.FormatUint(a.Value(row), 10))
	case *array.String:
		return textCell(a.Value(row))
	case *array.Date32:
		return quiet(a.Value(row).ToTime().Format(time.DateOnly))
	case *array.Decimal128:
		return quiet(a.ValueStr(row))
	}
	whole := clean(a.ValueStr(row))
	c := cell{text: shorten(whole, cellWidth)}
	if c.text != whole {
		c.full = whole
	}
	return c
}

// bytesCell shows bytes in hexadecimal, the first 24.
func bytesCell(b []byte) cell {
	const most = 24
	if len(b) <= most {
		return quiet(hex.EncodeToString(b))
	}
	return quiet(fmt.Sprintf("%s… (%s)", hex.EncodeToString(b[:most]), byteText(int64(len(b)))))
}

// significant is the digits of floats that a table shows; a title has the others.
const significant = 6

// floatFormat chooses one format for a column, so that its points stand below each other: as many decimals as the
// values need, but no more than the significant digits of the largest. Where that would hide small values, each
// value is on its own.
func floatFormat(values []float64) func(float64) cell {
	largest, smallest, decimals := 0.0, math.Inf(1), 0
	for _, v := range values {
		if a := math.Abs(v); a != 0 && !math.IsInf(v, 0) && !math.IsNaN(v) {
			largest, smallest = max(largest, a), min(smallest, a)
			decimals = max(decimals, decimalsOf(v))
		}
	}
	whole := 0
	if largest > 0 {
		whole = max(0, int(math.Floor(math.Log10(largest)))+1)
	}
	limit := max(2, significant-whole)
	if decimals > limit {
		decimals = limit
	}
	if largest >= 1e15 || smallest < math.Pow10(-limit+1) {
		return func(v float64) cell {
			return exactly(strconv.FormatFloat(v, 'g', significant, 64), v)
		}
	}
	return func(v float64) cell { return exactly(strconv.FormatFloat(v, 'f', max(1, decimals), 64), v) }
}

// exactly is text as a cell for v, with all digits in the title where text has fewer.
func exactly(text string, v float64) cell {
	c := quiet(text)
	if parsed, err := strconv.ParseFloat(text, 64); err == nil && parsed != v && !math.IsNaN(v) {
		c.full = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return c
}

func decimalsOf(v float64) int {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if i := strings.IndexByte(s, '.'); i >= 0 {
		return len(s) - i - 1
	}
	return 0
}

// timeLayout has as many digits of the second as some value of the column needs.
func timeLayout(t *arrow.TimestampType, i int, records []arrow.Record) string {
	digits := 0
	for _, r := range records {
		a := r.Column(i).(*array.Timestamp)
		for row := range a.Len() {
			if a.IsNull(row) {
				continue
			}
			switch ns := a.Value(row).ToTime(t.Unit).Nanosecond(); {
			case ns%1e3 != 0:
				digits = 9
			case ns%1e6 != 0:
				digits = max(digits, 6)
			case ns != 0:
				digits = max(digits, 3)
			}
		}
	}
	layout := time.DateTime
	if digits > 0 {
		layout += "." + strings.Repeat("0", digits)
	}
	return layout
}

// zone is UTC where this machine does not know the name.
func zone(name string) *time.Location {
	if l, err := time.LoadLocation(name); err == nil && name != "Local" {
		return l
	}
	if offset, err := time.Parse("-07:00", name); err == nil {
		_, seconds := offset.Zone()
		return time.FixedZone(name, seconds)
	}
	return time.UTC
}
