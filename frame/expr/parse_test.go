package expr

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		src  string
		want Expr
	}{
		{"dep_delay", Column{"dep_delay"}},
		{`col("odd name")`, Column{"odd name"}},
		{"größe", Column{"größe"}},
		{"-3", Literal{int64(-3)}},
		{"-(3)", Unary{Negate, Literal{int64(3)}}},
		{"-9223372036854775808", Literal{int64(-1 << 63)}},
		{"18446744073709551615", Literal{uint64(1<<64 - 1)}},
		{"0x10 + 1_000", Binary{Add, Literal{int64(16)}, Literal{int64(1000)}}},
		{"1e3", Literal{1000.0}},
		{"`raw`", Literal{"raw"}},
		{"nil", Literal{}},
		{"a == nil", Call{"is_null", []Expr{Column{"a"}}}},
		{"nil != a", Call{"is_not_null", []Expr{Column{"a"}}}},
		{"a == null", Binary{Equal, Column{"a"}, Literal{}}},
		{"a + b*c", Binary{Add, Column{"a"}, Binary{Multiply, Column{"b"}, Column{"c"}}}},
		{"a || b && !c", Binary{Or, Column{"a"}, Binary{And, Column{"b"}, Unary{Not, Column{"c"}}}}},
		{"sum(x)/count()", Binary{Divide, Aggregate{Func: Sum, X: Column{"x"}}, Aggregate{Func: Count}}},
		{"count_distinct(x)", Aggregate{Func: CountDistinct, X: Column{"x"}}},
		{"min(x)", Aggregate{Func: Min, X: Column{"x"}}},
		{`var(x) + var (y) > 1 && s != "var("`, Binary{
			And,
			Binary{Greater, Binary{Add, Aggregate{Func: Var, X: Column{"x"}}, Aggregate{Func: Var, X: Column{"y"}}}, Literal{int64(1)}},
			Binary{NotEqual, Column{"s"}, Literal{"var("}},
		}},
		{"median(x)", Aggregate{Func: Median, X: Column{"x"}}},
		{"quantile(x, 0.25)", Aggregate{Func: Quantile, X: Column{"x"}, Args: []Expr{Literal{0.25}}}},
		{"corr(x, y + 1)", Aggregate{Func: Corr, X: Column{"x"}, Args: []Expr{Binary{Add, Column{"y"}, Literal{int64(1)}}}}},
		{"min(x, 1)", Call{"least", []Expr{Column{"x"}, Literal{int64(1)}}}},
		{"len(s)", Call{"length", []Expr{Column{"s"}}}},
		{"float(x)", Cast{Column{"x"}, arrow.PrimitiveTypes.Float64}},
		{"decimal(x, 9, 2)", Cast{Column{"x"}, &arrow.Decimal128Type{Precision: 9, Scale: 2}}},
		{`timestamp(x, "ms", "Europe/Paris")`, Cast{Column{"x"}, &arrow.TimestampType{Unit: arrow.Millisecond, TimeZone: "Europe/Paris"}}},
		{`as(x, "y")`, Alias{Column{"x"}, "y"}},
		{"when(a, 1, b, 2, 3)", Case{[]When{{Column{"a"}, Literal{int64(1)}}, {Column{"b"}, Literal{int64(2)}}}, Literal{int64(3)}}},
		{"when(a, 1)", Case{[]When{{Column{"a"}, Literal{int64(1)}}}, nil}},
		{"a >\n\tb", Binary{Greater, Column{"a"}, Column{"b"}}},
	} {
		e, err := Parse(c.src)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if !reflect.DeepEqual(e, c.want) {
			t.Errorf("%s: got %#v, want %#v", c.src, e, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"", "the expression is empty\n\t\n\t^"},
		{"a >", "the expression ends too early\n\ta >\n\t   ^"},
		{"a and b", "write && for and\n\ta and b\n\t  ^"},
		{"a = 3", "write == to compare\n\ta = 3\n\t  ^"},
		{"s == 'UA'", "text is written in double quotes: \"UA\"\n\ts == 'UA'\n\t     ^"},
		{"s == 'U'", "text is written in double quotes: \"U\"\n\ts == 'U'\n\t     ^"},
		{"a & b", "operator & is not used here: write && for and\n\ta & b\n\t  ^"},
		{"a ^ 2", "operator ^ is not used here: write pow(x, y) for a power\n\ta ^ 2\n\t  ^"},
		{"df.x + 1", "x.y is not used here"},
		{"x.Sum()", "a function is called as sum(x), not as x.Sum()"},
		{"a[0]", "indexing is not used here"},
		{"1 + uppr(s)", "unknown function uppr, did you mean upper? (functions: abs,"},
		{"round()", "round: 0 arguments, write round(x, digits)"},
		{"sum()", "sum takes one operand, not 0"},
		{"sum(a, b)", "sum takes one operand, not 2"},
		{"int(a, b)", "int takes one value, not 2"},
		{"1i", "complex numbers"},
		{"99999999999999999999", "does not fit 64 bits"},
		{"-18446744073709551615", "does not fit 64 bits"},
		{"func() {}", "not an expression over columns"},
		{"col(x)", "col takes a column's name in quotes"},
		{"as(x, y)", "as takes an expression and a name in quotes"},
		{"when(x)", "when takes conditions and values in turn"},
		{`timestamp(x, "week")`, `unit "week" is not one of s, ms, us, ns`},
		{"a &&\n  (é + b[1])", "indexing is not used here: the letters of a text are substr(s, from, count)\n\t  (é + b[1])\n\t       ^"},
		{"//line x:99\na[1]", "\n\ta[1]\n\t^"},
	} {
		_, err := Parse(c.src)
		var at *ParseError
		if !errors.Is(err, ErrSyntax) || !errors.As(err, &at) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v\nwant %s", c.src, err, c.want)
		}
	}
}

