package expr

import (
	"math"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// secondsPerDay relates dates to times.
const secondsPerDay = 86400

var ticks = [...]int64{arrow.Second: 1, arrow.Millisecond: 1e3, arrow.Microsecond: 1e6, arrow.Nanosecond: 1e9}

func ticksPerSecond(u arrow.TimeUnit) int64 { return ticks[u] }

// unitOf is the unit of a timestamp or duration; a date counts as seconds.
func unitOf(dt arrow.DataType) arrow.TimeUnit {
	switch t := dt.(type) {
	case *arrow.TimestampType:
		return t.Unit
	case *arrow.DurationType:
		return t.Unit
	}
	return arrow.Second
}

// bindTemporal is arithmetic with dates and times: instant - instant is a duration, instant ± duration an instant,
// date ± integer counts days, durations add up and divide, and times an integer is a duration.
func bindTemporal(e Binary, l, r node) (node, error) {
	lt, rt := l.typ(), r.typ()
	unit := max(unitOf(lt), unitOf(rt))
	duration := &arrow.DurationType{Unit: unit}
	switch lp, rp := instant(lt), instant(rt); {
	case e.Op == Subtract && lp && rp:
		common := &arrow.TimestampType{Unit: unit}
		return arithmeticIn(e, l, r, common, common, duration)
	case (e.Op == Add || e.Op == Subtract) && lp && rt.ID() == arrow.DURATION:
		at := shifted(lt, unit)
		return arithmeticIn(e, l, r, at, duration, at)
	case e.Op == Add && lt.ID() == arrow.DURATION && rp:
		at := shifted(rt, unit)
		return arithmeticIn(e, l, r, duration, at, at)
	case (e.Op == Add || e.Op == Subtract) && lt.ID() == arrow.DATE32 && isInteger(rt):
		return dateShift(e, l, r)
	case e.Op == Add && isInteger(lt) && rt.ID() == arrow.DATE32:
		return dateShift(e, l, r)
	case lt.ID() == arrow.DURATION && rt.ID() == arrow.DURATION && e.Op != Multiply:
		if e.Op == Divide {
			return durationRatio(e, l, r, duration)
		}
		return arithmeticIn(e, l, r, duration, duration, duration)
	case e.Op == Multiply && lt.ID() == arrow.DURATION && isInteger(rt):
		return arithmeticIn(e, l, r, lt, arrow.PrimitiveTypes.Int64, lt)
	case e.Op == Multiply && isInteger(lt) && rt.ID() == arrow.DURATION:
		return arithmeticIn(e, l, r, arrow.PrimitiveTypes.Int64, rt, rt)
	}
	return nil, mismatch(e, l, r)
}

func instant(dt arrow.DataType) bool { return dt.ID() == arrow.DATE32 || dt.ID() == arrow.TIMESTAMP }

// shifted is the type of an instant plus a duration.
func shifted(dt arrow.DataType, unit arrow.TimeUnit) arrow.DataType {
	zone := ""
	if t, ok := dt.(*arrow.TimestampType); ok {
		zone = t.TimeZone
	}
	return &arrow.TimestampType{Unit: unit, TimeZone: zone}
}

// durationText reads text that meets an instant as a duration: ts + "1h".
func durationText(n, other node) node {
	c, ok := n.(*constant)
	if !ok || !isTemporal(other.typ()) {
		return n
	}
	if s, ok := c.v.(string); ok {
		if d, err := time.ParseDuration(s); err == nil {
			return exactly(&constant{arrow.FixedWidthTypes.Duration_ns, int64(d)}, &arrow.DurationType{Unit: unitOf(other.typ())})
		}
	}
	return n
}

// arithmeticIn casts the operands to types whose values are int64 and works on these.
func arithmeticIn(e Binary, l, r node, lt, rt, dt arrow.DataType) (node, error) {
	l, err := newCast(l, lt, e)
	if err != nil {
		return nil, err
	}
	if r, err = newCast(r, rt, e); err != nil {
		return nil, err
	}
	return newArithmetic(e.Op, e, l, r, dt), nil
}

func dateShift(e Binary, l, r node) (node, error) {
	days := arrow.PrimitiveTypes.Int64
	n, err := arithmeticIn(e, l, r, days, days, days)
	if err != nil {
		return nil, err
	}
	return newCast(n, arrow.FixedWidthTypes.Date32, e)
}

func durationRatio(e Binary, l, r node, common arrow.DataType) (node, error) {
	for _, n := range []*node{&l, &r} {
		for _, dt := range []arrow.DataType{common, arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Float64} {
			var err error
			if *n, err = newCast(*n, dt, e); err != nil {
				return nil, err
			}
		}
	}
	return newArithmetic(Divide, e, l, r, arrow.PrimitiveTypes.Float64), nil
}

// rescale changes the unit of ticks; false where the finer ones do not fit. A coarser unit takes the tick at or before.
func rescale(v int64, from, to arrow.TimeUnit) (int64, bool) {
	if to >= from {
		return timesExact(v, ticksPerSecond(to)/ticksPerSecond(from))
	}
	return floorDivide(v, ticksPerSecond(from)/ticksPerSecond(to)), true
}

func timesExact(v, k int64) (int64, bool) {
	r, mark := multiplyInt(v, k)
	return r, mark >= 0
}

func floorDivide(v, k int64) int64 {
	q := v / k
	if v%k < 0 {
		q--
	}
	return q
}

// dayOf is the day of ticks, counted from 1970-01-01; false beyond the range of dates.
func dayOf(v int64, u arrow.TimeUnit) (int32, bool) {
	d := floorDivide(v, ticksPerSecond(u)*secondsPerDay)
	return int32(d), d >= math.MinInt32 && d <= math.MaxInt32
}

// timeOf is the instant of ticks.
func timeOf(v int64, u arrow.TimeUnit) time.Time {
	per := ticksPerSecond(u)
	s := floorDivide(v, per)
	return time.Unix(s, (v-s*per)*(1e9/per)).UTC()
}

// zoneOf is the zone in which a type's values are read; nil for UTC, which needs no conversion.
func zoneOf(dt arrow.DataType, e Expr) (*time.Location, error) {
	t, ok := dt.(*arrow.TimestampType)
	if !ok || t.TimeZone == "" || t.TimeZone == "UTC" || t.TimeZone == "Etc/UTC" {
		return nil, nil
	}
	loc, err := t.GetZone()
	if err != nil {
		return nil, errorOf(ErrType, "%s: time zone %q: %v", e, t.TimeZone, err)
	}
	return loc, nil
}
