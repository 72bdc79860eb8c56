package frame

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/plan"
	"github.com/rivulet-go/rivulet/frame/source"
)

// Option changes how Read understands files.
type Option struct {
	apply func(*source.Options) error
}

// Delimiter sets what separates the fields of a CSV, as a rune or a string of one: Delimiter(';').
func Delimiter(d any) Option {
	return Option{func(o *source.Options) error {
		switch d := d.(type) {
		case rune:
			o.Delimiter = d
			return nil
		case byte:
			o.Delimiter = rune(d)
			return nil
		case string:
			if r, n := utf8.DecodeRuneInString(d); n == len(d) && n > 0 {
				o.Delimiter = r
				return nil
			}
		}
		return fmt.Errorf("option Delimiter: %#v is not one character", d)
	}}
}

// NoHeader says that the first line of a CSV is data; the columns are then called column_1, column_2, ...
func NoHeader() Option {
	return Option{func(o *source.Options) error { o.NoHeader = true; return nil }}
}

// NullWords sets the words that mean null in text formats, in place of the defaults: nothing, NA, N/A, null, NULL.
//
//	Read("x.csv", NullWords("", "-", "missing"))
func NullWords(words ...string) Option {
	return Option{func(o *source.Options) error {
		o.NullWords = append([]string{}, words...)
		return nil
	}}
}

// Types sets the types of columns that would be guessed: bool, int, uint, float, string, binary, date, time,
// datetime, duration.
//
//	Read("x.csv", Types(map[string]string{"zip": "string"}))
func Types(types map[string]string) Option {
	return Option{func(o *source.Options) error {
		if o.Types == nil {
			o.Types = map[string]arrow.DataType{}
		}
		for _, c := range sortedKeys(types) {
			t, err := parseType(types[c])
			if err != nil {
				return fmt.Errorf("option Types: column %q: %w", c, err)
			}
			o.Types[c] = t
		}
		return nil
	}}
}

// Columns reads these columns only, in this order.
func Columns(names ...string) Option {
	return Option{func(o *source.Options) error {
		if len(names) == 0 {
			return errors.New("option Columns: no columns named")
		}
		o.Columns = append([]string{}, names...)
		return nil
	}}
}

// Format sets the format where the file's name does not say it: csv, tsv, parquet, arrow, ndjson.
func Format(name string) Option {
	return Option{func(o *source.Options) error {
		o.Format = strings.ToLower(strings.TrimPrefix(name, "."))
		return nil
	}}
}

// SampleRows sets how many rows of a text file are looked at to guess its types.
func SampleRows(n int) Option {
	return Option{func(o *source.Options) error {
		if n < 1 {
			return fmt.Errorf("option SampleRows: %d rows; want 1 or more", n)
		}
		o.SampleRows = n
		return nil
	}}
}

// Read is a frame over files: a path, a glob, or a list of them. The extension says what they are: csv, tsv (also
// .gz, .zst, .zip), parquet, arrow, feather, ipc, ndjson, jsonl. Several files are read one after the other and must
// have the same columns. Only as much as the schema needs is read now.
//
//	df := Read("flights.csv.zip")
//	df := Read("logs/2024-*.csv.gz", Delimiter(';'), Types(map[string]string{"zip": "string"}))
//	df := Read([]string{"a.parquet", "b.parquet"})
func Read(path any, options ...Option) *Frame {
	paths, err := pathList(path)
	if err != nil {
		return failedFrame("Read", err)
	}
	var o source.Options
	for _, option := range options {
		if option.apply == nil {
			continue
		}
		if err := option.apply(&o); err != nil {
			return failedFrame("Read", err)
		}
	}
	ctx := cellContext()
	src, err := source.Open(ctx, paths, o)
	if err != nil {
		return failedFrame("Read", err)
	}
	n, err := plan.NewScan(ctx, src)
	if err != nil {
		return failedFrame("Read", err)
	}
	return &Frame{node: n, name: src.Name()}
}

func pathList(path any) ([]string, error) {
	switch p := path.(type) {
	case string:
		if p == "" {
			return nil, errors.New("the path is empty")
		}
		return []string{p}, nil
	case []string:
		if len(p) == 0 {
			return nil, errors.New("the list of paths is empty")
		}
		return append([]string(nil), p...), nil
	case []any:
		var out []string
		for _, v := range p {
			s, ok := v.(string)
			if !ok {
				return nil, fmt.Errorf("a path is a string, not a %T", v)
			}
			out = append(out, s)
		}
		return pathList(out)
	}
	return nil, fmt.Errorf("want a path, a glob or a list of them, not a %T", path)
}
