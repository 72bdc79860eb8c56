package expr

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
)

// castFor is the conversion between two types, nil where there is none.
func castFor(from, to arrow.DataType) castFunc {
	switch to.ID() {
	case arrow.INT64:
		return castToInt(from)
	case arrow.UINT64:
		return castToUint(from)
	case arrow.FLOAT64:
		return castToFloat(from)
	case arrow.BOOL:
		return castToBool(from)
	case arrow.STRING, arrow.BINARY:
		return castToText(from, to)
	case arrow.DATE32, arrow.TIMESTAMP, arrow.DURATION:
		return castToTemporal(from, to)
	case arrow.DECIMAL128:
		return castToDecimal(from, to)
	}
	return nil
}

func castToInt(from arrow.DataType) castFunc {
	switch from.ID() {
	case arrow.BOOL:
		return fromBool[int64](0, 1)
	case arrow.UINT64:
		return convert(func(_ *castNode, v uint64) (int64, bool) { return int64(v), v <= math.MaxInt64 })
	case arrow.FLOAT64:
		return convert(func(_ *castNode, v float64) (int64, bool) { return int64(v), v >= -1<<63 && v < 1<<63 })
	case arrow.STRING:
		return convertText(func(_ *castNode, s string) (int64, bool) {
			v, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
			return v, err == nil
		})
	case arrow.DATE32:
		return convert(func(_ *castNode, v int32) (int64, bool) { return int64(v), true })
	case arrow.TIMESTAMP, arrow.DURATION:
		return relabel
	case arrow.DECIMAL128:
		scale := scaleOf(from)
		return convert(func(_ *castNode, v decimal128.Num) (int64, bool) {
			v = v.ReduceScaleBy(scale, false)
			return int64(v.LowBits()), v.HighBits() == int64(v.LowBits())>>63
		})
	}
	return nil
}

func castToUint(from arrow.DataType) castFunc {
	switch from.ID() {
	case arrow.BOOL:
		return fromBool[uint64](0, 1)
	case arrow.INT64:
		return convert(func(_ *castNode, v int64) (uint64, bool) { return uint64(v), v >= 0 })
	case arrow.FLOAT64:
		return convert(func(_ *castNode, v float64) (uint64, bool) { return uint64(v), v > -1 && v < 1<<64 })
	case arrow.STRING:
		return convertText(func(_ *castNode, s string) (uint64, bool) {
			v, err := strconv.ParseUint(strings.TrimSpace(s), 10, 64)
			return v, err == nil
		})
	case arrow.DECIMAL128:
		scale := scaleOf(from)
		return convert(func(_ *castNode, v decimal128.Num) (uint64, bool) {
			v = v.ReduceScaleBy(scale, false)
			return v.LowBits(), v.HighBits() == 0
		})
	}
	return nil
}

func castToFloat(from arrow.DataType) castFunc {
	switch from.ID() {
	case arrow.BOOL:
		return fromBool(0.0, 1.0)
	case arrow.INT64:
		return toFloat[int64]
	case arrow.UINT64:
		return toFloat[uint64]
	case arrow.STRING:
		return convertText(func(_ *castNode, s string) (float64, bool) {
			v, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
			return v, err == nil && !strings.ContainsAny(s, "_xXpP")
		})
	case arrow.DECIMAL128:
		scale := scaleOf(from)
		return convert(func(_ *castNode, v decimal128.Num) (float64, bool) { return v.ToFloat64(scale), true })
	}
	return nil
}

func castToBool(from arrow.DataType) castFunc {
	switch from.ID() {
	case arrow.INT64:
		return toBool(nonZero[int64])
	case arrow.UINT64:
		return toBool(nonZero[uint64])
	case arrow.FLOAT64:
		return toBool(nonZero[float64])
	case arrow.STRING:
		return toBool(func(a arrow.Array) func(i int) (bool, bool) {
			t := textsOf(a)
			return func(i int) (bool, bool) {
				v, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(t.str(i))))
				return v, err == nil
			}
		})
	}
	return nil
}

func castToText(from, to arrow.DataType) castFunc {
	switch from.ID() {
	case arrow.STRING:
		return relabel
	case arrow.BINARY:
		return validText
	}
	if to.ID() == arrow.BINARY {
		return nil
	}
	switch from.ID() {
	case arrow.BOOL:
		return boolText
	case arrow.INT64:
		return format(func(_ *castNode, dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) })
	case arrow.UINT64:
		return format(func(_ *castNode, dst []byte, v uint64) []byte { return strconv.AppendUint(dst, v, 10) })
	case arrow.FLOAT64:
		return format(func(_ *castNode, dst []byte, v float64) []byte { return appendFloat(dst, v) })
	case arrow.DATE32:
		return format(func(_ *castNode, dst []byte, v int32) []byte {
			return time.Unix(int64(v)*secondsPerDay, 0).UTC().AppendFormat(dst, time.DateOnly)
		})
	case arrow.TIMESTAMP:
		unit, layout := unitOf(from), "2006-01-02 15:04:05.999999999"
		if from.(*arrow.TimestampType).TimeZone != "" {
			layout += "Z07:00"
		}
		return format(func(c *castNode, dst []byte, v int64) []byte {
			t := timeOf(v, unit)
			if c.zone != nil {
				t = t.In(c.zone)
			}
			return t.AppendFormat(dst, layout)
		})
	case arrow.DURATION:
		unit := unitOf(from)
		return format(func(_ *castNode, dst []byte, v int64) []byte {
			if ns, ok := rescale(v, unit, arrow.Nanosecond); ok {
				return append(dst, time.Duration(ns).String()...)
			}
			return append(strconv.AppendInt(dst, v, 10), unit.String()...)
		})
	case arrow.DECIMAL128:
		scale := scaleOf(from)
		return format(func(_ *castNode, dst []byte, v decimal128.Num) []byte { return append(dst, v.ToString(scale)...) })
	}
	return nil
}

