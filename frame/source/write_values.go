package source

import (
	"math"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// appendFloat writes the shortest text that reads back as the same float, and as a float: 3 is 3.0. What is neither very
// large nor very small has no exponent.
func appendFloat(b []byte, v float64, inJSON bool) []byte {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		if inJSON {
			return append(b, "null"...)
		}
		switch {
		case v > 0:
			return append(b, "inf"...)
		case v < 0:
			return append(b, "-inf"...)
		}
		return append(b, "NaN"...)
	}
	if size := math.Abs(v); v != 0 && (size < 1e-5 || size >= 1e15) {
		return strconv.AppendFloat(b, v, 'e', -1, 64)
	}
	if math.Signbit(v) {
		b, v = append(b, '-'), -v
	}
	if v == 0 {
		return append(b, "0.0"...)
	}
	digits, exponent := shortest(v)
	return appendDecimal(b, digits, exponent)
}

// appendDecimal writes digits times ten to the exponent, with a point.
func appendDecimal(b []byte, digits uint64, exponent int) []byte {
	from := len(b) + 1
	b = strconv.AppendUint(append(b, '.'), digits, 10)
	switch whole := len(b) - from + exponent; {
	case exponent >= 0:
		copy(b[from-1:], b[from:])
		b = b[:len(b)-1]
		for range exponent {
			b = append(b, '0')
		}
		return append(b, ".0"...)
	case whole > 0:
		copy(b[from-1:], b[from:from+whole])
		b[from-1+whole] = '.'
		return b
	default:
		// 0.00 before the digits, of which there are at most 17.
		var text [20]byte
		n := copy(text[:], b[from:])
		b = append(b[:from-1], "0."...)
		for range -whole {
			b = append(b, '0')
		}
		return append(b, text[:n]...)
	}
}

// timeValue is the text of dates and times, nil for other types.
func timeValue(col arrow.Array) appendValue {
	switch a := col.(type) {
	case *array.Date32:
		return func(b []byte, i int) []byte { return appendDate(b, int64(a.Value(i))) }
	case *array.Timestamp:
		t := a.DataType().(*arrow.TimestampType)
		perSecond := int64(time.Second) / int64(t.Unit.Multiplier())
		zone := ""
		if t.TimeZone != "" {
			zone = "Z"
		}
		return func(b []byte, i int) []byte { return append(appendTime(b, int64(a.Value(i)), perSecond), zone...) }
	}
	return nil
}

// appendDate writes days since 1970 as 2006-01-02, by the method of Hinnant that daysOf turns round.
func appendDate(b []byte, days int64) []byte {
	z := days + 719468
	era := z / 146097
	if z < 0 {
		era = (z - 146096) / 146097
	}
	dayOfEra := z - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	day, month, year := dayOfYear-(153*m+2)/5+1, m+3, yearOfEra+era*400
	if month > 12 {
		month, year = month-12, year+1
	}
	if year < 0 || year > 9999 {
		return time.Unix(days*86400, 0).UTC().AppendFormat(b, "2006-01-02")
	}
	b = appendTwo(appendTwo(b, year/100), year%100)
	return appendTwo(append(appendTwo(append(b, '-'), month), '-'), day)
}

func appendTwo(b []byte, v int64) []byte { return append(b, byte('0'+v/10), byte('0'+v%10)) }

// appendTime writes a time of so many units a second since 1970 as 2006-01-02T15:04:05.999999999.
func appendTime(b []byte, v, perSecond int64) []byte {
	seconds, fraction := v/perSecond, v%perSecond
	if fraction < 0 {
		seconds, fraction = seconds-1, fraction+perSecond
	}
	days, clock := seconds/86400, seconds%86400
	if clock < 0 {
		days, clock = days-1, clock+86400
	}
	b = append(appendDate(b, days), 'T')
	b = append(appendTwo(b, clock/3600), ':')
	b = append(appendTwo(b, clock/60%60), ':')
	b = appendTwo(b, clock%60)
	if fraction == 0 {
		return b
	}
	b = append(b, '.')
	for fraction > 0 {
		fraction *= 10
		b = append(b, byte('0'+fraction/perSecond))
		fraction %= perSecond
	}
	return b
}
