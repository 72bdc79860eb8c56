package expr

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

const day = int64(86400e6)

func fewRows(mem memory.Allocator) arrow.Record {
	nan, inf := math.NaN(), math.Inf(1)
	return record(
		mem,
		column{"i", int64Type, vals(1, 2, nil, -7, math.MaxInt64)},
		column{"j", int64Type, vals(3, 0, 5, 2, nil)},
		column{"u", uint64Type, []any{uint64(1), uint64(math.MaxUint64), nil, uint64(0), uint64(7)}},
		column{"f", float64Type, []any{1.5, nan, nil, math.Copysign(0, -1), inf}},
		column{"s", stringType, []any{"UA", "", nil, "Émile Zola", " pad "}},
		column{"p", boolType, []any{true, false, nil, true, nil}},
		column{"q", boolType, []any{nil, nil, nil, false, true}},
		column{"d", dateType, []any{int32(0), int32(15706), nil, int32(-1), int32(20000)}},
		column{"t", microType, vals(0, 15706*day+3600e6*5+61e6, nil, -1, 20000*day)},
		column{"z", &arrow.TimestampType{Unit: arrow.Second, TimeZone: "America/New_York"}, vals(0, 1357020000, nil, 1372651200, -1)},
		column{"e", &arrow.DurationType{Unit: arrow.Millisecond}, vals(0, 1500, nil, -1, 3600000)},
		column{"m", &arrow.Decimal128Type{Precision: 10, Scale: 2}, []any{decimal128.FromI64(150), decimal128.FromI64(-25), nil, decimal128.FromI64(0), decimal128.FromI64(700)}},
		column{"y", arrow.BinaryTypes.Binary, []any{"UA", "\xff", nil, "", "x"}},
		column{"odd name", int64Type, vals(1, 2, 3, 4, 5)},
		column{"n", stringType, []any{"12", "x", nil, "-3", "4.5"}},
		column{"l", arrow.ListOf(int64Type), []any{nil, nil, nil, true, true}},
	)
}

