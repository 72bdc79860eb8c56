package source

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// Options say how files are read. The zero value detects everything.
type Options struct {
	// Delimiter of a CSV file; 0 detects one of , ; tab |.
	Delimiter rune
	// NoHeader says that the first line of a CSV file is data; columns are named column_1, column_2 and so on.
	NoHeader bool
	// NullWords are the unquoted words of a CSV file that mean null; nil means "", NA, N/A, null, NULL.
	NullWords []string
	// Types declares columns' types where the sample would guess wrong.
	Types map[string]arrow.DataType
	// Columns narrows the source to these, in this order; nil means all.
	Columns []string
	// SampleRows is how many rows at a file's start the types are guessed from, beside samples further on; 0 means
	// what a first few hundred KiB hold.
	SampleRows int
	// Format is csv, tsv, parquet, arrow or ndjson where the file's name does not tell.
	Format string
}

func (o *Options) nullWords() []string {
	if o.NullWords == nil {
		return []string{"", "NA", "N/A", "null", "NULL"}
	}
	return o.NullWords
}

// check looks for what can't be right whatever the files are.
func (o *Options) check() error {
	if o.Delimiter != 0 && (o.Delimiter > 0x7e || o.Delimiter == '"' || o.Delimiter == '\n' || o.Delimiter == '\r' || isDigit(byte(o.Delimiter))) {
		return fmt.Errorf("delimiter %q: want one ASCII character that is no quote, digit or line end", o.Delimiter)
	}
	for name, t := range o.Types {
		if t == nil {
			return fmt.Errorf("Types: column %q has no type", name)
		}
		if _, ok := batch.Canonical(t); !ok {
			return fmt.Errorf("Types: column %q: type %s is not supported", name, t)
		}
	}
	return nil
}

// narrow applies Types' names and Columns to the schema that a file has.
func (o *Options) narrow(name string, s *arrow.Schema) (*arrow.Schema, error) {
	for _, col := range sortedKeys(o.Types) {
		if !s.HasField(col) {
			return nil, unknownColumn(name, col, s)
		}
	}
	if o.Columns == nil {
		return s, nil
	}
	fields := make([]arrow.Field, 0, len(o.Columns))
	for _, col := range o.Columns {
		at := s.FieldIndices(col)
		if len(at) == 0 {
			return nil, unknownColumn(name, col, s)
		}
		fields = append(fields, s.Field(at[0]))
	}
	return arrow.NewSchema(fields, nil), nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func unknownColumn(source, col string, s *arrow.Schema) error {
	return fmt.Errorf("%s: %w %q; there are %s", source, ErrUnknownColumn, col, columnList(fieldNames(s)))
}

func fieldNames(s *arrow.Schema) []string {
	names := make([]string, s.NumFields())
	for i, f := range s.Fields() {
		names[i] = f.Name
	}
	return names
}

func columnList(names []string) string {
	const most = 30
	quoted := make([]string, 0, min(len(names), most))
	for _, n := range names[:min(len(names), most)] {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	if len(names) > most {
		quoted = append(quoted, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(quoted, ", ")
}

// project is the schema of the columns that Open asks for.
func project(source string, s *arrow.Schema, columns []string) (*arrow.Schema, error) {
	if columns == nil {
		return s, nil
	}
	fields := make([]arrow.Field, 0, len(columns))
	for _, col := range columns {
		at := s.FieldIndices(col)
		if len(at) == 0 {
			return nil, unknownColumn(source, col, s)
		}
		fields = append(fields, s.Field(at[0]))
	}
	return arrow.NewSchema(fields, nil), nil
}
