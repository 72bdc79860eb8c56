package source

import (
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// unscaledKey is in the metadata of a column of a split's schema that gives the unscaled values of decimals: the value is their type.
const unscaledKey = "unscaled"

// Unscaled is s with the unscaled values of some decimals, as int64, in place of the decimals (see expr.Scaled): of those columns among names
// that Parquet files store so, and that no filter looks at. taken is which these are.
func Unscaled(s Source, names []string) (out Source, taken []string) {
	f, ok := filesOf(s)
	if !ok {
		return s, nil
	}
	w, where := s.(*filtered)
	for _, name := range names {
		if f.storesUnscaled(name) && (!where || !slices.Contains(expr.Columns(w.filter), name)) {
			taken = append(taken, name)
		}
	}
	if len(taken) == 0 {
		return s, nil
	}
	made := f.unscaled(taken)
	if where {
		return &filtered{made, w.filter}, taken
	}
	return made, taken
}

// storesUnscaled says whether all files have a column of the same decimals, whose unscaled values package parquet decodes.
func (s *files) storesUnscaled(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.schema == nil || !s.schema.HasField(name) {
		return false
	}
	to, ok := s.schema.Field(s.schema.FieldIndices(name)[0]).Type.(*arrow.Decimal128Type)
	if !ok || to.Precision > expr.MaxScaled || to.Scale < 0 || to.Scale > to.Precision {
		return false
	}
	for i, in := range s.inputs {
		p, ok := in.(*parquetFile)
		if !ok || !s.owned[i].HasField(name) {
			return false
		}
		field, decoded := p.field(name)
		if !decoded || !arrow.TypeEqual(p.typed.Field(field).Type, to) || p.unscaledType(field) == nil {
			return false
		}
	}
	return true
}

// unscaled is the files with some columns unscaled.
func (s *files) unscaled(names []string) *files {
	s.mu.Lock()
	defer s.mu.Unlock()
	made := &files{
		label: s.label, inputs: s.inputs, size: s.size, options: s.options, partitions: s.partitions, book: s.book,
		schema: unscaledSchema(s.schema, names),
	}
	for _, o := range s.owned {
		if o == s.schema { // nothing is to be filled in: see filled
			made.owned = append(made.owned, made.schema)
		} else {
			made.owned = append(made.owned, unscaledSchema(o, names))
		}
	}
	return made
}

func unscaledSchema(s *arrow.Schema, names []string) *arrow.Schema {
	fields := slices.Clone(s.Fields())
	for i, f := range fields {
		if slices.Contains(names, f.Name) {
			fields[i].Metadata = arrow.NewMetadata([]string{unscaledKey}, []string{f.Type.String()})
			fields[i].Type = arrow.PrimitiveTypes.Int64
		}
	}
	return arrow.NewSchema(fields, nil)
}

// isUnscaled says whether a column of a split gives unscaled values.
func isUnscaled(f arrow.Field) bool { return f.Metadata.FindKey(unscaledKey) >= 0 }

// unmarked is a schema as batches have it.
func unmarked(s *arrow.Schema) *arrow.Schema {
	if !slices.ContainsFunc(s.Fields(), isUnscaled) {
		return s
	}
	fields := slices.Clone(s.Fields())
	for i := range fields {
		fields[i].Metadata = arrow.Metadata{}
	}
	return arrow.NewSchema(fields, nil)
}

// unscaledType is the type in which a file's decimals are integers; nil where they are stored in another way.
func (p *parquetFile) unscaledType(field int) arrow.DataType {
	for _, t := range []arrow.DataType{arrow.PrimitiveTypes.Int64, arrow.PrimitiveTypes.Int32} {
		if p.footer.Decodes(field, t) {
			return t
		}
	}
	return nil
}

// typeOf is the type as which a field is read to give the column of a split's schema.
func (p *parquetFile) typeOf(field int, schema *arrow.Schema) (arrow.DataType, error) {
	f := p.typed.Field(field)
	at := schema.FieldIndices(f.Name)
	if len(at) == 0 || !isUnscaled(schema.Field(at[0])) {
		return f.Type, nil
	}
	want, _ := schema.Field(at[0]).Metadata.GetValue(unscaledKey)
	as := p.unscaledType(field)
	if as == nil || f.Type.String() != want {
		return nil, fmt.Errorf("%s: %w: column %q is %s, not %s", p.path, ErrSchema, f.Name, f.Type, want)
	}
	return as, nil
}
