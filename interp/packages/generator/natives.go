package generator

import (
	"bytes"
	"fmt"
	"go/format"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// Types that generic functions are compiled for.
var (
	nativeElements = []types.BasicKind{
		types.Int, types.Int64, types.Int32, types.Uint8, types.Uint64, types.Float64, types.String,
	}
	nativeKeys   = []types.BasicKind{types.Int, types.String}
	nativeValues = []types.BasicKind{types.Int, types.Int64, types.Float64, types.String, types.Bool}
)

// nativeFile lists compiled instances of the generic functions of cmp, maps and slices.
func nativeFile(list []*listed) ([]byte, error) {
	instances := map[string]string{} // key to Go expression
	for _, p := range list {
		switch p.ImportPath {
		case "cmp", "slices":
			for _, e := range nativeElements {
				p.instances(instances, types.Typ[e], types.Typ[e])
			}
		case "maps":
			for _, k := range nativeKeys {
				for _, v := range nativeValues {
					p.instances(instances, types.Typ[k], types.Typ[v])
				}
			}
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%spackage native\n\nimport (\n\"cmp\"\n\"maps\"\n\"slices\"\n\n%q\n)\n\n", header, tablePath)
	b.WriteString("// Functions are sorted by name.\nvar Functions = [...]table.Entry{\n")
	for _, key := range slices.Sorted(maps.Keys(instances)) {
		fmt.Fprintf(&b, "{%q, %s},\n", key, instances[key])
	}
	b.WriteString("}\n")
	return format.Source(b.Bytes())
}

// instances adds the package's functions with type parameters named K as key and all others as value, where their constraints allow
// that.
func (p *listed) instances(all map[string]string, key, value types.Type) {
	for _, o := range exported(p.types, nil) {
		f, ok := o.(*types.Func)
		if !ok || f.Signature().TypeParams().Len() == 0 {
			continue
		}
		var args []types.Type
		for t := range f.Signature().TypeParams().TypeParams() {
			args = append(args, argument(t, key, value))
		}
		if _, err := types.Instantiate(nil, f.Signature(), args, true); err != nil {
			continue
		}
		var texts []string
		for _, a := range args {
			texts = append(texts, a.String())
		}
		list := strings.Join(texts, ",")
		all[p.ImportPath+"."+f.Name()+" "+list] = fmt.Sprintf("%s.%s[%s]", p.Name, f.Name(), list)
	}
}

// argument is the type for a parameter: a slice or map where its constraint says so.
func argument(t *types.TypeParam, key, value types.Type) types.Type {
	constraint, ok := t.Constraint().Underlying().(*types.Interface)
	if ok && constraint.NumEmbeddeds() == 1 {
		if union, ok := constraint.EmbeddedType(0).(*types.Union); ok && union.Len() == 1 {
			switch union.Term(0).Type().(type) {
			case *types.Slice:
				return types.NewSlice(value)
			case *types.Map:
				return types.NewMap(key, value)
			}
		}
	}
	if t.Obj().Name() == "K" {
		return key
	}
	return value
}
