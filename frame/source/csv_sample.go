package source

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"
)

// guess is what the samples say of a column: a set of forms that were seen.
type guess uint16

const (
	sawInt guess = 1 << iota
	sawBigInt
	sawFloat
	sawBool
	sawDate
	sawTime
	sawZonedTime
	sawNanos
	sawText
)

// look adds the form of one field.
func (g guess) look(f field, nulls *nullWords) guess {
	if g&sawText != 0 {
		return g
	}
	text := trimSpace(f.text)
	if len(text) == 0 || nulls.has(text) {
		return g
	}
	switch c := text[0]; {
	case isDigit(c) || c == '-' || c == '+' || c == '.':
		if isInteger(text) {
			if _, ok := parseInt(text); ok {
				return g | sawInt
			}
			return g | sawBigInt
		}
		if _, ok := parseFloat(text); ok {
			return g | sawFloat
		}
		if _, ok := parseDate(text); ok {
			return g | sawDate
		}
		if t, ok := parseInstant(text); ok {
			if t.zoned {
				g |= sawZonedTime
			} else {
				g |= sawTime
			}
			if t.digits > 6 {
				g |= sawNanos
			}
			return g
		}
	case c == 't' || c == 'T' || c == 'f' || c == 'F':
		if _, ok := parseBool(text); ok {
			return g | sawBool
		}
	default:
		if _, ok := parseFloatWord(text); ok {
			return g | sawFloat
		}
	}
	return g | sawText
}

// dataType is the narrowest type that every form seen fits; a column without values is of strings, which fit anything.
func (g guess) dataType() arrow.DataType {
	unit := arrow.Microsecond
	if g&sawNanos != 0 {
		unit = arrow.Nanosecond
	}
	switch g &^ sawNanos {
	case sawInt:
		return arrow.PrimitiveTypes.Int64
	case sawFloat, sawFloat | sawInt, sawBigInt, sawBigInt | sawInt, sawBigInt | sawFloat, sawBigInt | sawInt | sawFloat:
		return arrow.PrimitiveTypes.Float64
	case sawBool:
		return arrow.FixedWidthTypes.Boolean
	case sawDate:
		return arrow.FixedWidthTypes.Date32
	case sawTime, sawTime | sawDate:
		return &arrow.TimestampType{Unit: unit}
	case sawZonedTime:
		return &arrow.TimestampType{Unit: unit, TimeZone: "UTC"}
	}
	return arrow.BinaryTypes.String
}

// sampler collects guesses and the size of rows.
type sampler struct {
	d       *dialect
	guesses []guess
	rows    int64
	bytes   int64
	lengths []int64 // of the fields' texts
	fields  []field
}

func newSampler(d *dialect) *sampler {
	return &sampler{d: d, guesses: make([]guess, len(d.names)), lengths: make([]int64, len(d.names))}
}

// perRow is the bytes of a row.
func (s *sampler) perRow() float64 {
	if s.rows == 0 {
		return 32
	}
	return float64(s.bytes) / float64(s.rows)
}

// window looks at the rows of data, whose last may be cut off unless whole. Rows with another number of fields are the
// reader's to complain about.
func (s *sampler) window(data []byte, most int, whole bool) {
	for i := 0; i < len(data) && most > 0; most-- {
		from := i
		var err error
		s.fields, i, err = s.d.scanRow(data, i, len(data), s.fields)
		if err != nil || i == len(data) && !whole && data[i-1] != '\n' {
			return
		}
		if s.d.trailing && len(s.fields) == len(s.guesses)+1 {
			s.fields = s.fields[:len(s.guesses)]
		}
		if len(s.fields) != len(s.guesses) {
			continue
		}
		for k, f := range s.fields {
			s.guesses[k] = s.guesses[k].look(f, s.d.nulls)
			s.lengths[k] += int64(len(f.text))
		}
		s.rows++
		s.bytes += int64(i - from)
	}
}

// middle looks at a window that starts anywhere: its first row is cut off, and where it may have begun inside a quoted
// field, rows do not add up and nothing is learned from it.
func (s *sampler) middle(data []byte) {
	line := bytes.IndexByte(data, '\n')
	if line < 0 {
		return
	}
	data = data[line+1:]
	trial := newSampler(s.d)
	for i := 0; i < len(data); {
		var err error
		trial.fields, i, err = s.d.scanRow(data, i, len(data), trial.fields)
		if err != nil || i == len(data) && data[i-1] != '\n' {
			break
		}
		if n := len(trial.fields); n != 0 && n != len(s.guesses) && (!s.d.trailing || n != len(s.guesses)+1) {
			return
		}
	}
	s.window(data, 1<<30, false)
}

const (
	sampleHead    = 256 << 10 // bytes looked at, at the start
	sampleWindow  = 16 << 10  // and at each place further on
	sampleWindows = 16
)

// sample looks at a whole text: its start, places in the middle, its end.
func (s *sampler) sample(data []byte, most int) {
	from := s.d.start
	head := data[from:]
	if most <= 0 && len(head) > sampleHead {
		head = head[:sampleHead]
	}
	if most <= 0 {
		most = 1 << 30
	}
	s.window(head, most, len(head) == len(data)-from)
	rest := data[from+len(head):]
	if len(head) == len(data)-from && most < 1<<30 { // SampleRows bounds the head only
		rest = data[from+int(min(s.bytes, int64(len(head)))):]
	}
	if len(rest) <= sampleWindow {
		s.middle(rest)
		return
	}
	for k := range sampleWindows {
		at := (len(rest) - sampleWindow) / (sampleWindows - 1) * k
		if k == sampleWindows-1 {
			at = len(rest) - sampleWindow
		}
		s.middle(rest[at : at+sampleWindow])
	}
}
