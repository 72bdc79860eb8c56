package source

import (
	"math"
	"strconv"
	"strings"
	"unsafe"
)

// asString is b as a string for the length of a call.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func trimSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// isInteger tells whether text is a sign and digits, of whatever size.
func isInteger(text []byte) bool {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		text = text[1:]
	}
	for _, c := range text {
		if !isDigit(c) {
			return false
		}
	}
	return len(text) > 0
}

func parseInt(text []byte) (int64, bool) {
	if !isInteger(text) {
		return 0, false
	}
	v, err := strconv.ParseInt(asString(text), 10, 64)
	return v, err == nil
}

func parseUint(text []byte) (uint64, bool) {
	if len(text) > 0 && text[0] == '+' {
		text = text[1:]
	}
	if !isInteger(text) {
		return 0, false
	}
	v, err := strconv.ParseUint(asString(text), 10, 64)
	return v, err == nil
}

// parseFloat reads a decimal number or one of the words for NaN and the infinities. What is too large for a float64 is
// an infinity, as IEEE 754 rounds it.
func parseFloat(text []byte) (float64, bool) {
	digits := false
	for _, c := range text {
		switch {
		case isDigit(c):
			digits = true
		case c == '+' || c == '-' || c == '.':
		case (c == 'e' || c == 'E') && digits:
		default:
			return parseFloatWord(text)
		}
	}
	if !digits {
		return 0, false
	}
	v, err := strconv.ParseFloat(asString(text), 64)
	if err != nil && !math.IsInf(v, 0) {
		return 0, false
	}
	return v, true
}

func parseFloatWord(text []byte) (float64, bool) {
	if len(text) < 3 || len(text) > 9 {
		return 0, false
	}
	switch strings.ToLower(string(text)) {
	case "nan":
		return math.NaN(), true
	case "inf", "+inf", "infinity", "+infinity":
		return math.Inf(1), true
	case "-inf", "-infinity":
		return math.Inf(-1), true
	}
	return 0, false
}

func parseBool(text []byte) (value, ok bool) {
	switch string(text) {
	case "true", "True", "TRUE":
		return true, true
	case "false", "False", "FALSE":
		return false, true
	}
	return false, false
}

// twoDigits reads two digits, or gives more than any field of a date allows.
func twoDigits(a, b byte) int {
	if !isDigit(a) || !isDigit(b) {
		return 1 << 20
	}
	return int(a-'0')*10 + int(b-'0')
}

// parseDate reads 2006-01-02 as days since 1970.
func parseDate(text []byte) (int32, bool) {
	if len(text) != 10 || text[4] != '-' || text[7] != '-' {
		return 0, false
	}
	century, year := twoDigits(text[0], text[1]), twoDigits(text[2], text[3])
	month, day := twoDigits(text[5], text[6]), twoDigits(text[8], text[9])
	if century > 99 || year > 99 {
		return 0, false
	}
	return daysOf(century*100+year, month, day)
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// daysOf counts the days from 1970-01-01 in the proleptic Gregorian calendar, by the method of Hinnant, "chrono-Compatible
// Low-Level Date Algorithms": years start in March, so that the leap day is the last.
func daysOf(year, month, day int) (int32, bool) {
	if month < 1 || month > 12 || day < 1 || day > monthDays[month] {
		leap := year%4 == 0 && (year%100 != 0 || year%400 == 0)
		if month != 2 || day != 29 || !leap {
			return 0, false
		}
	}
	if month <= 2 {
		year--
		month += 12
	}
	era := year / 400
	if year < 0 {
		era = (year - 399) / 400
	}
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int32(era*146097 + dayOfEra - 719468), true
}

// instant is a timestamp as it was written.
type instant struct {
	seconds int64 // since 1970, UTC where zoned
	nanos   int64
	digits  int // of the fraction
	zoned   bool
}

// parseInstant reads 2006-01-02[T ]15:04[:05[.fraction]][Z|±hh[:]mm].
func parseInstant(text []byte) (t instant, ok bool) {
	if len(text) < 16 || text[10] != 'T' && text[10] != ' ' || text[13] != ':' {
		return t, false
	}
	days, ok := parseDate(text[:10])
	hour, minute, second := twoDigits(text[11], text[12]), twoDigits(text[14], text[15]), 0
	if !ok || hour > 23 || minute > 59 {
		return t, false
	}
	rest := text[16:]
	if len(rest) >= 3 && rest[0] == ':' {
		if second = twoDigits(rest[1], rest[2]); second > 59 {
			return t, false
		}
		rest = rest[3:]
		if len(rest) > 1 && rest[0] == '.' {
			rest = rest[1:]
			scale := int64(1e8)
			for len(rest) > 0 && isDigit(rest[0]) {
				t.nanos += int64(rest[0]-'0') * scale
				scale /= 10
				t.digits++
				rest = rest[1:]
			}
			if t.digits == 0 || t.digits > 9 {
				return t, false
			}
		}
	}
	t.seconds = int64(days)*86400 + int64(hour*3600+minute*60+second)
	offset, zoned, ok := parseZone(rest)
	t.seconds -= offset
	t.zoned = zoned
	return t, ok
}

// parseZone reads nothing, Z, or an offset from UTC, in seconds.
func parseZone(text []byte) (seconds int64, zoned, ok bool) {
	switch {
	case len(text) == 0:
		return 0, false, true
	case len(text) == 1 && (text[0] == 'Z' || text[0] == 'z'):
		return 0, true, true
	case text[0] != '+' && text[0] != '-':
		return 0, false, false
	case len(text) == 6 && text[3] == ':':
		text = []byte{text[0], text[1], text[2], text[4], text[5]}
	case len(text) == 3:
		text = []byte{text[0], text[1], text[2], '0', '0'}
	}
	if len(text) != 5 {
		return 0, false, false
	}
	hour, minute := twoDigits(text[1], text[2]), twoDigits(text[3], text[4])
	if hour > 23 || minute > 59 {
		return 0, false, false
	}
	seconds = int64(hour*3600 + minute*60)
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, true, true
}

// parseTimestamp reads a timestamp, or a date as its midnight, in the column's unit. A column with a zone takes only
// values with an offset and one without takes only those without: the other would be another instant.
func (c *column) parseTimestamp(text []byte) (int64, bool) {
	t, ok := parseInstant(text)
	if !ok {
		days, isDate := parseDate(text)
		if !isDate || c.zoned {
			return 0, false
		}
		t = instant{seconds: int64(days) * 86400}
	} else if t.zoned != c.zoned {
		return 0, false
	}
	if t.nanos%c.unit != 0 && c.unit < 1e9 || c.unit == 1e9 && t.nanos != 0 {
		return 0, false
	}
	perSecond := int64(1e9) / c.unit
	if t.seconds > math.MaxInt64/perSecond-1 || t.seconds < math.MinInt64/perSecond+1 {
		return 0, false
	}
	return t.seconds*perSecond + t.nanos/c.unit, true
}
