package rt

import (
	"cmp"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// jsonField is a field of a JSON object, perhaps one of an embedded struct.
type jsonField struct {
	name      string
	tagged    bool
	index     []int
	t         types.Type // nil for fields of compiled structs
	omitEmpty bool
	omitZero  bool
	quoted    bool
}

// jsonFields are the fields that encoding/json sees in a struct, in order: those of embedded structs are the struct's
// own unless a shallower one, or a tagged one at the same depth, has their name.
func (r *Registry) jsonFields(n node) []jsonField {
	var key any = n.t
	if n.t == nil {
		key = n.v.Type()
	}
	if f, ok := r.jsonStructs.Load(key); ok {
		return f.([]jsonField)
	}
	fields := dominant(collectFields(n))
	r.jsonStructs.Store(key, fields)
	return fields
}

// member is a struct field of either kind of type.
type member struct {
	name     string
	embedded bool
	exported bool
	tag      string
	t        types.Type
	rt       reflect.Type
}

// level is a struct to look through.
type level struct {
	t     types.Type
	rt    reflect.Type
	index []int
}

func (l level) key() any {
	if l.t != nil {
		return l.t
	}
	return l.rt
}

func (l level) members() []member {
	var all []member
	if s := structType(l.t); s != nil && l.rt.PkgPath() == "" {
		for i := range min(s.NumFields(), l.rt.NumField()) {
			f := s.Field(i)
			all = append(all, member{f.Name(), f.Embedded(), f.Exported(), s.Tag(i), f.Type(), l.rt.Field(i).Type})
		}
		return all
	}
	for f := range l.rt.Fields() {
		all = append(all, member{f.Name, f.Anonymous, f.IsExported(), string(f.Tag), nil, f.Type})
	}
	return all
}

func collectFields(n node) []jsonField {
	var fields []jsonField
	next := []level{{n.t, n.v.Type(), nil}}
	visited := map[any]bool{}
	var count, nextCount map[any]int
	for len(next) > 0 {
		current := next
		next, count, nextCount = nil, nextCount, map[any]int{}
		for _, l := range current {
			if visited[l.key()] {
				continue
			}
			visited[l.key()] = true
			for i, m := range l.members() {
				f, inner, ok := m.field(append(slices.Clone(l.index), i))
				switch {
				case !ok:
				case inner == nil:
					fields = append(fields, f)
					if count[l.key()] > 1 {
						fields = append(fields, f) // two of a name hide each other
					}
				default:
					if nextCount[inner.key()]++; nextCount[inner.key()] == 1 {
						next = append(next, *inner)
					}
				}
			}
		}
	}
	return fields
}

// field is what a member is to encoding/json: nothing, a field, or a struct whose fields are to be looked through.
func (m member) field(index []int) (f jsonField, inner *level, ok bool) {
	rt, t := m.rt, m.t
	if rt.Kind() == reflect.Pointer && rt.Name() == "" && !isNamedPointer(t) {
		rt, t = rt.Elem(), elemType(t)
	}
	if !m.exported && (!m.embedded || rt.Kind() != reflect.Struct) {
		return f, nil, false
	}
	tag := reflect.StructTag(m.tag).Get("json")
	if tag == "-" {
		return f, nil, false
	}
	name, options, _ := strings.Cut(tag, ",")
	if !validName(name) {
		name = ""
	}
	if name == "" && m.embedded && rt.Kind() == reflect.Struct {
		return f, &level{t, rt, index}, true
	}
	all := strings.Split(options, ",")
	f = jsonField{
		name: cmp.Or(name, m.name), tagged: name != "", index: index, t: m.t,
		omitEmpty: slices.Contains(all, "omitempty"), omitZero: slices.Contains(all, "omitzero"),
	}
	if slices.Contains(all, "string") {
		k := rt.Kind()
		f.quoted = k == reflect.Bool || k == reflect.String || k >= reflect.Int && k <= reflect.Float64
	}
	return f, nil, true
}

func isNamedPointer(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := types.Unalias(t).(*types.Named)
	return ok
}

// validName says whether a tag's name is one that encoding/json takes.
func validName(s string) bool {
	for _, c := range s {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			return false
		}
	}
	return s != ""
}

// dominant keeps one field of each name: the shallowest, or the tagged one among those; none if that leaves several.
func dominant(fields []jsonField) []jsonField {
	byName := map[string][]jsonField{}
	for _, f := range fields {
		byName[f.name] = append(byName[f.name], f)
	}
	var out []jsonField
	for _, same := range byName {
		slices.SortStableFunc(same, func(a, b jsonField) int {
			return cmp.Or(cmp.Compare(len(a.index), len(b.index)), cmp.Compare(truth(b.tagged), truth(a.tagged)))
		})
		if len(same) > 1 && len(same[0].index) == len(same[1].index) && same[0].tagged == same[1].tagged {
			continue
		}
		out = append(out, same[0])
	}
	slices.SortFunc(out, func(a, b jsonField) int { return slices.Compare(a.index, b.index) })
	return out
}
