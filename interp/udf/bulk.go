package udf

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"fmt"
	"go/types"
	"reflect"
	"slices"
	"strconv"
)

// bulk is how many elements of a slice or map of plain values are written as data: as source they would take long to
// check and to compile.
const bulk = 1000

// data is a call that reads a slice back.
func (w *valueWriter) data(t string, v reflect.Value) (string, error) {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).EncodeValue(v); err != nil {
		return "", err
	}
	return fmt.Sprintf("func() (v %s) { if err := %s.NewDecoder(%s.NewReader(%s)).Decode(&v); err != nil { panic(err) }; return v }()",
		t, w.pkg("encoding/gob"), w.pkg("strings"), strconv.Quote(b.String())), nil
}

func (w *valueWriter) bulkSlice(t types.Type, v reflect.Value) (string, error) {
	return w.data(w.typeText(t), v)
}

// bulkMap writes keys, in their order, and values: gob writes maps in no order.
func (w *valueWriter) bulkMap(t types.Type, m *types.Map, v reflect.Value) (string, error) {
	keys := v.MapKeys()
	slices.SortFunc(keys, compareKeys)
	ks := reflect.MakeSlice(reflect.SliceOf(v.Type().Key()), 0, len(keys))
	vs := reflect.MakeSlice(reflect.SliceOf(v.Type().Elem()), 0, len(keys))
	for _, k := range keys {
		ks = reflect.Append(ks, k)
		vs = reflect.Append(vs, v.MapIndex(k))
	}
	keyText, err := w.data("[]"+w.typeText(m.Key()), ks)
	if err != nil {
		return "", err
	}
	valueText, err := w.data("[]"+w.typeText(m.Elem()), vs)
	if err != nil {
		return "", err
	}
	text := w.typeText(t)
	return fmt.Sprintf("func() %s { keys := %s; values := %s; m := make(%s, len(keys)); for i, k := range keys { m[k] = values[i] }; return m }()",
		text, keyText, valueText, text), nil
}

func compareKeys(a, b reflect.Value) int {
	switch {
	case a.Kind() == reflect.Bool:
		return cmp.Compare(strconv.FormatBool(a.Bool()), strconv.FormatBool(b.Bool()))
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	}
	return cmp.Compare(a.String(), b.String())
}
