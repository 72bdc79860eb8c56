package frame

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/chart"
)

// axisValue is row i on an axis, in the unit of its scale; false for null and for what is not finite.
func axisValue(a arrow.Array, i int) (v float64, ok bool) {
	if a.IsNull(i) {
		return 0, false
	}
	switch a := a.(type) {
	case *array.Date32:
		return float64(a.Value(i)) * 86400e3, true
	case *array.Timestamp:
		return onClock(a.DataType().(*arrow.TimestampType), int64(a.Value(i))), true
	case *array.Duration:
		return float64(a.Value(i)) * a.DataType().(*arrow.DurationType).Unit.Multiplier().Seconds(), true
	}
	v, err := floatAt(a, i)
	return v, err == nil && !math.IsNaN(v) && !math.IsInf(v, 0)
}

// onClock is a timestamp in milliseconds since 1970 on the clock of its zone.
func onClock(t *arrow.TimestampType, ticks int64) float64 {
	perSecond := 1e9 / t.Unit.Multiplier().Nanoseconds()
	ms := float64(ticks) * 1000 / float64(perSecond)
	if t.TimeZone != "" && t.TimeZone != "UTC" {
		_, offset := arrow.Timestamp(ticks).ToTime(t.Unit).In(zone(t.TimeZone)).Zone()
		ms += float64(offset) * 1000
	}
	return ms
}

// category is a value that is a bar, or a colour.
type category struct {
	label string
	at    float64 // its place among numbers and times
	null  bool
}

// categoryOf is row i as a category. Text that could be taken for something else is quoted.
func categoryOf(a arrow.Array, i int) category {
	if a.IsNull(i) {
		return category{label: "null", null: true}
	}
	at, _ := axisValue(a, i)
	switch a := a.(type) {
	case *array.String:
		if s := a.Value(i); s != "" && s != "null" {
			return category{label: string([]byte(s))}
		}
		return category{label: strconv.Quote(a.Value(i))}
	case *array.Timestamp:
		return category{label: chart.TimeText(at), at: at}
	case *array.Float64:
		v := a.Value(i)
		if math.IsNaN(v) || math.IsInf(v, 1) {
			at = math.Inf(1)
		} else if math.IsInf(v, -1) {
			at = v
		}
		return category{label: strconv.FormatFloat(v, 'g', -1, 64), at: at}
	}
	text, err := stringAt(a, i)
	if err != nil {
		text = a.ValueStr(i)
	}
	return category{label: text, at: at}
}

// compare puts categories in order: numbers and times by value, text by its letters, null last.
func (c category) compare(d category) int {
	switch {
	case c.null != d.null && c.null:
		return 1
	case c.null != d.null:
		return -1
	}
	return cmp.Or(cmp.Compare(c.at, d.at), cmp.Compare(c.label, d.label))
}

// series collects the colours of a chart.
type series map[string]category

// colorOf is the colour of a row, from a column of rec, and becomes one of the known. Without colours it is the empty one.
func (d *plotting) colorOf(rec arrow.Record, column, row int, known series) (category, error) {
	if d.color == nil {
		return category{}, nil
	}
	c := categoryOf(rec.Column(column), row)
	known[c.label] = c
	if len(known) > chart.MaxSeries {
		return c, fmt.Errorf("Color: %q has more than %d values, which can't be told apart: Filter to some of them, or group them with an expression",
			d.base.Color, chart.MaxSeries)
	}
	return c, nil
}

// labels are the colours in order.
func (s series) labels() []string {
	list := make([]category, 0, len(s))
	for _, c := range s {
		list = append(list, c)
	}
	slices.SortFunc(list, category.compare)
	labels := make([]string, len(list))
	for i, c := range list {
		labels[i] = c.label
	}
	return labels
}

// counted is a number with its noun: "1,234 rows".
func counted(n int64, word string) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n == 1 {
		return digits + " " + word
	}
	return digits + " " + word + "s"
}
