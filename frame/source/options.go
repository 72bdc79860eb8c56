package source

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/parquet/encode"
)

// Options say how files are read. The zero value detects everything.
type Options struct {
	// Delimiter of a CSV file; 0 detects one of , ; tab |.
	Delimiter rune
	// NoHeader says that the first line of a CSV file is data; columns are named column_1, column_2 and so on.
	NoHeader bool
	// Header says that the first line of a CSV file has the columns' names. Where neither is set, it is data if its
	// fields have the types of the rows below.
	Header bool
	// Quote is what fields of a CSV file are quoted by: 0 means ", NoQuote that a quote is a character like others.
	Quote rune
	// Escape is what makes a quote in a quoted field one of the text, beside a second quote; 0 means nothing does. Where
	// nothing is quoted it does so for any character.
	Escape rune
	// Comment is what lines of a CSV file that are to be passed over begin with; "" means that there are none.
	Comment string
	// Ragged fills rows of a CSV file that have too few fields with nulls, and takes of those with too many the first.
	Ragged bool
	// Rejects leaves rows of a text that do not parse out; Rejects, the function, gives them.
	Rejects bool
	// Widen guesses the types of a text's columns from all its rows, not from samples: the text is read once more.
	Widen bool
	// Union reads files that have other columns than the first: a column that a file lacks is null there.
	Union bool
	// Encoding of a text where it is not UTF-8 or UTF-16 with a byte order mark: a name of the WHATWG's list, utf-16, or
	// utf8-lossy, in which what is not UTF-8 becomes U+FFFD.
	Encoding string
	// NullWords are the unquoted words of a CSV file that mean null; nil means "", NA, N/A, null, NULL.
	NullWords []string
	// Types declares columns' types where the sample would guess wrong.
	Types map[string]arrow.DataType
	// Columns narrows the source to these, in this order; nil means all.
	Columns []string
	// SampleRows is how many rows at a file's start the types are guessed from, beside samples further on; 0 means
	// what a first few hundred KiB hold.
	SampleRows int
	// QuoteAll writes every value of a CSV file in quotes, nulls aside.
	QuoteAll bool
	// Format is csv, tsv, parquet, arrow or ndjson where the file's name does not tell.
	Format string
	// PartitionBy is the columns whose values the folders have that Parquet files are written to.
	PartitionBy []string
	// Overwrite replaces a folder that is there.
	Overwrite bool
	// Parquet says how a Parquet file is written.
	Parquet encode.Options
}

// NoQuote as Options.Quote says that nothing is quoted.
const NoQuote rune = -1

// syntax is what is declared of a CSV file's syntax.
func (o *Options) syntax() syntax {
	x := syntax{delim: byte(o.Delimiter), quote: byte(o.Quote), escape: byte(o.Escape), comment: o.Comment, exact: o.Rejects}
	switch o.Quote {
	case 0:
		x.quote = '"'
	case NoQuote:
		x.quote = 0
	}
	return x
}

func (o *Options) nullWords() []string {
	if o.NullWords == nil {
		return []string{"", "NA", "N/A", "null", "NULL"}
	}
	return o.NullWords
}

// check looks for what can't be right whatever the files are.
func (o *Options) check() error {
	if err := o.checkSyntax(); err != nil {
		return err
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

// checkSyntax looks for characters that can't have the meaning given to them, or that have two.
func (o *Options) checkSyntax() error {
	taken := map[rune]string{}
	for _, c := range []struct {
		char rune
		name string
	}{{o.Delimiter, "delimiter"}, {max(o.Quote, 0), "quote"}, {o.Escape, "escape"}} {
		switch r := c.char; {
		case r == 0:
			continue
		case r > 0x7e || r == '\n' || r == '\r' || isDigit(byte(r)) || r == '"' && c.name == "delimiter":
			return fmt.Errorf("%s %q: want one ASCII character that is no digit or line end, and no quote as the delimiter", c.name, r)
		case taken[r] != "":
			return fmt.Errorf("%s %q: it is the %s too", c.name, r, taken[r])
		}
		taken[c.char] = c.name
	}
	if strings.ContainsAny(o.Comment, "\r\n") || o.Comment != "" && taken[rune(o.Comment[0])] != "" {
		return fmt.Errorf("comment %q: want the characters that comments begin with, no line end, delimiter or quote", o.Comment)
	}
	if o.Header && o.NoHeader {
		return errors.New("there is a header or there is none: not both Header and NoHeader")
	}
	_, err := decoderOf(o.Encoding)
	return err
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
		return unmarked(s), nil
	}
	fields := make([]arrow.Field, 0, len(columns))
	for _, col := range columns {
		at := s.FieldIndices(col)
		if len(at) == 0 {
			return nil, unknownColumn(source, col, s)
		}
		fields = append(fields, s.Field(at[0]))
	}
	return unmarked(arrow.NewSchema(fields, nil)), nil
}
