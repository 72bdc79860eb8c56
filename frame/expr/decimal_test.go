package expr

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"

	"github.com/rivulet-go/rivulet/tests/sample"
)

func TestDecimalTypes(t *testing.T) {
	d := func(precision, scale int32) arrow.DataType {
		return &arrow.Decimal128Type{Precision: precision, Scale: scale}
	}
	s := arrow.NewSchema([]arrow.Field{
		{Name: "price", Type: d(15, 2)},
		{Name: "tax", Type: d(5, 4)},
		{Name: "wide", Type: d(38, 10)},
		{Name: "whole", Type: int64Type},
		{Name: "unsigned", Type: uint64Type},
		{Name: "f", Type: float64Type},
		{Name: "deep", Type: d(38, 30)},
	}, nil)
	for src, want := range map[string]arrow.DataType{
		"1 - tax":                  d(6, 4),
		"price * (1 - tax)":        d(21, 6),
		"price + tax":              d(18, 4),
		"price * 0.05":             d(17, 4),
		"price * 100":              d(18, 2),
		"price - whole":            d(22, 2),
		"unsigned * price":         d(35, 2),
		"wide * price":             d(38, 12),
		"wide + 1":                 d(38, 10),
		"-price":                   d(16, 2),
		"price / 2":                float64Type,
		"price % 2":                float64Type,
		"price * f":                float64Type,
		"deep * deep":              float64Type,
		"price * 1e300":            float64Type,
		"when(f > 0, price, 0)":    d(15, 2),
		"when(f > 0, price, 0.5)":  d(15, 2),
		"when(f > 0, price, 0.55)": d(15, 2),
	} {
		e, err := Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Bind(e, s)
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		if !arrow.TypeEqual(b.Type(), want) {
			t.Errorf("%s is %s, want %s", src, b.Type(), want)
		}
	}
}

// TestDecimalProperty compares operators with those of big.Int over columns, constants and nulls of random types and sizes.
func TestDecimalProperty(t *testing.T) {
	for seed := range sample.Seeds(400, 3) {
		r := rand.New(rand.NewPCG(seed, 1))
		mem := checked(t)
		rows := 1 + r.IntN(150)
		x, y := randomDecimals(r, "x", rows), randomDecimals(r, "y", rows)
		rec := record(mem, x, y)
		for _, op := range []BinaryOp{Add, Subtract, Multiply, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual} {
			e := Binary{Op: op, Left: Column{"x"}, Right: Column{"y"}}
			b, err := Bind(e, rec.Schema())
			if err != nil {
				t.Fatal(err)
			}
			got, err := b.Eval(t.Context(), mem, rec)
			if compareDecimalResult(t, fmt.Sprintf("seed %d: %s of %s and %s", seed, e, x.dt, y.dt), op, x, y, got, err); got != nil {
				got.Release()
			}
		}
		rec.Release()
	}
}

func randomDecimals(r *rand.Rand, name string, rows int) column {
	scale := int32(r.IntN(7))
	dt := &arrow.Decimal128Type{Precision: max(scale, 1+int32(r.IntN(38))), Scale: scale}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(dt.Precision)), nil)
	few := r.IntN(2) == 0
	values := make([]any, rows)
	for i := range values {
		if r.IntN(8) == 0 {
			continue
		}
		v := new(big.Int).Or(new(big.Int).Lsh(new(big.Int).SetUint64(r.Uint64()), 64), new(big.Int).SetUint64(r.Uint64()))
		v.Rsh(v, uint(r.IntN(128)))
		if few {
			v.SetInt64(r.Int64N(4))
		}
		v.Mod(v, limit)
		if r.IntN(2) == 0 {
			v.Neg(v)
		}
		values[i] = decimal128.FromBigInt(v)
	}
	return column{name, dt, values}
}

func compareDecimalResult(t *testing.T, name string, op BinaryOp, x, y column, got arrow.Array, err error) {
	t.Helper()
	s, u := scaleOf(x.dt), scaleOf(y.dt)
	ten := big.NewInt(10)
	limit := new(big.Int).Exp(ten, big.NewInt(maxDecimalDigits), nil)
	misfit := false
	for i := range x.values {
		if op > Modulo { // the operands are brought to one scale, for which they may be too long, whatever stands beside them
			misfit = misfit || tooLong(x.values[i], max(s, u)-s) || tooLong(y.values[i], max(s, u)-u)
		}
		if x.values[i] == nil || y.values[i] == nil {
			if got != nil && got.IsValid(i) {
				t.Fatalf("%s: row %d is %s, want null", name, i, got.ValueStr(i))
			}
			continue
		}
		p, q := x.values[i].(decimal128.Num).BigInt(), y.values[i].(decimal128.Num).BigInt()
		if scale := max(s, u); op != Multiply {
			p.Mul(p, new(big.Int).Exp(ten, big.NewInt(int64(scale-s)), nil))
			q.Mul(q, new(big.Int).Exp(ten, big.NewInt(int64(scale-u)), nil))
		}
		var want *big.Int
		switch op {
		case Add:
			want = p.Add(p, q)
		case Subtract:
			want = p.Sub(p, q)
		case Multiply:
			want = p.Mul(p, q)
		default:
			if got != nil && got.(*array.Boolean).Value(i) != holds(op, p.Cmp(q)) {
				t.Fatalf("%s: row %d: %s %s %s is %s", name, i, p, op, q, got.ValueStr(i))
			}
			continue
		}
		misfit = misfit || want.CmpAbs(limit) >= 0
		if got != nil && got.(*array.Decimal128).Value(i).BigInt().Cmp(want) != 0 {
			t.Fatalf("%s: row %d is %s, want %s", name, i, got.(*array.Decimal128).Value(i).BigInt(), want)
		}
	}
	if misfit != (err != nil) {
		t.Fatalf("%s: error %v, more than 38 digits: %v", name, err, misfit)
	}
	if err != nil && !errors.Is(err, ErrOverflow) && !errors.Is(err, ErrCast) {
		t.Fatalf("%s: %v", name, err)
	}
}

// tooLong says whether a value has more than 38 digits with some more of them.
func tooLong(v any, more int32) bool {
	d, ok := v.(decimal128.Num)
	return ok && !d.FitsInPrecision(maxDecimalDigits-more)
}