// appendFloat writes the shortest text that reads back the same, without an exponent in the usual range.
func appendFloat(dst []byte, v float64) []byte {
	if a := math.Abs(v); a != 0 && (a < 1e-5 || a >= 1e21) {
		return strconv.AppendFloat(dst, v, 'e', -1, 64)
	}
	return strconv.AppendFloat(dst, v, 'f', -1, 64)
}

// validText takes bytes for text where they are UTF-8.
func validText(c *castNode, b *block, a arrow.Array) (arrow.Array, error) {
	t := textsOf(a)
	bad := -1
	valid, off := validBits(a)
	eachSet(valid, off, a.Len(), func(i int) bool {
		if !utf8.Valid(t.at(i)) {
			bad = i
		}
		return bad < 0
	})
	if bad >= 0 {
		return nil, c.misfit(b, a, bad)
	}
	return relabel(c, b, a)
}

func castToTemporal(from, to arrow.DataType) castFunc {
	unit := unitOf(to)
	switch {
	case from.ID() == arrow.STRING && to.ID() == arrow.DURATION:
		return convertText(func(_ *castNode, s string) (int64, bool) {
			d, err := time.ParseDuration(strings.TrimSpace(s))
			v, _ := rescale(int64(d), arrow.Nanosecond, unit)
			return v, err == nil
		})
	case from.ID() == arrow.STRING && to.ID() == arrow.TIMESTAMP:
		return convertText(func(_ *castNode, s string) (int64, bool) {
			t, err := parseTime(strings.TrimSpace(s))
			if err != nil {
				return 0, false
			}
			whole, ok := timesExact(t.Unix(), ticksPerSecond(unit))
			v, mark := addInt(whole, int64(t.Nanosecond())/(1e9/ticksPerSecond(unit)))
			return v, ok && mark >= 0
		})
	case from.ID() == arrow.STRING && to.ID() == arrow.DATE32:
		return convertText(func(_ *castNode, s string) (int32, bool) {
			t, err := parseTime(strings.TrimSpace(s))
			if err != nil {
				return 0, false
			}
			return dayOf(t.Unix(), arrow.Second)
		})
	case from.ID() == arrow.INT64 && to.ID() == arrow.DATE32:
		return convert(func(_ *castNode, v int64) (int32, bool) { return int32(v), v == int64(int32(v)) })
	case from.ID() == arrow.INT64:
		return relabel
	case from.ID() == arrow.TIMESTAMP && to.ID() == arrow.DATE32:
		return timestampToDate(unitOf(from))
	case from.ID() == arrow.DATE32 && to.ID() == arrow.TIMESTAMP:
		return convert(func(_ *castNode, v int32) (int64, bool) {
			return timesExact(int64(v), secondsPerDay*ticksPerSecond(unit))
		})
	case from.ID() == to.ID():
		source := unitOf(from)
		if source == unit {
			return relabel
		}
		return convert(func(_ *castNode, v int64) (int64, bool) { return rescale(v, source, unit) })
	}
	return nil
}

// timestampToDate takes the day in the timestamp's zone.
func timestampToDate(unit arrow.TimeUnit) castFunc {
	return convert(func(c *castNode, v int64) (int32, bool) {
		if c.zone != nil {
			t := timeOf(v, unit)
			_, offset := t.In(c.zone).Zone()
			return dayOf(t.Unix()+int64(offset), arrow.Second)
		}
		return dayOf(v, unit)
	})
}

func castToDecimal(from, to arrow.DataType) castFunc {
	if x, ok := from.(*arrow.Decimal128Type); ok && x.Scale == scaleOf(to) && x.Precision <= to.(*arrow.Decimal128Type).Precision {
		return relabel
	}
	into := func(c *castNode, v decimal128.Num, scale int32) (decimal128.Num, bool) {
		to := c.to.(*arrow.Decimal128Type)
		if more := to.Scale - scale; more >= 0 { // digits are added where there is room for them
			return v.Mul(decimal128.GetScaleMultiplier(int(more))), to.Precision > more && v.FitsInPrecision(to.Precision-more) || v == zeroDecimal
		}
		r, err := v.Rescale(scale, to.Scale)
		return r, err == nil && r.FitsInPrecision(to.Precision)
	}
	switch from.ID() {
	case arrow.INT64:
		return convert(func(c *castNode, v int64) (decimal128.Num, bool) { return into(c, decimal128.FromI64(v), 0) })
	case arrow.UINT64:
		return convert(func(c *castNode, v uint64) (decimal128.Num, bool) { return into(c, decimal128.FromU64(v), 0) })
	case arrow.DECIMAL128:
		scale := scaleOf(from)
		return convert(func(c *castNode, v decimal128.Num) (decimal128.Num, bool) { return into(c, v, scale) })
	case arrow.FLOAT64:
		return convert(func(c *castNode, v float64) (decimal128.Num, bool) {
			to := c.to.(*arrow.Decimal128Type)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return zeroDecimal, false
			}
			r, err := decimal128.FromFloat64(v, to.Precision, to.Scale)
			return r, err == nil
		})
	case arrow.STRING:
		return convertText(func(c *castNode, s string) (decimal128.Num, bool) {
			to := c.to.(*arrow.Decimal128Type)
			r, err := decimal128.FromString(strings.TrimSpace(s), to.Precision, to.Scale)
			return r, err == nil
		})
	}
	return nil
}
