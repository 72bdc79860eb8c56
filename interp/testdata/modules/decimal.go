// get github.com/shopspring/decimal@v1.4.0

package main

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"math"
	"math/big"
	"regexp"
	"sort"

	"github.com/shopspring/decimal"
)

type item struct {
	Name  string          `json:"name" xml:"name,attr"`
	Price decimal.Decimal `json:"price" xml:"price"`
	Tax   *decimal.Decimal
	Off   decimal.NullDecimal
}

func d(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func arithmetic() {
	a, b := d("136.02"), d("-0.00357")
	fmt.Println(a.Add(b), a.Sub(b), a.Mul(b), a.Div(b), a.Mod(d("7")), a.Neg(), b.Abs(), b.Sign(), a.Shift(3), a.Shift(-5))
	q, r := d("100").QuoRem(d("7"), 3)
	fmt.Println(q, r, a.DivRound(d("7"), 4), d("1").Div(d("3")), d("2").Pow(d("10")), d("2").Pow(d("-3")))
	fmt.Println(a.Equal(d("136.0200")), a.Cmp(b), a.GreaterThan(b), a.LessThanOrEqual(b), a.IsPositive(), b.IsNegative(), decimal.Zero.IsZero(), d("2.00").IsInteger())
	fmt.Println(decimal.Sum(a, b, d("1")), decimal.Avg(d("1"), d("2")), decimal.Max(a, b), decimal.Min(a, b, d("-7")))
	fmt.Println(a.Exponent(), a.Coefficient(), a.CoefficientInt64(), a.NumDigits(), a.IntPart(), a.BigInt(), a.Rat(), d("123456789012345678901234567890.5").BigFloat())
	defer func() { fmt.Println("recovered:", recover()) }()
	a.Div(decimal.Zero)
}

func rounding() {
	for _, s := range []string{"5.45", "-5.45", "1.005", "545", "0.000123"} {
		x := d(s)
		fmt.Println(x.Round(1), x.RoundBank(1), x.RoundUp(1), x.RoundDown(1), x.RoundCeil(1), x.RoundFloor(1), x.RoundCash(25), x.Truncate(2), x.Ceil(), x.Floor(), x.StringFixed(3), x.StringFixedBank(1), x.StringFixedCash(5), x.Round(-2))
	}
}

func making() {
	for _, s := range []string{"1e3", "-.5", "12.", "+3.10", "1E-4", "abc", "", "1.2.3", "123456789.123456789e2"} {
		x, err := decimal.NewFromString(s)
		fmt.Println(x, err)
	}
	fmt.Println(decimal.New(12345, -3), decimal.NewFromInt(-7), decimal.NewFromInt32(8), decimal.NewFromFloat(0.1), decimal.NewFromFloat32(0.1), decimal.NewFromFloat(1e21), decimal.NewFromFloatWithExponent(123.456, -2))
	fmt.Println(decimal.NewFromBigInt(big.NewInt(99), 2), decimal.NewFromBigRat(big.NewRat(1, 7), 6), decimal.NewFromUint64(math.MaxUint64))
	f, exact := d("0.1").Float64()
	fmt.Println(f, exact, d("2.5").InexactFloat64())
	fmt.Println(decimal.RescalePair(d("1.5"), d("2.25")))
	x, err := decimal.NewFromFormattedString("$1,234.5", regexp.MustCompile("[$,]"))
	fmt.Println(x, err)
}

func functions() {
	fmt.Println(d("1").Atan().Round(20), d("0.5").Sin().Round(15), d("0.5").Cos().Round(15), d("0.5").Tan().Round(15))
	e, err := d("1.5").ExpTaylor(20)
	fmt.Println(e, err)
	h, err := d("2").ExpHullAbrham(15)
	fmt.Println(h, err)
	l, err := d("10").Ln(20)
	fmt.Println(l, err)
	p, err := d("2").PowWithPrecision(d("0.5"), 15)
	fmt.Println(p.Round(15), err)
	i, err := d("3").PowInt32(5)
	fmt.Println(i, err)
}

func encodings() {
	tax := d("0.19")
	it := item{"pen", d("1.20"), &tax, decimal.NewNullDecimal(d("3"))}
	data, err := json.Marshal([]item{it, {}})
	fmt.Println(string(data), err)
	var back []item
	err = json.Unmarshal([]byte(`[{"name":"x","price":12.50,"Tax":"0.07","Off":null},{"price":"1e2"}]`), &back)
	fmt.Println(back[0].Price, back[0].Tax, back[0].Off.Valid, back[1].Price, err)
	err = json.Unmarshal([]byte(`{"price":"x"}`), &it)
	fmt.Println(err)
	out, err := xml.Marshal(struct {
		XMLName xml.Name `xml:"item"`
		Price   string   `xml:"price"`
	}{Price: d("4.50").String()})
	fmt.Println(string(out), err)
	text, _ := d("7.700").MarshalText()
	binary, _ := d("7.7").MarshalBinary()
	var b decimal.Decimal
	fmt.Println(string(text), binary, b.UnmarshalBinary(binary), b)
	for _, from := range []any{"3.25", int64(4), 1.5, []byte("2e1"), true} {
		err := b.Scan(from)
		fmt.Println(err, b)
	}
	fmt.Println(b.Value())
	fmt.Printf("%v %s %d %+v\n", b, b, []decimal.Decimal{d("1"), d("2.5")}[1].IntPart(), it)
}

func sorting() {
	list := []decimal.Decimal{d("3"), d("-1"), d("2.5"), d("2.49")}
	sort.Slice(list, func(i, j int) bool { return list[i].LessThan(list[j]) })
	fmt.Println(list)
	decimal.DivisionPrecision = 5
	fmt.Println(d("2").Div(d("3")))
	decimal.DivisionPrecision = 16
}

func main() {
	arithmetic()
	rounding()
	making()
	functions()
	encodings()
	sorting()
}
