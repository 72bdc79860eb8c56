package expr

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The reference evaluates an expression for one row over values of type any, straight from what doc.go says, sharing
// nothing with the kernels. Dates and times have types of their own here.
type (
	refDay  int32
	refTime int64 // microseconds
	refSpan int64 // microseconds
)

var errReference = errors.New("reference")

func reference(e Expr, row map[string]any) (any, error) {
	switch e := e.(type) {
	case Column:
		return row[e.Name], nil
	case Literal:
		return e.Value, nil
	case Alias:
		return reference(e.X, row)
	case Unary:
		return refUnary(e, row)
	case Binary:
		return refBinary(e, row)
	case Case:
		for _, w := range e.Whens {
			c, err := reference(w.Cond, row)
			if err != nil {
				return nil, err
			}
			if c == true {
				return reference(w.Then, row)
			}
		}
		if e.Else == nil {
			return nil, nil
		}
		return reference(e.Else, row)
	case Cast:
		v, err := reference(e.X, row)
		if err != nil || v == nil {
			return nil, err
		}
		return refCast(v, e.To.Name())
	case Call:
		return refCall(e, row)
	}
	return nil, fmt.Errorf("%T", e)
}

func refUnary(e Unary, row map[string]any) (any, error) {
	v, err := reference(e.X, row)
	if err != nil || v == nil {
		return nil, err
	}
	switch v := v.(type) {
	case bool:
		return !v, nil
	case int64:
		if v == math.MinInt64 {
			return nil, errReference
		}
		return -v, nil
	case float64:
		return -v, nil
	}
	return nil, fmt.Errorf("negate %T", v)
}

func refBinary(e Binary, row map[string]any) (any, error) {
	l, err := reference(e.Left, row)
	if err != nil {
		return nil, err
	}
	if e.Op == And && l == false || e.Op == Or && l == true {
		return l, nil
	}
	r, err := reference(e.Right, row)
	if err != nil {
		return nil, err
	}
	switch {
	case e.Op == And || e.Op == Or:
		if r == (e.Op == Or) {
			return r, nil
		}
		if l == nil || r == nil {
			return nil, nil
		}
		return r, nil
	case l == nil || r == nil:
		return nil, nil
	case e.Op >= Equal && e.Op <= GreaterEqual:
		c := refCompare(l, r)
		return map[BinaryOp]bool{Equal: c == 0, NotEqual: c != 0, Less: c < 0, LessEqual: c <= 0, Greater: c > 0, GreaterEqual: c >= 0}[e.Op], nil
	}
	return refArithmetic(e.Op, l, r)
}

func refFloat(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case uint64:
		return float64(v)
	}
	return v.(float64)
}

