package expr

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// fieldNode takes a field out of dates (days) or timestamps, in their zone.
type fieldNode struct {
	x    node
	f    func(second int64) int64 // of seconds since 1970 on the zone's clock
	zone *time.Location
}

var fields = map[string]func(second int64) int64{
	"year":    func(s int64) int64 { y, _, _ := civil(floorDivide(s, secondsPerDay)); return y },
	"month":   func(s int64) int64 { _, m, _ := civil(floorDivide(s, secondsPerDay)); return m },
	"day":     func(s int64) int64 { _, _, d := civil(floorDivide(s, secondsPerDay)); return d },
	"weekday": func(s int64) int64 { return modulo(floorDivide(s, secondsPerDay)+4, 7) }, // 1970-01-01 was a Thursday
	"hour":    func(s int64) int64 { return modulo(s, secondsPerDay) / 3600 },
	"minute":  func(s int64) int64 { return modulo(s, 3600) / 60 },
	"second":  func(s int64) int64 { return modulo(s, 60) },
}

func modulo(v, k int64) int64 { return v - floorDivide(v, k)*k }

// civil is the date of a day counted from 1970-01-01, in the proleptic Gregorian calendar (Hinnant, "chrono-compatible
// low-level date algorithms", civil_from_days).
func civil(day int64) (year, month, dayOfMonth int64) {
	z := day + 719468
	era := floorDivide(z, 146097)
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	dayOfMonth = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, dayOfMonth
}

func bindField(e Call, args []node) (node, error) {
	dt := args[0].typ()
	if dt.ID() == arrow.NULL {
		return &constant{dt: int64Type}, nil
	}
	if !instant(dt) {
		return nil, argument(e, 0, args[0], "a date or timestamp; text is cast: date(s)")
	}
	zone, err := zoneOf(dt, e)
	if err != nil {
		return nil, err
	}
	return &fieldNode{args[0], fields[e.Func], zone}, nil
}

func (f *fieldNode) typ() arrow.DataType { return int64Type }

func (f *fieldNode) eval(b *block) (arrow.Array, error) {
	a, err := f.x.eval(b)
	if err != nil {
		return nil, err
	}
	defer a.Release()
	buf, out := newFixed[int64](b.mem, a.Len())
	if a.DataType().ID() == arrow.DATE32 {
		for i, v := range values[int32](a) {
			out[i] = f.f(int64(v) * secondsPerDay)
		}
		return makeArray(int64Type, a.Len(), validity(b.mem, a), buf), nil
	}
	per := ticksPerSecond(unitOf(a.DataType()))
	for i, v := range values[int64](a) {
		s := floorDivide(v, per)
		if f.zone != nil {
			_, offset := time.Unix(s, 0).In(f.zone).Zone()
			s += int64(offset)
		}
		out[i] = f.f(s)
	}
	return makeArray(int64Type, a.Len(), validity(b.mem, a), buf), nil
}
