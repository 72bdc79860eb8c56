package table

import (
	"fmt"
	"go/constant"
	"go/token"
	"reflect"
	"strings"
)

// Int is an untyped integer or rune constant that fits.
type Int int64

// Number is any other untyped number: an integer, a fraction such as "1/3", or a float that is whole, such as "2.".
type Number string

// Text is an untyped string constant.
type Text string

// constantOf is an untyped constant as the interpreter wants it.
func constantOf(v any) reflect.Value {
	switch v := v.(type) {
	case Int:
		return reflect.ValueOf(constant.MakeInt64(int64(v)))
	case Number:
		return reflect.ValueOf(number(string(v)))
	case Text:
		return reflect.ValueOf(constant.MakeString(string(v)))
	case bool:
		return reflect.ValueOf(v)
	}
	panic(fmt.Sprintf("table: %T is not an untyped constant", v))
}

// number parses a Number.
func number(s string) constant.Value {
	a, b, fraction := strings.Cut(s, "/")
	if !fraction {
		v := constant.MakeFromLiteral(s, token.INT, 0)
		if v.Kind() == constant.Unknown {
			v = constant.MakeFromLiteral(s, token.FLOAT, 0)
		}
		return v
	}
	return constant.BinaryOp(constant.MakeFromLiteral(a, token.INT, 0), token.QUO, constant.MakeFromLiteral(b, token.INT, 0))
}