func refCompare(l, r any) int {
	switch x := l.(type) {
	case string:
		return strings.Compare(x, r.(string))
	case bool:
		n := map[bool]int{false: 0, true: 1}
		return n[x] - n[r.(bool)]
	}
	if d, ok := r.(string); ok {
		t, err := time.Parse(time.DateOnly, d)
		if err != nil {
			panic(err)
		}
		r = refTime(t.UnixMicro())
	}
	_, lf := l.(float64)
	_, rf := r.(float64)
	if lf || rf {
		x, y := refFloat(l), refFloat(r)
		switch {
		case x != x && y != y:
			return 0
		case x != x:
			return 1
		case y != y:
			return -1
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return refBig(l).Cmp(refBig(r))
}

func refBig(v any) *big.Int {
	switch v := v.(type) {
	case int64:
		return big.NewInt(v)
	case uint64:
		return new(big.Int).SetUint64(v)
	case refDay:
		return new(big.Int).Mul(big.NewInt(int64(v)), big.NewInt(86400e6))
	case refTime:
		return big.NewInt(int64(v))
	case refSpan:
		return big.NewInt(int64(v))
	}
	panic(fmt.Sprintf("%T", v))
}

func refArithmetic(op BinaryOp, l, r any) (any, error) {
	if s, ok := l.(string); ok {
		return s + r.(string), nil
	}
	if d, ok := l.(refDay); ok {
		if n, ok := r.(int64); ok {
			sum := new(big.Int).Add(big.NewInt(int64(d)), big.NewInt(n))
			if op == Subtract {
				sum.Sub(big.NewInt(int64(d)), big.NewInt(n))
			}
			if !sum.IsInt64() || sum.Int64() != int64(int32(sum.Int64())) {
				return nil, errReference
			}
			return refDay(sum.Int64()), nil
		}
	}
	_, lf := l.(float64)
	_, rf := r.(float64)
	if op == Divide || lf || rf {
		x, y := refFloat(l), refFloat(r)
		switch op {
		case Add:
			return x + y, nil
		case Subtract:
			return x - y, nil
		case Multiply:
			return x * y, nil
		case Divide:
			return x / y, nil
		}
		return math.Mod(x, y), nil
	}
	x, y, z := refBig(l), refBig(r), new(big.Int)
	switch op {
	case Add:
		z.Add(x, y)
	case Subtract:
		z.Sub(x, y)
	case Multiply:
		z.Mul(x, y)
	case Modulo:
		if y.Sign() == 0 {
			return nil, nil
		}
		z.Rem(x, y)
	}
	if _, ok := l.(uint64); ok {
		if !z.IsUint64() {
			return nil, errReference
		}
		return z.Uint64(), nil
	}
	if !z.IsInt64() {
		return nil, errReference
	}
	if _, ok := l.(refTime); ok {
		return refSpan(z.Int64()), nil
	}
	return z.Int64(), nil
}

func refCast(v any, to string) (any, error) {
	switch to {
	case "int64":
		switch v := v.(type) {
		case bool:
			return map[bool]int64{true: 1}[v], nil
		case uint64:
			if v > math.MaxInt64 {
				return nil, errReference
			}
			return int64(v), nil
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, errReference
			}
			z, _ := big.NewFloat(v).Int(nil)
			if !z.IsInt64() {
				return nil, errReference
			}
			return z.Int64(), nil
		case string:
			n, err := strconv.ParseInt(strings.TrimSpace(v), 10, 64)
			if err != nil {
				return nil, errReference
			}
			return n, nil
		}
	case "float64":
		if b, ok := v.(bool); ok {
			return map[bool]float64{true: 1}[b], nil
		}
		return refFloat(v), nil
	case "utf8":
		switch v := v.(type) {
		case int64, uint64, bool:
			return fmt.Sprint(v), nil
		}
	}
	return v, nil
}

func refCall(e Call, row map[string]any) (any, error) {
	args := make([]any, len(e.Args))
	for i, a := range e.Args {
		if e.Func == "coalesce" && i > 0 && args[i-1] != nil {
			return args[i-1], nil
		}
		v, err := reference(a, row)
		if err != nil {
			return nil, err
		}
		args[i] = v
		if e.Func == "between" && i == 1 && args[0] != nil && v != nil && refCompare(args[0], v) < 0 {
			return false, nil
		}
	}
	switch e.Func {
	case "is_null":
		return args[0] == nil, nil
	case "is_not_null":
		return args[0] != nil, nil
	case "coalesce":
		return args[len(args)-1], nil
	case "least", "greatest":
		var best any
		for _, a := range args {
			if a != nil && (best == nil || (refCompare(a, best) < 0) == (e.Func == "least") && refCompare(a, best) != 0) {
				best = a
			}
		}
		return best, nil
	case "is_in":
		return refIn(args), nil
	case "between":
		low, err := refBinary(Binary{GreaterEqual, Literal{args[0]}, Literal{args[1]}}, nil)
		if err != nil {
			return nil, err
		}
		high, err := refBinary(Binary{LessEqual, Literal{args[0]}, Literal{args[2]}}, nil)
		if err != nil {
			return nil, err
		}
		return refBinary(Binary{And, Literal{low}, Literal{high}}, nil)
	}
	for _, a := range args {
		if a == nil {
			return nil, nil
		}
	}
	return refScalar(e.Func, args)
}

func refIn(args []any) any {
	null := false
	for _, a := range args[1:] {
		switch {
		case args[0] == nil:
			return nil
		case a == nil:
			null = true
		case refCompare(args[0], a) == 0:
			return true
		}
	}
	if null {
		return nil
	}
	return false
}

func refScalar(name string, args []any) (any, error) {
	switch name {
	case "abs":
		switch v := args[0].(type) {
		case int64:
			if v == math.MinInt64 {
				return nil, errReference
			}
			return max(v, -v), nil
		case float64:
			return math.Abs(v), nil
		}
	case "is_nan":
		return math.IsNaN(args[0].(float64)), nil
	case "floor":
		return math.Floor(args[0].(float64)), nil
	case "round":
		return math.Round(args[0].(float64)), nil
	case "lower":
		return strings.ToLower(args[0].(string)), nil
	case "upper":
		return strings.ToUpper(args[0].(string)), nil
	case "length":
		return int64(utf8.RuneCountInString(args[0].(string))), nil
	case "contains":
		return strings.Contains(args[0].(string), args[1].(string)), nil
	case "starts_with":
		return strings.HasPrefix(args[0].(string), args[1].(string)), nil
	case "replace":
		if args[1] == "" {
			return args[0], nil
		}
		return strings.ReplaceAll(args[0].(string), args[1].(string), args[2].(string)), nil
	case "substr":
		s, from, n := []rune(args[0].(string)), args[1].(int64), args[2].(int64)
		if from < 0 {
			from = max(0, int64(len(s))+from)
		}
		from = min(from, int64(len(s)))
		return string(s[from:min(int64(len(s)), from+n)]), nil
	case "year", "month", "day", "weekday", "hour":
		var t time.Time
		switch v := args[0].(type) {
		case refDay:
			t = time.Unix(int64(v)*86400, 0).UTC()
		case refTime:
			t = time.UnixMicro(int64(v)).UTC()
		}
		return map[string]int64{"year": int64(t.Year()), "month": int64(t.Month()), "day": int64(t.Day()), "weekday": int64(t.Weekday()), "hour": int64(t.Hour())}[name], nil
	}
	return nil, fmt.Errorf("%s(%T)", name, args[0])
}
