package rt

import (
	"reflect"
	"testing"
)

func TestStructs(t *testing.T) {
	r := New()
	r.Symbol = func(path, name string) (reflect.Value, bool) {
		return reflect.ValueOf((*reflect.Method)(nil)), path == "reflect" && name == "Method"
	}
	r.DeclareImport("p_reflect", "reflect")
	r.DeclareStruct("Point_1", "struct{X int \"rv:\\\"1\\\"\"}", false)
	r.DeclareStruct("rvt.A_2", "struct{B *rvt.B_3 \"rv:\\\"2\\\"\"; F func(*rvt.A_2, ...rvt.B_3) (map[string][]rvt.A_2, interface{}); P Point_1; M p_reflect.Method}", true)
	r.DeclareStruct("rvt.B_3", "struct{As []rvt.A_2 \"rv:\\\"3\\\"\"; C chan<- *rvt.B_3; A rvt.A_2; G [2]struct{P *rvt.B_3}; I interface{}}", true)
	symbols, err := r.Structs()
	if err != nil {
		t.Fatal(err)
	}
	types := symbols[StructPath+"/types"]
	a, b := types["A_2"].Type().Elem(), types["B_3"].Type().Elem()
	for name, want := range map[string]reflect.Type{
		"B": reflect.PointerTo(b), "M": reflect.TypeFor[reflect.Method](),
		"F": reflect.FuncOf([]reflect.Type{reflect.PointerTo(a), reflect.SliceOf(b)},
			[]reflect.Type{reflect.MapOf(reflect.TypeFor[string](), reflect.SliceOf(a)), reflect.TypeFor[any]()}, true),
	} {
		if f, _ := a.FieldByName(name); f.Type != want {
			t.Errorf("A.%s is a %v, not a %v", name, f.Type, want)
		}
	}
	for name, want := range map[string]reflect.Type{
		"As": reflect.SliceOf(a), "C": reflect.ChanOf(reflect.SendDir, reflect.PointerTo(b)), "A": a, "I": reflect.TypeFor[any](),
	} {
		if f, _ := b.FieldByName(name); f.Type != want {
			t.Errorf("B.%s is a %v, not a %v", name, f.Type, want)
		}
	}
	v := reflect.New(b).Elem()
	v.FieldByName("A").FieldByName("B").Set(v.Addr())
	v.FieldByName("G").Index(1).Field(0).Set(v.Addr())
	if v.FieldByName("A").FieldByName("B").Elem().FieldByName("G").Index(1).Field(0).Pointer() != v.Addr().Pointer() {
		t.Error("the value does not contain itself")
	}
	r.DeclareStruct("rvt.D_4", "struct{A *rvt.A_2 \"rv:\\\"4\\\"\"; Next *rvt.D_4}", true)
	symbols, err = r.Structs()
	if err != nil {
		t.Fatal(err)
	}
	d := symbols[StructPath+"/types"]["D_4"].Type().Elem()
	if len(symbols[StructPath+"/types"]) != 1 || d.Field(0).Type.Elem() != a || d.Field(1).Type.Elem() != d {
		t.Errorf("later types: %v", symbols)
	}
	r.DeclareStruct("rvt.E_5", "struct{A *rvt.E_5; B nothing.Known}", true)
	if _, err := r.Structs(); err == nil {
		t.Error("no error for a type of an unknown package")
	}
}