func TestEval(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	T, F := any(true), any(false)
	for _, c := range []struct {
		src  string
		dt   arrow.DataType
		want []any
	}{
		{"i", int64Type, vals(1, 2, nil, -7, math.MaxInt64)},
		{"null", stringType, vals(nil, nil, nil, nil, nil)},
		{"7", int64Type, vals(7, 7, 7, 7, 7)},
		{`"ab"`, stringType, []any{"ab", "ab", "ab", "ab", "ab"}},
		{`col("odd name") * 2`, int64Type, vals(2, 4, 6, 8, 10)},
		{"j + 1", int64Type, vals(4, 1, 6, 3, nil)},
		{"1 - j", int64Type, vals(-2, 1, -4, -1, nil)},
		{"i * 1 - 1", int64Type, vals(0, 1, nil, -8, math.MaxInt64-1)},
		{"j / 2", float64Type, []any{1.5, 0.0, 2.5, 1.0, nil}},
		{"1 / j", float64Type, []any{1.0 / 3, inf, 0.2, 0.5, nil}},
		{"i % j", int64Type, vals(1, nil, nil, -1, nil)},
		{"i % 0", int64Type, vals(nil, nil, nil, nil, nil)},
		{"f + 0.5", float64Type, []any{2.0, nan, nil, 0.5, inf}},
		{"f % 1", float64Type, []any{0.5, nan, nil, 0.0, nan}},
		{"j + 0.5", float64Type, []any{3.5, 0.5, 5.5, 2.5, nil}},
		{"j + 2.0", float64Type, []any{5.0, 2.0, 7.0, 4.0, nil}},
		{"u > 1", boolType, []any{F, T, nil, F, T}},
		{"u > -1", boolType, []any{T, T, nil, T, T}},
		{"u == i", boolType, []any{T, F, nil, F, F}},
		{"u % 2", uint64Type, []any{uint64(1), uint64(1), nil, uint64(0), uint64(1)}},
		{"-f", float64Type, []any{-1.5, nan, nil, 0.0, -inf}},
		{"f > 1", boolType, []any{T, T, nil, F, T}},
		{"f <= 1", boolType, []any{F, F, nil, T, F}},
		{"f == f", boolType, []any{T, T, nil, T, T}},
		{`f == float("NaN")`, boolType, []any{F, T, nil, F, F}},
		{`f < float("NaN")`, boolType, []any{T, F, nil, T, T}},
		{"is_nan(f)", boolType, []any{F, T, nil, F, F}},
		{"f == 0", boolType, []any{F, F, nil, T, F}},
		{"i > 1.5", boolType, []any{F, T, nil, F, T}},
		{"2 < j", boolType, []any{T, F, T, F, nil}},
		{"i == null", boolType, vals(nil, nil, nil, nil, nil)},
		{"i == nil", boolType, []any{F, F, T, F, F}},
		{"nil != i", boolType, []any{T, T, F, T, T}},
		{"p && q", boolType, []any{nil, F, nil, F, nil}},
		{"p || q", boolType, []any{T, nil, nil, T, T}},
		{"!p", boolType, []any{F, T, nil, F, nil}},
		{"p && false", boolType, []any{F, F, F, F, F}},
		{"p || null", boolType, []any{T, nil, nil, T, nil}},
		{"p == true", boolType, []any{T, F, nil, T, nil}},
		{"p != q", boolType, []any{nil, nil, nil, T, nil}},
		{"p < true", boolType, []any{F, T, nil, F, nil}},
		{`s == "UA"`, boolType, []any{T, F, nil, F, F}},
		{`s != "UA"`, boolType, []any{F, T, nil, T, T}},
		{`s < "V"`, boolType, []any{T, T, nil, F, T}},
		{`"V" > s`, boolType, []any{T, T, nil, F, T}},
		{`s == y`, boolType, []any{T, F, nil, F, F}},
		{`s + "!" `, stringType, []any{"UA!", "!", nil, "Émile Zola!", " pad !"}},
		{`"<" + s + ">"`, stringType, []any{"<UA>", "<>", nil, "<Émile Zola>", "< pad >"}},
		{`s + s`, stringType, []any{"UAUA", "", nil, "Émile ZolaÉmile Zola", " pad  pad "}},
		{`d >= "2013-01-01"`, boolType, []any{F, T, nil, F, T}},
		{`d > "2013-01-01 00:00:01"`, boolType, []any{F, F, nil, F, T}},
		{`"1970-01-01" == d`, boolType, []any{T, F, nil, F, F}},
		{`t < "2013-01-01T05:01:02Z"`, boolType, []any{T, T, nil, T, F}},
		{`t < "2013-01-01 05:01:01.000000001"`, boolType, []any{T, T, nil, T, F}},
		{`t >= d`, boolType, []any{T, T, nil, T, T}},
		{`t == d`, boolType, []any{T, F, nil, F, T}},
		{`z >= "2013-01-01 01:00:00-05:00"`, boolType, []any{F, T, nil, T, F}},
		{`e > "1s"`, boolType, []any{F, T, nil, F, T}},
		{`t - d`, &arrow.DurationType{Unit: arrow.Microsecond}, vals(0, 18061000000, nil, day-1, 0)},
		{`d + 1`, dateType, []any{int32(1), int32(15707), nil, int32(0), int32(20001)}},
		{`d + "24h"`, &arrow.TimestampType{Unit: arrow.Second}, vals(86400, 15707*86400, nil, 0, 20001*86400)},
		{`t + e`, microType, vals(0, 15706*day+3600e6*5+62.5e6, nil, -1001, 20000*day+3600e6)},
		{`e * 2`, &arrow.DurationType{Unit: arrow.Millisecond}, vals(0, 3000, nil, -2, 7200000)},
		{`e / duration("1m")`, float64Type, []any{0.0, 0.025, nil, -1.0 / 60000, 60.0}},
		{"year(d)", int64Type, vals(1970, 2013, nil, 1969, 2024)},
		{"month(d)", int64Type, vals(1, 1, nil, 12, 10)},
		{"day(d)", int64Type, vals(1, 1, nil, 31, 4)},
		{"weekday(d)", int64Type, vals(4, 2, nil, 3, 5)},
		{"hour(t)", int64Type, vals(0, 5, nil, 23, 0)},
		{"minute(t)", int64Type, vals(0, 1, nil, 59, 0)},
		{"second(t)", int64Type, vals(0, 1, nil, 59, 0)},
		{"hour(z)", int64Type, vals(19, 1, nil, 0, 18)},
		{"date(z)", dateType, []any{int32(-1), int32(15706), nil, int32(15887), int32(-1)}},
		{"string(z)", stringType, []any{"1969-12-31 19:00:00-05:00", "2013-01-01 01:00:00-05:00", nil, "2013-07-01 00:00:00-04:00", "1969-12-31 18:59:59-05:00"}},
		{"m > 1", boolType, []any{T, F, nil, F, T}},
		{"m == 1.5", boolType, []any{T, F, nil, F, F}},
		{"m / 2", float64Type, []any{0.75, -0.125, nil, 0.0, 3.5}},
		{"int(m)", int64Type, vals(1, 0, nil, 0, 7)},
		{"string(m)", stringType, []any{"1.50", "-0.25", nil, "0.00", "7.00"}},
		{"is_null(i)", boolType, []any{F, F, T, F, F}},
		{"is_not_null(f)", boolType, []any{T, T, F, T, T}},
		{"fill_null(i, 0)", int64Type, vals(1, 2, 0, -7, math.MaxInt64)},
		{"coalesce(p, q, true)", boolType, []any{T, F, T, T, T}},
		{`coalesce(null, s, "?")`, stringType, []any{"UA", "", "?", "Émile Zola", " pad "}},
		{"abs(-j)", int64Type, vals(3, 0, 5, 2, nil)},
		{"abs(f)", float64Type, []any{1.5, nan, nil, 0.0, inf}},
		{"round(f)", float64Type, []any{2.0, nan, nil, 0.0, inf}},
		{"round(j * 0.125, 2)", float64Type, []any{0.38, 0.0, 0.63, 0.25, nil}},
		{"round(j * 11, -1)", float64Type, []any{30.0, 0.0, 60.0, 20.0, nil}},
		{"floor(-f)", float64Type, []any{-2.0, nan, nil, 0.0, -inf}},
		{"ceil(f)", float64Type, []any{2.0, nan, nil, 0.0, inf}},
		{"sqrt(j * 3)", float64Type, []any{3.0, 0.0, math.Sqrt(15), math.Sqrt(6), nil}},
		{"log(f * 0 + 8, 2)", float64Type, []any{3.0, nan, nil, 3.0, nan}},
		{"pow(2, j)", float64Type, []any{8.0, 1.0, 32.0, 4.0, nil}},
		{"pow(j, 2)", float64Type, []any{9.0, 0.0, 25.0, 4.0, nil}},
		{"exp(j * 0)", float64Type, []any{1.0, 1.0, 1.0, 1.0, nil}},
		{"lower(s)", stringType, []any{"ua", "", nil, "émile zola", " pad "}},
		{"upper(s)", stringType, []any{"UA", "", nil, "ÉMILE ZOLA", " PAD "}},
		{"trim(s)", stringType, []any{"UA", "", nil, "Émile Zola", "pad"}},
		{"length(s)", int64Type, vals(2, 0, nil, 10, 5)},
		{"length(y)", int64Type, vals(2, 1, nil, 0, 1)},
		{`contains(s, "a")`, boolType, []any{F, F, nil, T, T}},
		{`starts_with(s, "É")`, boolType, []any{F, F, nil, T, F}},
		{`like(s, "%A")`, boolType, []any{T, F, nil, F, F}},
		{`like(s, "_mile%")`, boolType, []any{F, F, nil, T, F}},
		{`like(s, null)`, boolType, []any{nil, nil, nil, nil, nil}},
		{`is_in(s, "UA", " pad ", "Zola")`, boolType, []any{T, F, nil, F, T}},
		{`ends_with(s, s)`, boolType, []any{T, T, nil, T, T}},
		{`replace(s, "a", "__")`, stringType, []any{"UA", "", nil, "Émile Zol__", " p__d "}},
		{`replace(s, "", "__")`, stringType, []any{"UA", "", nil, "Émile Zola", " pad "}},
		{`substr(s, 1, 2)`, stringType, []any{"A", "", nil, "mi", "pa"}},
		{`substr(s, -3)`, stringType, []any{"UA", "", nil, "ola", "ad "}},
		{`is_in(s, "UA", "")`, boolType, []any{T, T, nil, F, F}},
		{`is_in(i, 1, null)`, boolType, []any{T, nil, nil, nil, nil}},
		{`is_in(f, 1.5, float("NaN"), -0.0)`, boolType, []any{T, T, nil, T, F}},
		{`is_in(i, j, 2)`, boolType, []any{F, T, nil, F, nil}},
		{`is_in(d, "2013-01-01")`, boolType, []any{F, T, nil, F, F}},
		{`between(j, 2, 3)`, boolType, []any{T, F, F, T, nil}},
		{`least(i, j)`, int64Type, vals(1, 0, 5, -7, math.MaxInt64)},
		{`greatest(f, 1)`, float64Type, []any{1.5, nan, 1.0, 1.0, inf}},
		{`min(s, "T")`, stringType, []any{"T", "", "T", "T", " pad "}},
		{`when(i > 1, "big", i < 0, s)`, stringType, []any{nil, "big", nil, "Émile Zola", "big"}},
		{`when(p, i, j)`, int64Type, vals(1, 0, 5, -7, nil)},
		{`when(p, i, 0.5)`, float64Type, []any{1.0, 0.5, 0.5, -7.0, 0.5}},
		{`when(p, p, q)`, boolType, []any{T, nil, nil, T, T}},
		{`when(j != 0, i % j, -1)`, int64Type, vals(1, -1, nil, -1, -1)},
		{`when(starts_with(n, "1"), int(n), 0)`, int64Type, vals(12, 0, 0, 0, 0)},
		{`starts_with(n, "1") && int(n) > 3`, boolType, []any{T, F, nil, F, F}},
		{`int(p)`, int64Type, vals(1, 0, nil, 1, nil)},
		{`string(p)`, stringType, []any{"true", "false", nil, "true", nil}},
		{`bool(j)`, boolType, []any{T, F, T, T, nil}},
		{`int("42")`, int64Type, vals(42, 42, 42, 42, 42)},
		{`float(n + "1") `, nil, nil},
		{`string(f)`, stringType, []any{"1.5", "NaN", nil, "-0", "+Inf"}},
		{`string(d)`, stringType, []any{"1970-01-01", "2013-01-01", nil, "1969-12-31", "2024-10-04"}},
		{`date(string(d))`, dateType, []any{int32(0), int32(15706), nil, int32(-1), int32(20000)}},
		{`timestamp(d, "s")`, &arrow.TimestampType{Unit: arrow.Second}, vals(0, 15706*86400, nil, -86400, 20000*86400)},
		{`date(t)`, dateType, []any{int32(0), int32(15706), nil, int32(-1), int32(20000)}},
		{`timestamp(t, "s")`, &arrow.TimestampType{Unit: arrow.Second}, vals(0, 15706*86400+5*3600+61, nil, -1, 20000*86400)},
		{`string(e)`, stringType, []any{"0s", "1.5s", nil, "-1ms", "1h0m0s"}},
		{`int(t)`, int64Type, vals(0, 15706*day+3600e6*5+61e6, nil, -1, 20000*day)},
		{`decimal(j, 5, 1) == 3`, boolType, []any{T, F, F, F, nil}},
		{`1 + 2 * 3 - 4 / 2`, float64Type, []any{5.0, 5.0, 5.0, 5.0, 5.0}},
	} {
		t.Run(c.src, func(t *testing.T) {
			mem := checked(t)
			rec := fewRows(mem)
			defer rec.Release()
			e, err := Parse(c.src)
			if err != nil {
				t.Fatal(err)
			}
			b, err := Bind(e, rec.Schema())
			if err != nil {
				t.Fatal(err)
			}
			a, err := b.Eval(t.Context(), mem, rec)
			if c.want == nil {
				if !errors.Is(err, ErrCast) {
					t.Fatalf("want a cast error, got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer a.Release()
			if !arrow.TypeEqual(b.Type(), c.dt) || !arrow.TypeEqual(a.DataType(), c.dt) {
				t.Errorf("type %s, array of %s, want %s", b.Type(), a.DataType(), c.dt)
			}
			if got := valuesOf(a); !sameAll(got, c.want) {
				t.Errorf("got %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestEvalErrors(t *testing.T) {
	for _, c := range []struct {
		src  string
		kind error
		want string
	}{
		{"i + 1", ErrOverflow, "i + 1: 9223372036854775807 + 1 does not fit int64, in row 4 of the batch (cast to float: float(x))"},
		{"i * j * i * 9223372036854775807", ErrOverflow, "3 * 9223372036854775807 does not fit int64, in row 0"},
		{"u + 1", ErrOverflow, "18446744073709551615 + 1 does not fit uint64, in row 1"},
		{"u - 1", ErrOverflow, "0 - 1 does not fit uint64, in row 3"},
		{"-u", ErrCast, "-u: uint64 18446744073709551615 in row 1 of the batch cannot be cast to int64"},
		{"int(f)", ErrCast, "int(f): float64 NaN in row 1"},
		{"int(n)", ErrCast, `int(n): string "x" in row 1 of the batch cannot be cast`},
		{"uint(i)", ErrCast, "-7 in row 3"},
		{"string(y)", ErrCast, `binary "\xff" in row 1`},
		{"decimal(j, 1, 1)", ErrCast, "int64 3 in row 0"},
		{"nosuch > 1", ErrUnknownColumn, `unknown column "nosuch" (columns: i, j, u, f, s, p, q, d, t, z, e, m, y, odd name, n, l)`},
		{`col("oddname") > 1`, ErrUnknownColumn, `did you mean "odd name"?`},
		{"s > 1", ErrType, "s > 1: string and int64 do not go together (cast one of them: float(x), int(x) or string(x))"},
		{"s - s", ErrType, "s - s: string and string do not go together"},
		{"i && p", ErrType, "i && p: int64 where a bool is needed"},
		{"!s", ErrType, "!s: string where a bool is needed"},
		{"-s", ErrType, "string cannot be negated"},
		{"p + 1", ErrType, "p + 1: bool and int64 do not go together (cast the bool: int(x))"},
		{"d == 3", ErrType, "d == 3: date and int64 do not go together"},
		{`d > "tomorrow"`, ErrCast, `"tomorrow" is not a date or time`},
		{`e > "long"`, ErrCast, `"long" is not a duration`},
		{"l == l", ErrType, "cannot be compared"},
		{"when(i, 1)", ErrType, "where a bool is needed"},
		{"when(p, 1, s)", ErrType, "do not go together"},
		{"sum(i) > 1", ErrType, "sum(i): an aggregate is allowed only in Agg"},
		{"year(s)", ErrType, "year(s): argument 1 is string, want a date or timestamp; text is cast: date(s)"},
		{"lower(i)", ErrType, "lower(i): argument 1 is int64, want a string (lower(s))"},
		{"like(s, s)", ErrType, "the pattern is a literal (like(s, pattern))"},
		{"m * m * m * decimal(9223372036854775807, 38, 0) * 9223372036854775807", ErrOverflow, "has more than 38 digits, in row 0 of the batch"},
		{"round(f, j)", ErrType, "argument 2 is int64, want an integer literal"},
		{"date(i) == d && false", ErrCast, "9223372036854775807 in row 4"},
		{"int(l)", ErrType, "cannot be cast to int64"},
		{"abs(i - 1 - 9223372036854775807)", ErrOverflow, "does not fit int64"},
	} {
		t.Run(c.src, func(t *testing.T) {
			mem := checked(t)
			rec := fewRows(mem)
			defer rec.Release()
			e, err := Parse(c.src)
			if err != nil {
				t.Fatal(err)
			}
			b, err := Bind(e, rec.Schema())
			if err == nil {
				var a arrow.Array
				if a, err = b.Eval(t.Context(), mem, rec); err == nil {
					defer a.Release()
					t.Fatalf("no error: %v", a)
				}
			}
			if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestTimeLiterals(t *testing.T) {
	mem := checked(t)
	rec := fewRows(mem)
	defer rec.Release()
	e := Binary{And, Binary{GreaterEqual, Column{"t"}, Literal{time.Date(2013, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600))}}, Binary{Less, Column{"e"}, Literal{time.Hour}}}
	b, err := Bind(e, rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	a, err := b.Eval(t.Context(), mem, rec)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	if got := valuesOf(a); !sameAll(got, []any{false, true, nil, false, false}) {
		t.Errorf("got %v", got)
	}
}

func TestColumnIsShared(t *testing.T) {
	mem := checked(t)
	rec := fewRows(mem)
	defer rec.Release()
	b, err := Bind(Alias{Column{"i"}, "x"}, rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	before := mem.CurrentAlloc()
	a, err := b.Eval(t.Context(), mem, rec)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Release()
	if a != rec.Column(0) || mem.CurrentAlloc() != before {
		t.Error("the column was copied")
	}
	if i, ok := b.Column(); !ok || i != 0 {
		t.Errorf("Column() = %d, %v", i, ok)
	}
}

func TestOtherBatch(t *testing.T) {
	mem := checked(t)
	rec := fewRows(mem)
	defer rec.Release()
	b, err := Bind(Column{"s"}, rec.Schema())
	if err != nil {
		t.Fatal(err)
	}
	narrow := record(mem, column{"i", int64Type, vals(1)})
	defer narrow.Release()
	if _, err := b.Eval(t.Context(), mem, narrow); err == nil || !strings.Contains(err.Error(), "schema bound to") {
		t.Errorf("got %v", err)
	}
}