// TestText round-trips what the random generator does not make.
func TestText(t *testing.T) {
	x := Column{"x"}
	for _, c := range []struct {
		e    Expr
		want string
	}{
		{Literal{time.Date(2013, 1, 1, 2, 3, 4, 5e6, time.UTC)}, `timestamp("2013-01-01T02:03:04.005Z", "us", "UTC")`},
		{Literal{90 * time.Minute}, `duration("1h30m0s", "ns")`},
		{Literal{[]byte("\xff\"")}, `binary("\xff\"")`},
		{Literal{uint64(3)}, "uint(3)"},
		{Literal{-0.5}, "-0.5"},
		{Literal{1e100}, "1e+100"},
		{Unary{Negate, Literal{int64(-3)}}, "-(-3)"},
		{Unary{Negate, Unary{Negate, x}}, "-(-x)"},
		{Unary{Not, Binary{And, x, x}}, "!(x && x)"},
		{Binary{Subtract, x, Binary{Subtract, x, Literal{int64(-1)}}}, "x - (x - -1)"},
		{Binary{Less, Binary{Less, x, x}, Binary{Less, x, x}}, "x < x < (x < x)"},
		{Column{"true"}, `col("true")`},
		{Column{"type"}, `col("type")`},
		{Column{"a\xffb"}, `col("a\xffb")`},
		{Column{""}, `col("")`},
		{Alias{Aggregate{Func: Sum, X: Column{"a b"}}, "tot\"al"}, `as(sum(col("a b")), "tot\"al")`},
		{Aggregate{Func: Quantile, X: x, Args: []Expr{Literal{0.9}}}, "quantile(x, 0.9)"},
		{Cast{x, arrow.FixedWidthTypes.Date32}, "date(x)"},
		{Cast{x, &arrow.DurationType{Unit: arrow.Second}}, `duration(x, "s")`},
	} {
		if got := c.e.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
		back, err := Parse(c.want)
		if err != nil {
			t.Error(err)
		} else if back.String() != c.want {
			t.Errorf("%s read back as %s", c.want, back)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a > 1 && b == nil", "sum(x) / count()", `when(a, "x", null)`, "-(-3) - -1", `col("\xff")`, "1e400", "uint(-3)", "x.y(", "func(){}",
		`timestamp("2013-01-01", "ns", "UTC")`, "0b1__0", "decimal(x, 99, 1)", "'a'", "a /* x */ + b // c", "//line :1\nx", "0x1p-2", "-0", "-0.0", "uint(18446744073709551615)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		e, err := Parse(src)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		text := e.String()
		back, err := Parse(text)
		if err != nil {
			t.Fatalf("%q gives %q, which does not parse: %v", src, text, err)
		}
		if back.String() != text {
			t.Fatalf("%q gives %q, read back as %q", src, text, back)
		}
	})
}
