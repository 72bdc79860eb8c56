package udf

import (
	"fmt"
	"math/big"
	"reflect"
	"regexp"
	"strconv"
	"time"
)

// knownPointer are pointers to values of libraries whose fields are their own.
func (w *valueWriter) knownPointer(name string, v reflect.Value) (string, bool, error) {
	switch p := v.Interface().(type) {
	case *regexp.Regexp:
		return w.pkg("regexp") + ".MustCompile(" + strconv.Quote(p.String()) + ")", true, nil
	case *time.Location:
		return w.zone(p, time.Now()), true, nil
	case *big.Int:
		pkg := w.pkg("math/big")
		return fmt.Sprintf("func() *%s.Int { v, _ := new(%s.Int).SetString(%q, 10); return v }()", pkg, pkg, p.String()), true, nil
	case *big.Rat:
		pkg := w.pkg("math/big")
		return fmt.Sprintf("func() *%s.Rat { v, _ := new(%s.Rat).SetString(%q); return v }()", pkg, pkg, p.String()), true, nil
	case *big.Float:
		pkg := w.pkg("math/big")
		return fmt.Sprintf("func() *%s.Float { v, _, _ := %s.ParseFloat(%q, 0, %d, %s.RoundingMode(%d)); return v }()",
			pkg, pkg, p.Text('p', 0), p.Prec(), pkg, p.Mode()), true, nil
	}
	if copiedByName[name] {
		return "", true, fmt.Errorf("its value is a %s", v.Type())
	}
	return "", false, nil
}
