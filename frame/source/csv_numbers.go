package source

import "unsafe"

// after is the position after the delimiter or line end at j, whose first byte is the one wanted.
func (s *step) after(base unsafe.Pointer, j int) int {
	if !s.crlf {
		return j + 1
	}
	if at(base, j+1) != '\n' {
		return -1
	}
	return j + 2
}

var pow10 = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8}

// readInt reads a decimal integer of at most 16 digits; the position after it is -1 where there is none or more.
func readInt(base unsafe.Pointer, i int) (v int64, next int) {
	negative := at(base, i) == '-'
	if negative {
		i++
	}
	n, u := digits8(load(base, i))
	i += int(n)
	switch n {
	case 8:
		more, low := digits8(load(base, i))
		if more == 8 {
			if isDigit(at(base, i+8)) {
				return 0, -1
			}
		}
		u = u*pow10[more] + low
		i += int(more)
	case 0:
		return 0, -1
	}
	if negative {
		return -int64(u), i
	}
	return int64(u), i
}

var floatPow10 = [...]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// readFloat reads a decimal number without exponent where the result is exact by one division (Clinger: digits below
// 2^53 and a power of ten up to 10^22 are exact float64s); the position after it is -1 otherwise.
func readFloat(base unsafe.Pointer, i int) (v float64, next int) {
	negative := at(base, i) == '-'
	if negative {
		i++
	}
	n, u := digits8(load(base, i))
	i += int(n)
	digits := n
	if n == 8 {
		more, low := digits8(load(base, i))
		u = u*pow10[more] + low
		i += int(more)
		digits += more
	}
	fraction := uint(0)
	if at(base, i) == '.' {
		i++
		n, low := digits8(load(base, i))
		i += int(n)
		fraction = n
		if n == 8 {
			if digits > 8 {
				return 0, -1
			}
			more, lower := digits8(load(base, i))
			i += int(more)
			fraction += more
			low = low*pow10[more] + lower
			u = u*pow10[8]*pow10[more] + low
		} else {
			u = u*pow10[n] + low
		}
		digits += fraction
	}
	// 19 digits fit a uint64, so u did not wrap.
	if digits == 0 || digits > 19 || u > 1<<53 {
		return 0, -1
	}
	v = float64(u)
	if fraction > 0 {
		v /= floatPow10[fraction]
	}
	if negative {
		v = -v
	}
	return v, i
}

// readDate reads 2006-01-02: with its dashes made zeros, the first eight bytes are a number.
func readDate(base unsafe.Pointer, i int) (int32, bool) {
	const (
		both   = 0xff<<32 | 0xff<<56
		dashes = '-'<<32 | '-'<<56
		flip   = ('-' ^ '0') << 32 & both
	)
	w := load(base, i)
	if w&both != dashes {
		return 0, false
	}
	n, v := digits8(w ^ (flip | flip<<24))
	tens, ones := at(base, i+8), at(base, i+9)
	if n != 8 || !isDigit(tens) || !isDigit(ones) {
		return 0, false
	}
	return daysOf(int(v/10000), int(v%10000/10), int(tens-'0')*10+int(ones-'0'))
}

// readClock reads 15:04:05 as seconds: with its colons made zeros, it is a number of eight digits.
func readClock(base unsafe.Pointer, i int) (seconds int64, ok bool) {
	const (
		both   = 0xff<<16 | 0xff<<40
		colons = ':'<<16 | ':'<<40
		flip   = (':' ^ '0') << 16
	)
	w := load(base, i)
	if w&both != colons {
		return 0, false
	}
	n, v := digits8(w ^ (flip | flip<<24))
	hour, minute, second := v/1_000_000, v/1000%1000, v%1000
	if n != 8 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return int64(hour*3600 + minute*60 + second), true
}

// mostNanoDays are the days from 1970 whose nanoseconds surely fit an int64.
const mostNanoDays = 106_000

// readTimestamp reads 2006-01-02[T ]15:04:05[.fraction][Z|±hh:mm] in the unit of the column, the zone exactly where the
// column has one; the position after it is -1 for anything else.
func readTimestamp(base unsafe.Pointer, i int, c *column) (v int64, next int) {
	days, ok := readDate(base, i)
	if sep := at(base, i+10); !ok || sep != 'T' && sep != ' ' {
		return 0, -1
	}
	seconds, ok := readClock(base, i+11)
	if !ok || c.unit == 1 && (days > mostNanoDays || days < -mostNanoDays) {
		return 0, -1
	}
	i += 19
	nanos := int64(0)
	if at(base, i) == '.' {
		n, digits := digits8(load(base, i+1))
		if i += int(n) + 1; n == 0 || isDigit(at(base, i)) {
			return 0, -1
		}
		if nanos = int64(digits * pow10[8-n] * 10); nanos%c.unit != 0 {
			return 0, -1
		}
	}
	if c.zoned {
		switch sign := at(base, i); sign {
		case 'Z':
			i++
		case '+', '-':
			hour, minute := twoDigits(at(base, i+1), at(base, i+2)), twoDigits(at(base, i+4), at(base, i+5))
			if at(base, i+3) != ':' || hour > 23 || minute > 59 {
				return 0, -1
			}
			offset := int64(hour*3600 + minute*60)
			if sign == '-' {
				offset = -offset
			}
			seconds -= offset
			i += 6
		default:
			return 0, -1
		}
	}
	seconds += int64(days) * 86400
	return seconds*(1e9/c.unit) + nanos/c.unit, i
}

// readBool reads true or false in small letters; length 0 means neither.
func readBool(base unsafe.Pointer, i int) (v byte, length int) {
	const (
		yes = 't' | 'r'<<8 | 'u'<<16 | 'e'<<24
		no  = 'f' | 'a'<<8 | 'l'<<16 | 's'<<24 | 'e'<<32
	)
	w := load(base, i)
	switch {
	case w&0xffff_ffff == yes:
		return 1, 4
	case w&0xff_ffff_ffff == no:
		return 0, 5
	}
	return 0, 0
}
