package frame

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/source"
)

// Option changes how Read understands files, or how Write writes them.
type Option struct {
	apply   func(*source.Options) error
	rejects **Frame // what is set to the frame of rejects
}

// character is a rune given as one, as a byte, or as a string of one.
func character(call string, c any) (rune, error) {
	switch c := c.(type) {
	case rune:
		return c, nil
	case byte:
		return rune(c), nil
	case string:
		if r, n := utf8.DecodeRuneInString(c); n == len(c) && n > 0 {
			return r, nil
		}
	}
	return 0, fmt.Errorf("option %s: %#v is not one character", call, c)
}

// Delimiter sets what separates the fields of a CSV, as a rune or a string of one: Delimiter(';').
func Delimiter(d any) Option {
	return Option{apply: func(o *source.Options) (err error) {
		o.Delimiter, err = character("Delimiter", d)
		return err
	}}
}

// Quote sets what the fields of a CSV are quoted by in place of ", as a rune or a string of one. Quote("") says that
// nothing is quoted: a quote is a character like any other.
func Quote(q any) Option {
	return Option{apply: func(o *source.Options) (err error) {
		if q == "" {
			o.Quote = source.NoQuote
			return nil
		}
		o.Quote, err = character("Quote", q)
		return err
	}}
}

// Escape sets what makes a quote in a quoted field of a CSV one of the text, beside a second quote: Escape('\\'). Together
// with Quote("") it does so for a delimiter or line end.
func Escape(e any) Option {
	return Option{apply: func(o *source.Options) (err error) {
		o.Escape, err = character("Escape", e)
		return err
	}}
}

// Comment sets what lines of a CSV that are to be passed over begin with: Comment("#").
func Comment(prefix string) Option {
	return Option{apply: func(o *source.Options) error {
		if prefix == "" {
			return errors.New("option Comment: the text that comments begin with is empty")
		}
		o.Comment = prefix
		return nil
	}}
}

// Encoding sets the encoding of texts that are not UTF-8: latin1, windows-1252, utf-16, shift_jis and so on.
// Encoding("utf8-lossy") reads what is not UTF-8 as U+FFFD.
func Encoding(name string) Option {
	return Option{apply: func(o *source.Options) error { o.Encoding = name; return nil }}
}

// Header says that the first line of a CSV has the names of the columns, also where it looks like the rows below.
func Header() Option {
	return Option{apply: func(o *source.Options) error { o.Header = true; return nil }}
}

// NoHeader says that the first line of a CSV is data; the columns are then called column_1, column_2, ...
func NoHeader() Option {
	return Option{apply: func(o *source.Options) error { o.NoHeader = true; return nil }}
}

// NullWords sets the words that mean null in text formats, in place of the defaults: nothing, NA, N/A, null, NULL.
//
//	Read("x.csv", NullWords("", "-", "missing"))
func NullWords(words ...string) Option {
	return Option{apply: func(o *source.Options) error {
		o.NullWords = append([]string{}, words...)
		return nil
	}}
}

// Types sets the types of columns that would be guessed: bool, int, uint, float, string, binary, date, time,
// datetime, duration.
//
//	Read("x.csv", Types(map[string]string{"zip": "string"}))
func Types(types map[string]string) Option {
	return Option{apply: func(o *source.Options) error {
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
	return Option{apply: func(o *source.Options) error {
		if len(names) == 0 {
			return errors.New("option Columns: no columns named")
		}
		o.Columns = append([]string{}, names...)
		return nil
	}}
}

// Format sets the format where the file's name does not say it: csv, tsv, parquet, arrow, ndjson.
func Format(name string) Option {
	return Option{apply: func(o *source.Options) error {
		o.Format = strings.ToLower(strings.TrimPrefix(name, "."))
		return nil
	}}
}

// SampleRows sets how many rows of a text file are looked at to guess its types.
func SampleRows(n int) Option {
	return Option{apply: func(o *source.Options) error {
		if n < 1 {
			return fmt.Errorf("option SampleRows: %d rows; want 1 or more", n)
		}
		o.SampleRows = n
		return nil
	}}
}

// Ragged reads rows of a CSV with too few fields as if nulls followed, and of those with too many the first fields. Else
// such rows are an error.
func Ragged() Option {
	return Option{apply: func(o *source.Options) error { o.Ragged = true; return nil }}
}

// Widen guesses the types of the columns of a text from all its rows, so that no later row contradicts the samples: a
// column of integers with a fraction far on is one of floats. It reads the text once more.
func Widen() Option {
	return Option{apply: func(o *source.Options) error { o.Widen = true; return nil }}
}

// Rejects leaves out the rows of a CSV or newline JSON that do not parse and makes bad the frame of them: file, line, column
// (null where the row as a whole is wrong), reason, text. That frame reads the files again. Every column is parsed then,
// whichever is asked for.
//
//	var bad *Frame
//	df := Read("x.csv", Rejects(&bad))
func Rejects(bad **Frame) Option {
	return Option{apply: func(o *source.Options) error {
		if bad == nil {
			return errors.New("option Rejects: no frame to set: give a pointer to a variable of type *Frame")
		}
		o.Rejects = true
		return nil
	}, rejects: bad}
}

// UnionColumns reads several files of which each may have columns that others lack: those are null there. Without it
// the files must have the same columns, in any order.
func UnionColumns() Option {
	return Option{apply: func(o *source.Options) error { o.Union = true; return nil }}
}

// QuoteAll writes every value of a CSV in quotes, nulls aside.
func QuoteAll() Option {
	return Option{apply: func(o *source.Options) error { o.QuoteAll = true; return nil }}
}
