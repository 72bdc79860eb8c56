package frame

import (
	"fmt"
	"reflect"

	"github.com/rivulet-go/rivulet/frame/expr"
)

func (e Expr) call(name string, args ...any) Expr {
	x, err := e.node()
	if err != nil {
		return Expr{err: err}
	}
	operands := []expr.Expr{unnamed(x)}
	for _, a := range args {
		o, err := operand(a)
		if err != nil {
			return Expr{err: fmt.Errorf("%s: %w", name, err)}
		}
		operands = append(operands, unnamed(o))
	}
	return Expr{x: expr.Call{Func: name, Args: operands}}
}

// IsNull is true where e is null.
func (e Expr) IsNull() Expr { return e.call("is_null") }

// IsNotNull is true where e is not null.
//
//	df.Filter(Col("dep_delay").IsNotNull())
func (e Expr) IsNotNull() Expr { return e.call("is_not_null") }

// FillNull is e, with value in place of nulls.
//
//	df.WithColumn("dep_delay", Col("dep_delay").FillNull(0))
func (e Expr) FillNull(value any) Expr { return e.call("fill_null", value) }

// IsIn is true where e equals one of the values, given one by one or as a slice.
//
//	df.Filter(Col("carrier").IsIn("UA", "AA"))
func (e Expr) IsIn(values ...any) Expr { return e.call("is_in", spread(values)...) }

// Between is low <= e && e <= high.
func (e Expr) Between(low, high any) Expr { return e.call("between", low, high) }

// Contains is true where the string e contains part.
func (e Expr) Contains(part any) Expr { return e.call("contains", part) }

// StartsWith is true where the string e begins with prefix.
func (e Expr) StartsWith(prefix any) Expr { return e.call("starts_with", prefix) }

// EndsWith is true where the string e ends with suffix.
func (e Expr) EndsWith(suffix any) Expr { return e.call("ends_with", suffix) }

// Like is true where the whole string e is as the pattern says, as in SQL: % stands for any text, none too, and _ for any character.
//
//	df.Filter(Col("tailnum").Like("N%U_"))
func (e Expr) Like(pattern any) Expr { return e.call("like", pattern) }

// Lower is the string e in lower case.
func (e Expr) Lower() Expr { return e.call("lower") }

// Upper is the string e in upper case.
func (e Expr) Upper() Expr { return e.call("upper") }

// Trim is the string e without white space at its ends.
func (e Expr) Trim() Expr { return e.call("trim") }

// Length is the number of characters (code points) of the string e.
func (e Expr) Length() Expr { return e.call("length") }

// Replace is the string e with every old replaced by with.
//
//	df.WithColumn("name", Col("name").Replace(" Inc.", ""))
func (e Expr) Replace(old, with any) Expr { return e.call("replace", old, with) }

// Substr is count characters of the string e from the character at from, counted from 0 (negative: from the end);
// without count all that follow.
//
//	Col("tailnum").Substr(0, 2)
func (e Expr) Substr(from int, count ...int) Expr {
	args := []any{from}
	for _, c := range count {
		args = append(args, c)
	}
	return e.call("substr", args...)
}

// IsNaN is true where the number e is NaN.
func (e Expr) IsNaN() Expr { return e.call("is_nan") }

// Coalesce is the first of e and the others that is not null.
//
//	Col("nickname").Coalesce(Col("name"), "nobody")
func (e Expr) Coalesce(others ...any) Expr { return e.call("coalesce", others...) }

// Abs is the absolute value.
func (e Expr) Abs() Expr { return e.call("abs") }

// Round rounds half away from zero, to a whole number or to the digits given.
//
//	Col("speed").Round(1) // one digit after the point
func (e Expr) Round(digits ...int) Expr {
	switch len(digits) {
	case 0:
		return e.call("round")
	case 1:
		return e.call("round", digits[0])
	}
	return Expr{err: fmt.Errorf("round: %d arguments; want at most one, the digits", len(digits))}
}

// Floor rounds down.
func (e Expr) Floor() Expr { return e.call("floor") }

// Ceil rounds up.
func (e Expr) Ceil() Expr { return e.call("ceil") }

// Sqrt is the square root, NaN for negative numbers.
func (e Expr) Sqrt() Expr { return e.call("sqrt") }

// Log is the natural logarithm.
func (e Expr) Log() Expr { return e.call("log") }

// Exp is e to the power of the value.
func (e Expr) Exp() Expr { return e.call("exp") }

// Pow is the value to the power of exponent, as a float.
func (e Expr) Pow(exponent any) Expr { return e.call("pow", exponent) }

// Year is the year of a date or time.
func (e Expr) Year() Expr { return e.call("year") }

// Month is the month of a date or time, 1 to 12.
func (e Expr) Month() Expr { return e.call("month") }

// Day is the day of the month, 1 to 31.
func (e Expr) Day() Expr { return e.call("day") }

// Hour is the hour of a time, 0 to 23, in the column's time zone.
func (e Expr) Hour() Expr { return e.call("hour") }

// Minute is the minute of a time, 0 to 59.
func (e Expr) Minute() Expr { return e.call("minute") }

// Second is the second of a time, 0 to 59.
func (e Expr) Second() Expr { return e.call("second") }

// Weekday is the day of the week, 0 (Sunday) to 6, as time.Weekday counts.
func (e Expr) Weekday() Expr { return e.call("weekday") }

// spread takes a single slice apart; []byte is a value, not a list.
func spread(values []any) []any {
	if len(values) != 1 {
		return values
	}
	if _, ok := values[0].([]byte); ok {
		return values
	}
	r := reflect.ValueOf(values[0])
	if r.Kind() != reflect.Slice && r.Kind() != reflect.Array {
		return values
	}
	out := make([]any, r.Len())
	for i := range out {
		out[i] = r.Index(i).Interface()
	}
	return out
}
